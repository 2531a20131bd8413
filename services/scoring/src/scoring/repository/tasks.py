"""Scoring tasks: those of one scorer or student, those that wait, and those that the clock wakes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from chassis.errors import ConflictError
from chassis.mongo import AggregateRepository, Decide, translated
from scoring.documents import TaskDocument
from scoring.domain.tasks import Pool, Task
from scoring.repository.stored_tasks import lane_of, task_fields, task_of

#: Due tasks that are looked at together.
_DUE = 200
#: Tasks that one look into a lane should find: enough to choose among, few enough to be read quickly.
_FEWEST, _MOST = 8, 32
_NARROWEST = 1 / 65536


class Tasks(AggregateRepository[Task]):
    """Keeps tasks; a student or guardian sees those about whom their token speaks."""

    document: ClassVar[Any] = TaskDocument
    student_field = "student_id"

    def open_of(self, scorer_id: str) -> list[Task]:
        """Return what a scorer has open."""
        return self.select(scorer_id=scorer_id)

    def read_by(self, scorer_id: str) -> Iterator[Task]:
        """Yield what a scorer has ever read."""
        return self.stream(readers=scorer_id)

    def students_read(self, scorer_id: str, student_ids: Iterable[str], since: datetime) -> Mapping[str, int]:
        """Return of how many artifacts of each of some students a scorer has given reads since a time."""
        wanted = {"district": 1, "student_id": 1, "reads.scorer_id": 1, "reads.given_at": 1}
        # Without the district, which the embedded store has not in this index.
        query = {"readers": scorer_id, "student_id": {"$in": sorted(student_ids)}}
        counted: Counter[str] = Counter()
        with translated():
            for raw in self._collection().find(query, wanted):
                lately = (
                    each["scorer_id"] == scorer_id and each["given_at"] >= since for each in raw["reads"]
                )
                if raw["district"] == self.work.district and any(lately):
                    counted[raw["student_id"]] += 1
        return counted

    def to_fields(self, value: Task) -> dict[str, Any]:
        """Return the document fields of a task."""
        return task_fields(value, self.work.district)

    def _value(self, raw: dict[str, Any]) -> Task:
        # Not by way of mongoengine: a claim looks at up to 32 tasks to open one.
        return task_of(raw)


class LaneBook:
    """What a process remembers of lanes: how densely they are filled, and which were empty just now.

    It only saves looking; nothing depends on its being right.
    """

    #: How long a lane that was empty is not looked into; those of what is late or disputed mostly are.
    empty_s = 0.5
    mostly_empty_s = 5.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._widths: dict[str, float] = {}
        self._empty_until: dict[str, float] = {}

    def is_empty(self, lane: str) -> bool:
        """Whether a lane was found empty just now."""
        return self._clock() < self._empty_until.get(lane, 0.0)

    def note_empty(self, lane: str, *, mostly: bool) -> None:
        """Remember that a lane is empty, and whether it mostly is."""
        self._empty_until[lane] = self._clock() + (self.mostly_empty_s if mostly else self.empty_s)

    def width(self, lane: str) -> float:
        """Return how wide a look into a lane should be, as a share of it."""
        return self._widths.get(lane, 1 / 64)

    def note_found(self, lane: str, width: float, found: int) -> None:
        """Learn from a look."""
        if found < _FEWEST:
            width *= 4
        elif found > _MOST:
            width *= _MOST / (2 * found)
        self._widths[lane] = min(1.0, max(_NARROWEST, width))


class TaskQueue(Tasks):
    """Tasks as they are taken: whoever meets somebody else takes another one instead of trying again."""

    attempts = 1

    def __init__(self, work: Any, book: LaneBook) -> None:
        super().__init__(work)
        self._book = book

    def waiting(
        self, pool: Pool, area: tuple[str, str], *, late: bool, start: float
    ) -> Iterator[Sequence[Task]]:
        """Yield batches of the waiting tasks of one skill and band, from a random place on and round.

        Args:
            pool: whom they wait for.
            area: skill id and band.
            late: those that somebody was urged about, or the others.
            start: from 0 to 1.
        """
        lane = lane_of(self.work.district, pool, area, late=late)
        if self._book.is_empty(lane):
            return
        place, left, seen = start, 1.0, 0
        while left > 0:
            width = min(left, self._book.width(lane))
            found = self._between(lane, place, width)
            self._book.note_found(lane, width, len(found))
            place, left, seen = (place + width) % 1.0, left - width, seen + len(found)
            if found:
                yield found
        if not seen:
            self._book.note_empty(lane, mostly=late or pool is Pool.LEADS)

    def take(self, task_id: str, decide: Decide[Task]) -> Task | None:
        """Change a task unless somebody else changes it at the same time; None if they do."""
        try:
            return self.change(task_id, decide)
        except ConflictError:
            return None

    def _between(self, lane: str, place: float, width: float) -> list[Task]:
        """Return what lies in a part of a lane, which may go round its end."""
        if width >= 1.0:
            parts: list[dict[str, float]] = [{"$gte": 0.0}]
        elif place + width <= 1.0:
            parts = [{"$gte": place, "$lt": place + width}]
        else:
            parts = [{"$gte": place}, {"$gte": 0.0, "$lt": place + width - 1.0}]
        with translated():
            return [
                self._value(raw)
                for part in parts
                for raw in self._collection().find({"lane": lane, "place": part})
            ]


def due_tasks(at: datetime) -> Mapping[str, Sequence[str]]:
    """Return the ids of some tasks for which a rule has something to do, by district, the oldest first.

    It is the timer's one question across districts.
    """
    due: dict[str, list[str]] = {}
    with translated():
        collection = TaskDocument._get_collection()  # noqa: SLF001 - the driver's collection
        query = {"wake_at": {"$lte": at}}
        for raw in collection.find(query, {"district": 1}).sort("wake_at").limit(_DUE):
            due.setdefault(raw["district"], []).append(raw["_id"])
    return due
