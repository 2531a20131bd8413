"""A season as the nightly process takes it: raw documents, for there are hundreds of thousands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis.mongo import translated
from scoring.documents import PaperDocument, StaffCopy, StudentCopy, TaskDocument
from scoring.domain.monitoring.buckets import Kept, People
from scoring.domain.monitoring.facts import (
    ReadFacts,
    Settled,
    StudentFacts,
    TaskFacts,
    UnscorableFacts,
)
from scoring.domain.tasks.states import Purpose, State

#: Students whose tasks are fetched at a time: the embedded store compares each task with each of them, and
#: answers nobody else meanwhile.
_STUDENTS = 20
#: A part of the time in which tasks changed, so that the store's answers stay small.
_PART = timedelta(hours=6)
_OF_TASK = dict.fromkeys(
    (
        "district",
        "artifact_id",
        "student_id",
        "school_id",
        "grade",
        "skill_id",
        "rubric_id",
        "purpose",
        "assignment_id",
        "opened_at",
        "score.mean_level",
        "score.released_at",
        "reads.scorer_id",
        "reads.levels.criterion_id",
        "reads.levels.level",
        "reads.leased_at",
        "reads.given_at",
        "reads.void",
        "history.what",
        "history.by",
        "history.at",
    ),
    1,
)
_OF_STUDENT = dict.fromkeys(("school_id", "grade", "home_language", "enrolled"), 1)


class SeasonStore:
    """Reads one district."""

    def __init__(self, district: str) -> None:
        self._district = district

    def tasks_of(self, people: People) -> Iterator[Kept]:
        """Yield all tasks of some students and scorers, as they are when they are come by."""
        students = sorted(people.students)
        for place in range(0, len(students), _STUDENTS):
            yield from self._tasks({"student_id": {"$in": students[place : place + _STUDENTS]}})
        for scorer_id in sorted(people.scorers):
            # There is an index for this: only seeds have no student.
            for each in self._tasks({"readers": scorer_id, "student_id": None}):
                if each.owner == scorer_id:
                    yield each

    def changed(self, since: datetime, until: datetime) -> Iterator[Kept]:
        """Yield the tasks that changed in a time, as they are when they are come by.

        State by state, because an index leads there. A task that changes its state meanwhile may be missed,
        and is among the next night's, for then it changed after this one began.
        """
        while since < until:
            part = {"$gte": since, "$lt": since + _PART}
            for state in State:
                yield from self._tasks({"state": str(state), "district": self._district, "changed_at": part})
            since += _PART

    def students(self) -> Iterator[StudentFacts]:
        """Yield everybody who is or was enrolled."""
        for raw in self._all(StudentCopy, _OF_STUDENT):
            about = raw["_id"], raw["school_id"], raw.get("grade"), raw.get("home_language")
            yield StudentFacts(*about, enrolled=raw["enrolled"])

    def scorers(self) -> Iterator[str]:
        """Yield the ids of all staff."""
        for raw in self._all(StaffCopy, {"_id": 1}):
            yield raw["_id"]

    def settled(self) -> Settled:
        """Return the settled levels of all papers."""
        return {
            raw["_id"]: {each["criterion_id"]: each["level"] for each in raw["known"]}
            for raw in self._all(PaperDocument, {"known": 1})
        }

    def _tasks(self, query: dict[str, Any]) -> Iterator[Kept]:
        """Yield the artifacts, and the seeds that somebody has read, among some tasks."""
        collection = TaskDocument._get_collection()  # noqa: SLF001 - as the chassis does it
        with translated():
            found = list(collection.find(query, _OF_TASK))
        for raw in found:
            owner = _owner(raw)
            if owner is not None and raw["district"] == self._district:
                yield Kept(raw["_id"], owner, _facts(raw))

    def _all(self, document: Any, wanted: Mapping[str, int]) -> Iterator[dict[str, Any]]:
        """Yield a district's documents of a kind of which there are not too many for one answer."""
        collection = document._get_collection()  # noqa: SLF001 - as the chassis does it
        with translated():
            yield from collection.find({"district": self._district}, dict(wanted))


def _owner(raw: Mapping[str, Any]) -> str | None:
    """Return whose a task is; None for one that reports leave out."""
    if raw["purpose"] == Purpose.ARTIFACT:
        return str(raw["student_id"])
    if raw["purpose"] == Purpose.SEED and raw.get("reads"):
        return str(raw["reads"][0]["scorer_id"])
    return None


def _facts(raw: Mapping[str, Any]) -> TaskFacts:
    score = raw.get("score") or {}
    released_at = score.get("released_at")
    return TaskFacts(
        artifact_id=raw["artifact_id"],
        is_seed=raw["purpose"] == Purpose.SEED,
        student_id=raw.get("student_id"),
        school_id=raw.get("school_id"),
        grade=raw["grade"],
        skill_id=raw["skill_id"],
        rubric_id=raw["rubric_id"],
        opened_s=raw["opened_at"].timestamp(),
        mean_level=score.get("mean_level"),
        released_s=released_at and released_at.timestamp(),
        reads=[_read(each) for each in raw.get("reads", ()) if each.get("void") is None],
        unscorable=[
            UnscorableFacts(each["by"], each["at"].timestamp())
            for each in raw.get("history", ())
            if each["what"] == "unscorable"
        ],
        assignment_id=raw.get("assignment_id"),
    )


def _read(raw: Mapping[str, Any]) -> ReadFacts:
    return ReadFacts(
        scorer_id=raw["scorer_id"],
        levels={each["criterion_id"]: each["level"] for each in raw["levels"]},
        leased_s=raw["leased_at"].timestamp(),
        given_s=raw["given_at"].timestamp(),
    )
