"""Load a district's year of scoring into a document store: who reads, what was read, and what waits.

A year is 480,000 artifacts of 96,000 students and 3,000 scorers in 165 schools, with some 650,000 reads: what
`statistics_simulation` let happen. A task that was read is a copy of one that the domain took through the
workflow, with other ids, scorers and levels; what waits comes from the domain itself. They go to the store
as they are, past the repositories, 1,000 at a time, and the indexes are made afterwards: entry by entry they
cost the embedded store twice as much.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from types import SimpleNamespace
from typing import Any, TypeVar

import mongoengine
import numpy as np
from statistics_simulation import District, simulate
from statistics_simulation import Year as Happened

from chassis.mongo import create_indexes
from chassis.mongo.documents import NO_LEASE, stored
from chassis.outbox import UnitOfWork
from scoring import documents
from scoring.domain.rubrics import CriterionLevel, Rubric
from scoring.domain.tasks import Purpose, ReaderFacts, Submission, Task, Workflow, give_read, lease, submit
from scoring.entrypoints.policies import PolicyReader, read_policies
from scoring.repository import RubricShelf
from scoring.repository.stored_tasks import task_fields
from scoring.use_cases.queueing import task_id_of

Row = TypeVar("Row")
Raw = dict[str, Any]

ARTIFACTS, SCORERS, SCHOOLS, EACH = 480_000, 3_000, 165, 5
DISTRICT = "jcps"
_BATCH = 1_000
#: Long enough ago that no clock wakes what was read.
LOADED_READS_AT = datetime(2026, 10, 1, 15, tzinfo=UTC)
_RELEASED_AFTER = timedelta(hours=100)


@dataclass(frozen=True, kw_only=True)
class Year:
    """A share of a year.

    Attributes:
        artifacts: that were read.
        students: who made them, `EACH` each.
        waiting: artifacts that wait to be read, besides.
    """

    artifacts: int
    students: int
    scorers: int
    waiting: int

    @classmethod
    def share(cls, share: float, waiting: int) -> Year:
        """Return so much of a whole year, with all of its scorers."""
        artifacts = max(SCHOOLS * EACH, round(ARTIFACTS * share))
        return cls(artifacts=artifacts, students=artifacts // EACH, scorers=SCORERS, waiting=waiting)


def scorer_id(number: int) -> str:
    """Return a scorer's id."""
    return f"t-{number:05}"


def load(mongo_url: str, database: str, year: Year, *, seed: int = 1) -> int:
    """Load a year; return how many documents that made.

    Args:
        mongo_url: of a store.
        database: an empty one.
        year: how much.
        seed: of the levels and of who read what.
    """
    # Without the service's timeouts: the store may pause for long to tidy up, or to make an index.
    patience = {"connectTimeoutMS": 0, "serverSelectionTimeoutMS": 600_000}
    mongoengine.connect(database, host=mongo_url, tz_aware=True, uuidRepresentation="standard", **patience)
    happened = simulate(District(artifacts=year.artifacts, scorers=year.scorers, schools=SCHOOLS), seed)
    loader = Loader(year, happened)
    made, began = 0, time.monotonic()
    for document, rows in (
        (documents.StaffCopy, loader.staff()),
        (documents.StudentCopy, loader.students()),
        (documents.PaperDocument, loader.papers()),
        (documents.TaskDocument, loader.tasks()),
    ):
        for written in _written(document, rows):
            made += written
            rate = made / (time.monotonic() - began)
            print(f"\r{made:,} documents, {rate:,.0f}/s", end="", file=sys.stderr)
    create_indexes(documents)
    mongoengine.disconnect_all()
    print(file=sys.stderr)
    return made


def _written(document: Any, rows: Iterator[Raw]) -> Iterator[int]:
    """Write rows and yield how many went each time; the next ones are made meanwhile."""
    collection = document._get_collection()  # noqa: SLF001 - mongoengine has no other way
    with ThreadPoolExecutor(1) as writer:
        before: Future[Any] | None = None
        while batch := list(islice(rows, _BATCH)):
            if before is not None:
                before.result()
            before = writer.submit(collection.insert_many, batch, ordered=False)
            yield len(batch)
        if before is not None:
            before.result()


