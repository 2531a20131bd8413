"""A season as the nightly process takes it: raw documents, for there are hundreds of thousands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chassis.mongo import translated
from scoring.documents import PaperDocument, StaffCopy, StudentCopy, TaskDocument
from scoring.domain.monitoring.facts import (
    ReadFacts,
    Settled,
    StudentFacts,
    TaskFacts,
    UnscorableFacts,
)
from scoring.domain.tasks.states import Purpose

#: Students whose tasks are fetched at a time: a few thousand tasks.
_STUDENTS = 500
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

    def tasks(self) -> Iterator[TaskFacts]:
        """Yield artifacts and seeds, each once, as they are when they are come by.

        By the students whose they are, for whom there is an index, and seeds by who has read them. Nobody
        reads for a student of whom the roster has not told us.
        """
        for batch in _batched(self._ids(StudentCopy), _STUDENTS):
            for raw in self._tasks({"student_id": {"$in": batch}}):
                if raw["purpose"] == Purpose.ARTIFACT:
                    yield _task(raw)
        for scorer_id in self._ids(StaffCopy):
            for raw in self._tasks({"readers": scorer_id, "student_id": None}):
                if raw["purpose"] == Purpose.SEED:
                    yield _task(raw)

    def students(self) -> Iterator[StudentFacts]:
        """Yield everybody enrolled."""
        for raw in self._all(StudentCopy, _OF_STUDENT):
            if raw["enrolled"]:
                yield StudentFacts(raw["_id"], raw["school_id"], raw.get("grade"), raw.get("home_language"))

    def settled(self) -> Settled:
        """Return the settled levels of all papers."""
        return {
            raw["_id"]: {each["criterion_id"]: each["level"] for each in raw["known"]}
            for raw in self._all(PaperDocument, {"known": 1})
        }

    def _tasks(self, query: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the tasks of some students or of one reader."""
        collection = TaskDocument._get_collection()  # noqa: SLF001 - as the chassis does it
        with translated():
            found = list(collection.find(query, _OF_TASK))
        return [each for each in found if each["district"] == self._district]

    def _ids(self, document: Any) -> list[str]:
        return [raw["_id"] for raw in self._all(document, {"_id": 1})]

    def _all(self, document: Any, wanted: Mapping[str, int]) -> Iterator[dict[str, Any]]:
        """Yield a district's documents of a kind of which there are not too many for one answer."""
        collection = document._get_collection()  # noqa: SLF001 - as the chassis does it
        with translated():
            yield from collection.find({"district": self._district}, dict(wanted))


def _batched(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[place : place + size] for place in range(0, len(ids), size))


def _task(raw: Mapping[str, Any]) -> TaskFacts:
    score = raw.get("score") or {}
    return TaskFacts(
        artifact_id=raw["artifact_id"],
        is_seed=raw["purpose"] == Purpose.SEED,
        student_id=raw.get("student_id"),
        school_id=raw.get("school_id"),
        grade=raw["grade"],
        skill_id=raw["skill_id"],
        rubric_id=raw["rubric_id"],
        opened_at=raw["opened_at"],
        mean_level=score.get("mean_level"),
        released_at=score.get("released_at"),
        reads=[_read(each) for each in raw.get("reads", ()) if each.get("void") is None],
        unscorable=[
            UnscorableFacts(each["by"], each["at"])
            for each in raw.get("history", ())
            if each["what"] == "unscorable"
        ],
        assignment_id=raw.get("assignment_id"),
    )


def _read(raw: Mapping[str, Any]) -> ReadFacts:
    levels = [(each["criterion_id"], each["level"]) for each in raw["levels"]]
    return ReadFacts(raw["scorer_id"], levels, raw["leased_at"], raw["given_at"])
