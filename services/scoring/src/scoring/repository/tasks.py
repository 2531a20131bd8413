"""Scoring tasks: those of one scorer or student, and those that the clock wakes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository, translated
from chassis.mongo.collection import in_groups
from scoring.documents import TaskDocument
from scoring.domain.tasks import Task
from scoring.repository.stored_tasks import task_fields, task_of

#: Due tasks that are looked at together.
_DUE = 200
#: Scorers whose open tasks are asked for together.
_SCORERS = 100


class Tasks(AggregateRepository[Task]):
    """Keeps tasks; a student or guardian sees those about whom their token speaks."""

    document: ClassVar[Any] = TaskDocument
    student_field = "student_id"

    def open_of(self, scorer_id: str) -> list[Task]:
        """Return what a scorer has open; those who ask at the same moment ask in one query."""
        return [self._value(raw) for raw in _open_of(scorer_id) if raw["district"] == self.work.district]

    def read_by(self, scorer_id: str) -> Iterator[Task]:
        """Yield what a scorer has ever read."""
        return self.stream(readers=scorer_id)

    def reads_of(self, scorer_id: str, student_ids: Sequence[str], since: datetime) -> Mapping[str, int]:
        """Return of how many artifacts of each of some students a scorer has given reads since a time."""
        wanted = {"district": 1, "student_id": 1, "reads.scorer_id": 1, "reads.given_at": 1}
        # Without the district, which the embedded store has not in this index.
        student = student_ids[0] if len(student_ids) == 1 else {"$in": list(student_ids)}
        counts = dict.fromkeys(student_ids, 0)
        with translated():
            for raw in self._collection().find({"readers": scorer_id, "student_id": student}, wanted):
                counts[raw["student_id"]] += raw["district"] == self.work.district and any(
                    each["scorer_id"] == scorer_id and each["given_at"] >= since for each in raw["reads"]
                )
        return counts

    def to_fields(self, value: Task) -> dict[str, Any]:
        """Return the document fields of a task."""
        return task_fields(value, self.work.district)

    def _value(self, raw: dict[str, Any]) -> Task:
        # Not by way of mongoengine, which costs as much as all else that a claim does.
        return task_of(raw)


def due_tasks(at: datetime) -> Mapping[str, Sequence[str]]:
    """Return the ids of some tasks for which a rule has something to do, by district, the oldest first.

    It is the timer's one question across districts.
    """
    due: dict[str, list[str]] = {}
    with translated():
        collection = TaskDocument._get_collection()  # noqa: SLF001 - the driver's collection
        # With `wakes` first: by `wake_at` alone the embedded store reads all that never wakes as well.
        query = {"wakes": True, "wake_at": {"$lte": at}}
        for raw in collection.find(query, {"district": 1}).sort("wake_at").limit(_DUE):
            due.setdefault(raw["district"], []).append(raw["_id"])
    return due


def _find_open(scorer_ids: Sequence[str]) -> list[list[dict[str, Any]]]:
    """Return what each of some scorers has open, in whatever district."""
    found: dict[str, list[dict[str, Any]]] = {each: [] for each in scorer_ids}
    with translated():
        collection = TaskDocument._get_collection()  # noqa: SLF001 - the driver's collection
        # By this field alone, for which the embedded store has an index.
        for raw in collection.find({"scorer_id": {"$in": list(found)}}):
            found[raw["scorer_id"]].append(raw)
    return [found[each] for each in scorer_ids]


_open_of: Callable[[str], list[dict[str, Any]]] = in_groups(_find_open, limit=_SCORERS)