def rules() -> tuple[Workflow, Sequence[Rubric]]:
    """Return the packaged rules, by which scores are released at once, and the rubrics."""
    reader = PolicyReader()
    reader.policies, reader.shelf = read_policies(SimpleNamespace(policy_dir="")), RubricShelf()
    work = UnitOfWork(district=DISTRICT, cause="load", now=LOADED_READS_AT)
    rubrics = reader.policies.current("rubrics", district=DISTRICT, on=LOADED_READS_AT.date())
    return replace(reader.workflow_for(work), release_time=None), rubrics.framework.rubrics


class Loader:
    """Makes a year's documents."""

    def __init__(self, year: Year, happened: Happened) -> None:
        self._year = year
        self._happened = happened
        self._rule, self._rubrics = rules()
        self._read = [[_read_often(each, self._rule, times) for times in range(3)] for each in self._rubrics]

    def staff(self) -> Iterator[Raw]:
        """Yield the scorers, whose schools are those that the simulation gave them."""
        for number in range(self._year.scorers):
            posts = [documents.PostAt(school_id=_school(number % SCHOOLS), role="teacher")]
            yield stored(documents.StaffCopy, {**_copy(scorer_id(number)), "active": True, "posts": posts})

    def students(self) -> Iterator[Raw]:
        """Yield the students; their grades and languages are what equity groups them by."""
        grades = sorted({grade for each in self._rubrics for grade in each.grades})
        for number in range(self._year.students):
            about = {
                "school_id": self._school_of(number),
                "enrolled": True,
                "grade": grades[number % len(grades)],
                "home_language": "es" if number % 8 == 0 else "en",
            }
            yield stored(documents.StudentCopy, {**_copy(_student(number)), **about})

    def papers(self) -> Iterator[Raw]:
        """Yield the papers that were read as seeds; none is given any more, so that claims give artifacts."""
        real = self._year.artifacts
        for seed, levels in enumerate(self._happened.seed_level):
            rubric = self._rubrics[int(self._happened.rubric[real + seed])]
            about = _submission(f"paper-{seed}", rubric, None, None)
            yield stored(
                documents.PaperDocument,
                {
                    **_aggregate(about.artifact_id),
                    "purpose": str(Purpose.SEED),
                    "skill_id": rubric.skill_id,
                    "band": rubric.band,
                    "submission": asdict(about),
                    "rubric_id": rubric.rubric_id,
                    "rubric_version": rubric.version,
                    "known": _levels(rubric, levels),
                    "active": False,
                    "set_by": "office",
                    "set_at": LOADED_READS_AT,
                },
            )

    def tasks(self) -> Iterator[Raw]:
        """Yield what was read, then what waits."""
        happened, real = self._happened, self._year.artifacts
        order = np.argsort(happened.artifact, kind="stable")
        first = np.searchsorted(happened.artifact[order], np.arange(len(happened.rubric) + 1))
        for number in range(len(happened.rubric)):
            rubric = int(happened.rubric[number])
            reads = order[first[number] : first[number + 1]].tolist()
            if number < real:
                student = number // EACH
                about = _submission(
                    f"a-{number:06}", self._rubrics[rubric], _student(student), self._school_of(student)
                )
                yield self._task(about, rubric, reads, task_id_of(about.artifact_id))
                continue
            about = _submission(f"paper-{number - real}", self._rubrics[rubric], None, None)
            for read in reads:
                yield self._task(about, rubric, [read], f"seed-{read}")
        yield from self._waiting()

    def _task(self, about: Submission, rubric: int, reads: Sequence[int], task_id: str) -> Raw:
        """Return a task that was read, like the one of its rubric that was read so often."""
        like = self._read[rubric][len(reads)]
        who = [scorer_id(int(self._happened.scorer[read])) for read in reads]
        opened = LOADED_READS_AT - timedelta(hours=reads[0] % 2000)
        given = [
            {
                **each,
                "scorer_id": scorer,
                "lease_id": f"lease-{read}",
                "leased_at": opened + timedelta(hours=40),
                "given_at": opened + timedelta(hours=40, minutes=6),
                "levels": _levels(self._rubrics[rubric], self._happened.level[read]),
            }
            for each, scorer, read in zip(like["reads"], who, reads, strict=True)
        ]
        names = {f"reader-{place}": scorer for place, scorer in enumerate(who)}
        raw: Raw = {
            **like,
            **_aggregate(task_id, opened + _RELEASED_AFTER),
            **{name: value for name, value in asdict(about).items() if value is not None},
            "opened_at": opened,
            "readers": sorted(who),
            "reads": given,
            "history": [{**each, "by": names.get(each["by"], each["by"])} for each in like["history"]],
        }
        raw["_id"] = raw.pop("id")
        raw["score"] = _score(like["score"], given, opened)
        if about.student_id is None:
            for name in ("student_id", "school_id", "score", "scored"):
                raw.pop(name)
            raw |= {"purpose": str(Purpose.SEED), "state": "filed"}
        return raw

    def _waiting(self) -> Iterator[Raw]:
        at = datetime.now(UTC)
        for number in range(self._year.waiting):
            student = number * 7919 % self._year.students
            rubric = self._rubrics[number % len(self._rubrics)]
            about = _submission(f"w-{number:06}", rubric, _student(student), self._school_of(student))
            task = submit(task_id_of(about.artifact_id), about, rubric, at=at, rule=self._rule)
            fields = task_fields(task, DISTRICT)
            yield stored(documents.TaskDocument, {**fields, **_aggregate(task.task_id)})

    def _school_of(self, student: int) -> str:
        return _school(int(self._happened.school[student * EACH]))


