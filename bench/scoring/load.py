"""Load a district's year of scoring into a document store, through the service's own repositories.

A year is 480,000 artifacts of 96,000 students and 3,000 scorers in 165 schools. Most of it is read and
released; what waits is what the claims are measured on.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from types import SimpleNamespace
from typing import TypeVar

from chassis.mongo import Decide, connect, create_indexes
from chassis.mongo.documents import stored
from chassis.outbox import UnitOfWork
from contracts.artifacts import GRADES
from scoring import documents
from scoring.domain.rubrics import CriterionLevel, Rubric, rubric_for
from scoring.domain.tasks import (
    ReaderFacts,
    Submission,
    Task,
    Workflow,
    give_read,
    lease,
    submit,
)
from scoring.entrypoints.policies import PolicyReader, read_policies
from scoring.repository import RubricShelf, Tasks
from scoring.use_cases.queueing import task_id_of

Row = TypeVar("Row")

ARTIFACTS, STUDENTS, SCORERS, SCHOOLS = 480_000, 96_000, 3_000, 165
DISTRICT = "jcps"
_BATCH = 200
#: Long enough ago that no clock wakes what was read.
LOADED_READS_AT = datetime(2026, 10, 1, 15, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Year:
    """A share of a year.

    Attributes:
        waiting: of the artifacts, how many wait to be read.
    """

    artifacts: int
    students: int
    scorers: int
    waiting: int

    @classmethod
    def share(cls, share: float, waiting: int) -> Year:
        """Return so much of a whole year, with all of its scorers."""
        return cls(
            artifacts=max(waiting, round(ARTIFACTS * share)),
            students=max(SCHOOLS, round(STUDENTS * share)),
            scorers=SCORERS,
            waiting=waiting,
        )


def scorer_id(number: int) -> str:
    """Return a scorer's id."""
    return f"t-{number:05}"


def load(mongo_url: str, database: str, year: Year, *, seed: int = 1) -> float:
    """Load a year; return how many seconds that took.

    Args:
        mongo_url: of a store.
        database: an empty one.
        year: how much.
        seed: of the levels and of who read what.
    """
    connect(mongo_url, database)
    create_indexes(documents)
    started = time.monotonic()
    _load_people(year)
    work = UnitOfWork(district=DISTRICT, cause="load", now=LOADED_READS_AT, repeats=False)
    tasks, made = Tasks(work), 0
    for batch in _batches(_tasks(year, random.Random(seed))):  # noqa: S311 - a simulation
        tasks.change_many([(task.task_id, _as_it_is(task)) for task in batch])
        made += len(batch)
        print(f"\r{made:,} of {year.artifacts:,} artifacts", end="", file=sys.stderr)
    print(file=sys.stderr)
    return time.monotonic() - started


def _as_it_is(task: Task) -> Decide[Task]:
    return lambda _: (task, ())


def _load_people(year: Year) -> None:
    staff = (
        stored(
            documents.StaffCopy,
            {
                "id": scorer_id(number),
                "district": DISTRICT,
                "source_version": 1,
                "active": True,
                "posts": [documents.PostAt(school_id=_school(number), role="teacher")],
            },
        )
        for number in range(year.scorers)
    )
    students = (
        stored(
            documents.StudentCopy,
            {
                "id": f"s-{number:06}",
                "district": DISTRICT,
                "source_version": 1,
                "school_id": _school(number),
                "enrolled": True,
            },
        )
        for number in range(year.students)
    )
    for document, rows in ((documents.StaffCopy, staff), (documents.StudentCopy, students)):
        for batch in _batches(rows):
            document._get_collection().insert_many(list(batch), ordered=False)  # noqa: SLF001 - the driver's


def _tasks(year: Year, drawn: random.Random) -> Iterator[Task]:
    """Yield the year's tasks: the last ones wait, the others were read once."""
    reader = PolicyReader()
    reader.policies, reader.shelf = read_policies(SimpleNamespace(policy_dir="")), RubricShelf()
    work = UnitOfWork(district=DISTRICT, cause="load", now=LOADED_READS_AT)
    rule, rubrics = (
        reader.workflow_for(work),
        reader.policies.current("rubrics", district=DISTRICT, on=LOADED_READS_AT.date()).framework.rubrics,
    )
    skills = sorted({each.skill_id for each in rubrics})
    for number in range(year.artifacts):
        student = number % year.students
        submission = Submission(
            artifact_id=f"a-{number:06}",
            student_id=f"s-{student:06}",
            school_id=_school(student),
            grade=GRADES[student % len(GRADES)],
            skill_id=skills[number % len(skills)],
            title="How we saved the creek",
            reflection="I explained our data to the class. " * 5,
            media_type="application/pdf",
        )
        rubric = rubric_for(rubrics, skill_id=submission.skill_id, grade=submission.grade)
        waits = number >= year.artifacts - year.waiting
        at = datetime.now(UTC) if waits else LOADED_READS_AT
        task = submit(task_id_of(submission.artifact_id), submission, rubric, at=at, rule=rule)
        yield task if waits else _read(task, rubric, rule, drawn, year)


def _read(task: Task, rubric: Rubric, rule: Workflow, drawn: random.Random, year: Year) -> Task:
    """Return a task read once by somebody of another school; a second read is not asked for."""
    own = int(str(task.submission.student_id)[2:]) % SCHOOLS
    who = scorer_id((own + 1 + drawn.randrange(year.scorers - SCHOOLS)) % year.scorers)
    opened = lease(task, f"lease-{task.task_id}", who, slot=0, at=LOADED_READS_AT, rule=rule.lease)
    levels = [
        CriterionLevel(criterion_id=each.criterion_id, level=drawn.randint(1, 4), feedback="Clear.")
        for each in rubric.criteria
    ]
    facts = ReaderFacts(reads_before=10_000, rubric_since=LOADED_READS_AT - timedelta(days=365))
    at = LOADED_READS_AT + timedelta(minutes=6)
    return give_read(opened, rubric, levels, scorer_id=who, at=at, facts=facts, rule=rule)


def _school(number: int) -> str:
    return f"school-{number % SCHOOLS:03}"


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch
