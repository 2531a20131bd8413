"""The scoring service's collaborators in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType, SimpleNamespace
from typing import Any

from tests.unit.scoring.scoring_examples import (
    NINE,
    ROUTING,
    RUBRIC,
    RULE,
    STUDENT,
    TEN,
    levels,
    teacher,
    waiting,
)

from chassis.testing import MemoryRepository
from contracts.artifacts import ArtifactUploaded
from scoring.domain.routing import Desk, RoutingRule, Scorer, SeedPaper, Standing, Student
from scoring.domain.rubrics import Rubric
from scoring.domain.tasks import Pool, Task, Workflow
from scoring.use_cases import queueing, reading
from scoring.use_cases.claiming import Claim, Desktop, claim_task
from scoring.use_cases.ports import Candidate

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


#: Tasks that one look into the queue finds.
BATCH = 20


class MemoryTasks(MemoryRepository[Task]):
    """Tasks and their queue."""

    #: What the queue believes of students.
    students: Mapping[str, Student] = MappingProxyType({})
    #: About whom it was asked how often a scorer has read them.
    questions: list[list[str]]
    #: Called before each write of the queue, to let somebody else be faster.
    meanwhile: Callable[[str], object] | None = None

    def __init__(self) -> None:
        super().__init__()
        self.questions = []

    def open_of(self, scorer_id: str) -> list[Task]:
        return [each for each in self.values.values() if each.lease and each.lease.scorer_id == scorer_id]

    def read_by(self, scorer_id: str) -> Iterator[Task]:
        return iter(
            [task for task in self.values.values() if any(each.scorer_id == scorer_id for each in task.reads)]
        )

    def reads_of(self, scorer_id: str, student_ids: Sequence[str], since: datetime) -> dict[str, int]:
        self.questions.append(list(student_ids))
        return {
            student_id: sum(
                any(read.scorer_id == scorer_id and read.given_at >= since for read in each.reads)
                for each in self.values.values()
                if each.submission.student_id == student_id
            )
            for student_id in student_ids
        }

    def due(self, at: datetime) -> list[str]:
        return [key for key, each in self.values.items() if each.wake_at and each.wake_at <= at]

    def waiting(
        self, pool: Pool, area: tuple[str, str], *, late: bool, start: float
    ) -> Iterator[Sequence[Candidate]]:
        here = [
            Candidate(waiting(each), self.students.get(each.submission.student_id or ""))
            for each in self.values.values()
            if each.pool is pool
            and (each.submission.skill_id, each.band) == area
            and bool(each.steps) is late
        ]
        yield from (here[place : place + BATCH] for place in range(0, len(here), BATCH))

    def take(self, task_id: str, decide: Any) -> Task | None:
        if self.meanwhile:
            self.meanwhile(task_id)
        return self.change(task_id, decide)


@dataclass
class World:
    """One district."""

    rule: Workflow = RULE
    routing: RoutingRule = ROUTING
    tasks: MemoryTasks = field(default_factory=MemoryTasks)
    desks: MemoryRepository[Desk] = field(default_factory=MemoryRepository)
    students: dict[str, Student] = field(default_factory=lambda: {"s-1": STUDENT})
    #: What the queue still believes of students, if that is not what is so by now.
    seen_students: dict[str, Student] = field(default_factory=dict)
    staff: dict[str, Scorer] = field(
        default_factory=lambda: (
            {each: teacher(each, "west") for each in ("t-west", "t-north", "t-south")}
            | {"lead": teacher("lead", "west", role="counselor")}
        )
    )
    standing: dict[str, Any] = field(default_factory=dict)
    paper: SeedPaper | None = None

    def current(self, at: datetime) -> Sequence[Rubric]:
        return [RUBRIC]

    def of_version(self, version: str) -> Sequence[Rubric]:
        return [RUBRIC] if version == RUBRIC.version else []

    def find(self, key: str) -> Any:
        """A staff member, or a rubric version."""
        if key == RUBRIC.version:
            return SimpleNamespace(effective=date(2026, 7, 1))
        return self.staff.get(key)

    def may_read(self, scorer_id: str, skill_id: str, band: str, at: datetime) -> Standing:
        known = {"qualified": True, "paused": False, "capacity": None, "reads": 100, **self.standing}
        return Standing(scorer_id=scorer_id, skill_id=skill_id, band=band, **known)

    def next_for(self, standing: Standing, held: Sequence[Task], at: datetime) -> SeedPaper | None:
        return self.paper

    def open(self, uploaded: ArtifactUploaded = UPLOADED, *, at: datetime = NINE) -> str:
        queueing.open_task(uploaded, at=at, tasks=self.tasks, rubrics=self, rule=self.rule)
        return queueing.task_id_of(uploaded.artifact_id)

    def claim(
        self,
        scorer_id: str = "t-west",
        lease_id: str = "",
        *,
        at: datetime = TEN,
        skill_id: str | None = None,
        band: str | None = None,
    ) -> Task | None:
        here: Any = self
        self.tasks.students = self.seen_students or self.students
        desktop = Desktop(
            tasks=self.tasks,
            queue=self.tasks,
            desks=self.desks,
            students=MemoryRepository(self.students),
            staff=here,
            rubrics=here,
            standings=here,
            seeds=here,
            rule=self.rule,
            routing=self.routing,
        )
        name = lease_id or f"{scorer_id}-{len(self.tasks.writes)}"
        claim = Claim(lease_id=name, scorer_id=scorer_id, at=at, skill_id=skill_id, band=band)
        return claim_task(claim, desktop)

    def read(self, task_id: str, scorer_id: str, message: int, craft: int, *, at: datetime = TEN) -> Task:
        here: Any = self
        return reading.give_read(
            task_id,
            levels(message, craft, "Clear."),
            scorer_id=scorer_id,
            at=at,
            tasks=self.tasks,
            rubrics=here,
            standings=here,
            rule=self.rule,
        )

    def said(self) -> list[str]:
        return [each.contract.name for each in self.tasks.facts]