def _read_often(rubric: Rubric, rule: Workflow, times: int) -> Raw:
    """Return the stored form of a task that was read so many times and released; empty for none."""
    if not times:
        return {}
    second = replace(rule.second, share=float(times - 1), new_scorer_share=0.0, new_rubric_share=0.0)
    rule = replace(rule, second=second)
    about = _submission("a", rubric, "s", "x")
    task: Task = submit("task", about, rubric, at=LOADED_READS_AT, rule=rule)
    facts = ReaderFacts(reads_before=10_000, rubric_since=LOADED_READS_AT - timedelta(days=365))
    levels = [
        CriterionLevel(criterion_id=each.criterion_id, level=3, feedback="Clear.") for each in rubric.criteria
    ]
    for place in range(times):
        who = f"reader-{place}"
        task = lease(task, f"lease-{place}", who, slot=0, at=LOADED_READS_AT, rule=rule.lease)
        task = give_read(task, rubric, levels, scorer_id=who, at=LOADED_READS_AT, facts=facts, rule=rule)
    assert task.score is not None, task.state
    raw = stored(documents.TaskDocument, {**task_fields(task, DISTRICT), **_aggregate("task")})
    raw.pop("_id")
    return raw


def _submission(
    artifact_id: str, rubric: Rubric, student_id: str | None, school_id: str | None
) -> Submission:
    return Submission(
        artifact_id=artifact_id,
        student_id=student_id,
        school_id=school_id,
        grade=rubric.grades[0],
        skill_id=rubric.skill_id,
        title="How we saved the creek",
        reflection="I explained our data to the class. " * 5,
        media_type="application/pdf",
    )


def _levels(rubric: Rubric, levels: Any) -> list[Raw]:
    return [
        {"criterion_id": each.criterion_id, "level": int(level) + 1, "feedback": "Clear."}
        for each, level in zip(rubric.criteria, levels, strict=True)
    ]


def _score(like: Raw, reads: Sequence[Raw], opened: datetime) -> Raw:
    """Return the mean of some reads, which two in this bench are content with however far apart they are."""
    means = [
        sum(each["levels"][place]["level"] for each in reads) / len(reads)
        for place in range(len(like["criteria"]))
    ]
    criteria = [
        {**each, "level": level} for each, level in zip(deepcopy(like["criteria"]), means, strict=True)
    ]
    released = opened + _RELEASED_AFTER
    return {**like, "criteria": criteria, "mean_level": sum(means) / len(means), "released_at": released}


def _copy(document_id: str) -> Raw:
    return {"id": document_id, "district": DISTRICT, "source_version": 1}


def _aggregate(document_id: str, changed_at: datetime = LOADED_READS_AT) -> Raw:
    known = {"id": document_id, "district": DISTRICT, "version": 1, "changed_at": changed_at}
    return {**known, "leased_until": NO_LEASE}


def _student(number: int) -> str:
    return f"s-{number:06}"


def _school(number: int) -> str:
    return f"school-{number:03}"
