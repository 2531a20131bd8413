"""Who gets what to read, and that nobody else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.scoring.scoring_examples import (
    NINE,
    NOON,
    ROUTING,
    RUBRIC,
    RULE,
    STUDENT,
    SUBMISSION,
    TEN,
    TWICE,
    leased,
    teacher,
    waiting,
)
from tests.unit.scoring.workflow_world import UPLOADED, World

from scoring.domain.routing import (
    Desk,
    FormerTeacher,
    Scorer,
    SeedPaper,
    Student,
    SuspendedError,
    may_open,
    pools_of,
    rank,
    year_began,
)
from scoring.domain.tasks import Pool, Purpose, State, Task
from scoring.use_cases import reading
from scoring.use_cases.claiming import AtCapacityError, NotAScorerError


@pytest.fixture
def world() -> World:
    return World()


def test_a_scorer_gets_what_waits_and_nobody_else_gets_it(world: World) -> None:
    task_id = world.open()

    claimed = world.claim()

    assert claimed is not None
    assert (claimed.task_id, claimed.state) == (task_id, State.LEASED)
    assert claimed.lease is not None
    assert (claimed.lease.scorer_id, claimed.lease.slot) == ("t-west", 0)
    assert world.claim("t-north") is None


def test_the_same_claim_again_gives_the_same_task(world: World) -> None:
    world.open()
    world.open(replace(UPLOADED, artifact_id="a-2", student_id="s-1"))

    first, again, other = (
        world.claim(lease_id="one"),
        world.claim(lease_id="one"),
        world.claim(lease_id="two"),
    )

    assert first is again
    assert other is not None
    assert other.lease is not None
    assert other.lease.slot == 1


@pytest.mark.parametrize(
    "scorer",
    [
        teacher("t-west", "east"),
        teacher("t-west", "west", "made-here"),
        teacher("t-own", "west"),
        teacher("t-former", "west"),
        teacher("t-cousin", "west"),
        teacher("t-done", "west"),
        teacher("t-reader", "west"),
    ],
    ids=lambda scorer: scorer.staff_id,
)
def test_nobody_reads_whom_they_know_or_have_read_enough(scorer: Scorer) -> None:
    student = replace(
        STUDENT,
        former_teachers=(FormerTeacher(staff_id="t-former", until=NINE - timedelta(days=300)),),
    )
    task = replace(_queued(), declined=("t-reader",))
    cousins = {"s-1"} if scorer.staff_id == "t-cousin" else set()
    desk = Desk(scorer_id=scorer.staff_id, students=frozenset(cousins))
    reads = 2 if scorer.staff_id == "t-done" else 1

    def may(of: Student | None) -> bool:
        return may_open(waiting(task), scorer, of, desk, reads, rule=ROUTING, at=TEN)

    assert not may(student)
    assert not may(None)
    assert not may(replace(student, enrolled=False))


def _queued() -> Task:
    world = World()
    return world.tasks.get(world.open(replace(UPLOADED, school_id="made-here")))


def test_anybody_else_may_read_and_a_teacher_of_long_ago_too() -> None:
    student = replace(
        STUDENT, former_teachers=(FormerTeacher(staff_id="t-west", until=NINE - timedelta(days=400)),)
    )
    desk, here = Desk(scorer_id="t-west", schools=frozenset({"elsewhere"})), waiting(_queued())

    assert may_open(here, teacher("t-west", "west"), student, desk, 0, rule=ROUTING, at=TEN)
    at_school = replace(desk, schools=frozenset({"made-here"}))
    assert not may_open(here, teacher("t-west", "west"), student, at_school, 0, rule=ROUTING, at=TEN)


def test_roles_say_who_reads_and_who_decides() -> None:
    assert pools_of(teacher("t", "west"), ROUTING) == {Pool.SCORERS}
    assert pools_of(teacher("t", "west", role="counselor"), ROUTING) == {Pool.SCORERS, Pool.LEADS}
    named = replace(ROUTING, lead_ids=frozenset({"t"}))
    assert pools_of(teacher("t", "west", role="principal"), named) == {Pool.SCORERS, Pool.LEADS}
    assert pools_of(teacher("t", "west", role="principal"), ROUTING) == frozenset()
    assert pools_of(teacher("t", "west", active=False), ROUTING) == frozenset()


def test_a_school_year_begins_once_a_year() -> None:
    assert year_began(NINE, (7, 1)).isoformat() == "2026-07-01T00:00:00+00:00"
    assert year_began(NINE, (12, 1)).isoformat() == "2025-12-01T00:00:00+00:00"


def test_ranks_are_random_and_always_the_same() -> None:
    assert rank("a", "t") == rank("a", "t") != rank("a", "u")


def test_only_leads_get_what_two_readers_disagree_about(world: World) -> None:
    world.rule = TWICE
    task_id = world.open()
    for scorer_id, message in (("t-west", 4), ("t-north", 1)):
        world.claim(scorer_id)
        world.read(task_id, scorer_id, message, 3)

    assert world.claim("t-south") is None
    claimed = world.claim("lead")
    assert claimed is not None
    assert claimed.state is State.LEASED_ADJUDICATION


def test_whoever_is_slower_takes_another_one(world: World) -> None:
    first = world.open()
    second = world.open(replace(UPLOADED, artifact_id="a-2"))

    def overtake(task_id: str) -> None:
        world.tasks.meanwhile = None
        world.tasks.values[task_id] = leased(world.tasks.values[task_id], "t-north")

    world.tasks.meanwhile = overtake
    claimed = world.claim("t-west")

    assert claimed is not None
    assert {each.task_id for each in world.tasks.open_of("t-north")} | {claimed.task_id} == {first, second}
    world.tasks.meanwhile = world.tasks.values.pop
    world.open(replace(UPLOADED, artifact_id="a-3"))
    assert world.claim("t-south") is None


def test_what_a_scorer_has_open_of_a_student_counts_as_read(world: World) -> None:
    for number in range(3):
        world.open(replace(UPLOADED, artifact_id=f"a-{number}"))

    assert world.claim()
    assert world.claim()
    assert world.claim() is None
    assert world.claim("t-north")


def test_many_of_whom_a_scorer_has_read_enough_are_one_question(world: World) -> None:
    for number in range(30):
        student_id = f"s-{number}"
        world.students[student_id] = replace(STUDENT, student_id=student_id)
        for of_student in range(3):
            uploaded = replace(UPLOADED, artifact_id=f"a-{number}-{of_student}", student_id=student_id)
            world.open(uploaded)
    while task := world.claim():
        world.read(task.task_id, "t-west", 3, 3)
    assert sum(each.pool is Pool.SCORERS for each in world.tasks.values.values()) == 30
    world.tasks.questions.clear()

    assert world.claim() is None
    assert [len(each) for each in world.tasks.questions] == [1, 19, 1, 9]


def test_the_roster_decides_as_it_is_now_and_not_as_the_queue_saw_it(world: World) -> None:
    world.open()
    world.seen_students = dict(world.students)
    world.students["s-1"] = replace(STUDENT, school_id="west")
    paper = replace(SUBMISSION, artifact_id="paper-1", student_id=None, school_id=None)

    assert world.claim() is None
    # Nor is there a seed in the place of what they may not open.
    world.paper = SeedPaper(
        paper_id="paper-1", submission=paper, rubric_id=RUBRIC.rubric_id, rubric_version=RUBRIC.version
    )
    assert world.claim() is None


def test_a_scorer_has_only_so_many_open(world: World) -> None:
    for number in range(7):
        student_id = f"s-{number}"
        world.students[student_id] = replace(STUDENT, student_id=student_id)
        world.open(replace(UPLOADED, artifact_id=f"a-{number}", student_id=student_id))
    opened = [world.claim() for _ in range(5)]

    assert sorted(each.lease.slot for each in opened if each and each.lease) == [0, 1, 2, 3, 4]
    with pytest.raises(AtCapacityError, match="at most 5"):
        world.claim()
    world.standing = {"capacity": 1}
    assert world.claim("t-north") is not None
    assert world.claim("t-north") is None


def test_a_desk_that_fills_up_meanwhile_is_full(world: World) -> None:
    world.rule = replace(RULE, lease=replace(RULE.lease, most_open=1))
    for number in range(3):
        world.open(replace(UPLOADED, artifact_id=f"a-{number}"))

    def fill(task_id: str) -> None:
        """Another claim of the scorer takes the same place on their desk, on another task."""
        world.tasks.meanwhile = lambda _: world.tasks.values.pop(task_id, None)
        other = next(each for each in world.tasks.values if each != task_id)
        world.tasks.values[other] = leased(world.tasks.values[other], "t-west")
        del world.tasks.values[task_id]

    world.tasks.meanwhile = fill

    with pytest.raises(AtCapacityError):
        world.claim()


def test_refuses_who_does_not_read_or_may_not(world: World) -> None:
    world.open()
    with pytest.raises(NotAScorerError):
        world.claim("nobody")
    world.staff["p"] = teacher("p", "west", role="principal")
    with pytest.raises(NotAScorerError):
        world.claim("p")
    world.desks.values["t-west"] = Desk(scorer_id="t-west", suspended_at=NINE)
    with pytest.raises(SuspendedError):
        world.claim("t-west")
    for standing in ({"qualified": False}, {"paused": True}):
        world.standing = standing
        with pytest.raises(NotAScorerError, match="not qualified"):
            world.claim("t-north")


def test_gets_only_what_was_asked_for(world: World) -> None:
    world.open()

    assert world.claim(skill_id="emerging-innovator") is None
    assert world.claim(band="9-12") is None
    assert world.claim(skill_id=RUBRIC.skill_id, band="K-5") is not None


def test_a_paper_takes_an_artifacts_place_and_looks_like_one(world: World) -> None:
    world.open()
    world.paper = SeedPaper(
        paper_id="paper-1",
        submission=replace(SUBMISSION, artifact_id="paper-1", student_id=None, school_id=None),
        rubric_id=RUBRIC.rubric_id,
        rubric_version=RUBRIC.version,
    )

    claimed = world.claim()

    assert claimed is not None
    assert (claimed.purpose, claimed.state, claimed.submission.artifact_id) == (
        Purpose.SEED,
        State.LEASED,
        "paper-1",
    )
    filed = world.read(claimed.task_id, "t-west", 4, 4, at=NOON)
    assert filed.state is State.FILED
    assert world.said()[-1] == "read.given"


def test_calibration_hears_of_a_paper_that_is_found_unscorable(world: World) -> None:
    world.open()
    world.paper = SeedPaper(
        paper_id="paper-1",
        submission=replace(SUBMISSION, artifact_id="paper-1", student_id=None, school_id=None),
        rubric_id=RUBRIC.rubric_id,
        rubric_version=RUBRIC.version,
    )
    claimed = world.claim()
    assert claimed is not None
    assert claimed.lease is not None

    reading.find_unscorable(
        claimed.task_id, "blank", scorer_id="t-west", at=NOON, tasks=world.tasks, rule=world.rule
    )

    told = world.tasks.facts[-1].data
    assert (told.artifact_id, told.purpose, told.levels, told.unscorable) == ("paper-1", "seed", (), "blank")
    assert (told.lease_id, told.leased_at, told.given_at) == (claimed.lease.lease_id, TEN, NOON)


def test_papers_of_a_set_come_while_nothing_waits_but_seeds_do_not(world: World) -> None:
    paper = SeedPaper(
        paper_id="paper-1",
        submission=replace(SUBMISSION, artifact_id="paper-1", student_id=None, school_id=None),
        rubric_id=RUBRIC.rubric_id,
        rubric_version=RUBRIC.version,
    )
    world.paper = paper
    assert world.claim(skill_id=RUBRIC.skill_id, band=RUBRIC.band) is None

    world.paper, world.standing = replace(paper, purpose=Purpose.QUALIFICATION), {"qualified": False}

    assert world.claim() is None
    claimed = world.claim(skill_id=RUBRIC.skill_id, band=RUBRIC.band)
    assert claimed is not None
    assert claimed.purpose is Purpose.QUALIFICATION

    # Once something waits they need not say what they train for.
    world.open()
    while_others_wait = world.claim()
    assert while_others_wait is not None
    assert while_others_wait.purpose is Purpose.QUALIFICATION
