"""Opening, assigning and reading, with everything in memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest
from tests.unit.scoring.scoring_examples import NINE, NOON, RUBRIC, STUDENT, TEN, levels, teacher

from chassis.testing import MemoryRepository
from contracts.artifacts import ArtifactUploaded
from contracts.scoring import ARTIFACT_SCORED, ArtifactScored, CriterionScore
from scoring import use_cases
from scoring.domain import (
    NoRubricError,
    NoTaskError,
    NotYourTaskError,
    Rubric,
    Scorer,
    State,
    Student,
    Task,
)

UPLOADED = ArtifactUploaded(
    artifact_id="a-1",
    student_id="s-1",
    school_id="east",
    grade="5",
    skill_id="effective-communicator",
    title="Letter to the city",
    reflection="I rewrote the opening.",
    sha256="0" * 64,
    size_bytes=3,
    media_type="text/plain",
    uploaded_at=NINE,
)
TASK_ID = use_cases.task_id_of("a-1")
OLDER = replace(RUBRIC, version="2025.1")


class MemoryTasks(MemoryRepository[Task]):
    def queued(self) -> Iterator[Task]:
        return iter(self.select(state=State.QUEUED))


@dataclass
class Policy:
    """The district's rubrics and routing."""

    def current(self, at: datetime) -> Sequence[Rubric]:
        return [RUBRIC]

    def of_version(self, version: str) -> Sequence[Rubric]:
        return [each for each in (RUBRIC, OLDER) if each.version == version]

    def roles(self, at: datetime) -> frozenset[str]:
        return frozenset({"teacher"})


@dataclass
class World:
    tasks: MemoryTasks = field(default_factory=MemoryTasks)
    students: dict[str, Student] = field(default_factory=dict)
    staff: list[Scorer] = field(default_factory=list)
    policy: Policy = field(default_factory=Policy)

    def existing(self, ids: Iterable[str]) -> Mapping[str, Student]:
        return {each: self.students[each] for each in ids if each in self.students}

    def everybody(self) -> Sequence[Scorer]:
        return self.staff

    def open(self, uploaded: ArtifactUploaded = UPLOADED) -> None:
        use_cases.open_scoring_task(
            uploaded,
            at=NINE,
            tasks=self.tasks,
            students=self,
            scorers=self,
            rubrics=self.policy,
            routing=self.policy,
        )

    def assign(self) -> int:
        return use_cases.assign_queued_tasks(
            at=TEN, tasks=self.tasks, students=self, scorers=self, routing=self.policy
        )

    def read(self, task_id: str = TASK_ID, message: int = 4, scorer_id: str = "t-west") -> Task:
        return use_cases.give_read(
            task_id,
            levels(message, 3, "Clear."),
            scorer_id=scorer_id,
            at=NOON,
            tasks=self.tasks,
            rubrics=self.policy,
        )

    def state(self) -> tuple[State, str | None]:
        task = self.tasks.get(TASK_ID)
        return task.state, task.scorer_id


@pytest.fixture
def world() -> World:
    return World(students={"s-1": STUDENT}, staff=[teacher("t-west", "west")])


def test_an_artifact_has_one_task_which_a_scorer_gets_at_once(world: World) -> None:
    world.open()
    world.open()

    assert world.tasks.writes == [TASK_ID]
    assert world.state() == (State.ASSIGNED, "t-west")
    assert world.tasks.facts == []


def test_a_skill_without_a_rubric_opens_no_task(world: World) -> None:
    with pytest.raises(NoRubricError):
        world.open(replace(UPLOADED, skill_id="sewing"))

    assert world.tasks.values == {}


def test_a_task_waits_for_the_copy_of_its_student(world: World) -> None:
    world.students.clear()
    world.open()
    assert world.state() == (State.QUEUED, None)
    assert world.assign() == 0

    world.students["s-1"] = STUDENT

    assert world.assign() == 1
    assert world.state() == (State.ASSIGNED, "t-west")


def test_a_task_waits_for_somebody_who_may_read(world: World) -> None:
    world.staff = [teacher("t-east", "east")]
    world.open()
    assert world.assign() == 0

    world.staff.append(teacher("t-north", "north"))

    assert world.assign() == 1
    assert world.state() == (State.ASSIGNED, "t-north")


def test_keeps_away_from_the_school_where_the_artifact_was_made(world: World) -> None:
    world.students["s-1"] = replace(STUDENT, school_id="north")
    world.staff = [teacher("t-east", "east")]

    world.open()

    assert world.state() == (State.QUEUED, None)


def test_assigns_many_tasks_in_batches(world: World) -> None:
    world.staff, waiting = [], world.staff
    for number in range(450):
        world.open(replace(UPLOADED, artifact_id=f"a-{number}"))
    world.staff = waiting

    assert world.assign() == 450
    assert world.assign() == 0


def test_leaves_a_task_alone_that_another_process_has_assigned_meanwhile(world: World) -> None:
    world.staff, waiting = [], world.staff
    world.open()
    stale = world.tasks.get(TASK_ID)
    world.staff = waiting
    world.assign()

    class Late(MemoryTasks):
        def queued(self) -> Iterator[Task]:
            return iter([stale, replace(stale, task_id="gone")])

    world.tasks = Late(world.tasks.values)

    assert world.assign() == 0


def test_a_read_scores_the_artifact_and_says_so_once(world: World) -> None:
    world.open()

    first, again = world.read(), world.read()

    assert first == again
    assert world.tasks.facts == [
        ARTIFACT_SCORED.says(
            ArtifactScored(
                artifact_id="a-1",
                student_id="s-1",
                school_id="east",
                grade="5",
                skill_id="effective-communicator",
                rubric_id="effective-communicator-k-5",
                rubric_version="2026.1",
                criteria=(
                    CriterionScore(criterion_id="message", level=4.0, feedback="Clear."),
                    CriterionScore(criterion_id="craft", level=3.0, feedback="Clear."),
                ),
                mean_level=3.5,
                scored_at=NOON,
            )
        )
    ]


def test_a_read_follows_the_rubric_version_that_the_task_was_opened_with(world: World) -> None:
    world.open()
    task = world.tasks.get(TASK_ID)
    world.tasks.values[TASK_ID] = replace(task, rubric_version="2024.1")

    with pytest.raises(NoRubricError):
        world.read()


def test_there_is_nothing_to_read_without_a_task(world: World) -> None:
    with pytest.raises(NoTaskError, match="there is no task task-9"):
        world.read("task-9")


def test_shows_a_task_with_its_rubric_to_its_scorer_and_to_the_office(world: World) -> None:
    world.open()
    shown = (world.tasks.get(TASK_ID), RUBRIC)

    for asks in ("t-west", None):
        assert use_cases.show_task(TASK_ID, scorer_id=asks, tasks=world.tasks, rubrics=world.policy) == shown
    with pytest.raises(NotYourTaskError):
        use_cases.show_task(TASK_ID, scorer_id="t-north", tasks=world.tasks, rubrics=world.policy)


@pytest.mark.parametrize(
    ("version", "skill_id", "grade", "found"),
    [
        (None, None, None, [RUBRIC]),
        ("2025.1", None, "4", [OLDER]),
        (None, "sewing", None, []),
        (None, "effective-communicator", "8", []),
    ],
)
def test_lists_rubrics(
    version: str | None, skill_id: str | None, grade: str | None, found: list[Rubric]
) -> None:
    assert (
        use_cases.list_rubrics(at=NOON, version=version, skill_id=skill_id, grade=grade, rubrics=Policy())
        == found
    )
