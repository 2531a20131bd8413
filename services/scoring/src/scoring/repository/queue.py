"""The queue: what waits, a part of it at a time, and taking one of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from chassis.errors import ConflictError
from chassis.mongo import Decide, translated
from scoring.domain.routing import Waiting
from scoring.domain.tasks import Pool, Task
from scoring.repository.copies import StudentCopies
from scoring.repository.stored_tasks import lane_of
from scoring.repository.tasks import Tasks
from scoring.use_cases.ports import Candidate

#: Tasks that one look into a lane should find: enough to choose among, few enough to be read quickly.
_FEWEST, _MOST = 16, 64
_NARROWEST = 1 / 65536
#: What a look reads of each task.
_WANTED = dict.fromkeys(("district", "student_id", "school_id", "readers", "declined"), 1)


class _Sample(NamedTuple):
    """What was seen in a lane, by task id, until when that holds, and whether it was the whole of it."""

    until: float
    seen: dict[str, Candidate]
    whole: bool


class LaneBook:
    """What a process remembers of lanes: what it saw there last, how full they are, which are empty.

    It only saves looking: whoever takes a task asks the store about that one again.
    """

    #: How long what was seen in a lane is chosen from.
    sample_s = 1.0
    #: How long a lane that was empty is not looked into; those of what is late or disputed mostly are.
    empty_s = 0.5
    mostly_empty_s = 5.0

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._widths: dict[str, float] = {}
        self._empty_until: dict[str, float] = {}
        self._samples: dict[str, _Sample] = {}
        self._locks: dict[str, threading.Lock] = {}

    def is_empty(self, lane: str) -> bool:
        """Whether a lane was found empty just now."""
        return self._clock() < self._empty_until.get(lane, 0.0)

    def note_empty(self, lane: str, *, mostly: bool) -> None:
        """Remember that a lane is empty, and whether it mostly is."""
        self._empty_until[lane] = self._clock() + (self.mostly_empty_s if mostly else self.empty_s)

    def looking(self, lane: str) -> threading.Lock:
        """Return what keeps two from looking into a lane at once: the second has what the first one saw."""
        return self._locks.setdefault(lane, threading.Lock())

    def sample(self, lane: str) -> tuple[Sequence[Candidate], bool]:
        """Return what was seen in a lane just now and is not taken here since, and if that was all of it."""
        known = self._samples.get(lane)
        if known is None or self._clock() >= known.until:
            return (), False
        return list(known.seen.values()), known.whole

    def keep(self, lane: str, seen: Sequence[Candidate], *, whole: bool) -> None:
        """Remember what was seen in a lane, and whether it was the whole of it."""
        by_id = {each.task.task_id: each for each in seen}
        self._samples[lane] = _Sample(self._clock() + self.sample_s, by_id, whole)

    def forget(self, task_id: str) -> None:
        """Forget a task that somebody here is taking."""
        for each in self._samples.values():
            each.seen.pop(task_id, None)

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
        self._students = StudentCopies(work)

    def waiting(
        self, pool: Pool, area: tuple[str, str], *, late: bool, start: float
    ) -> Iterator[Sequence[Candidate]]:
        """Yield batches of what waits in one skill and band, from a random place on and round.

        What this process saw there just now comes first, so that many claims cost one look.

        Args:
            pool: whom it waits for.
            area: skill id and band.
            late: what somebody was urged about, or the rest.
            start: from 0 to 1.
        """
        lane = lane_of(self.work.district, pool, area, late=late)
        with self._book.looking(lane):
            if self._book.is_empty(lane):
                return
            known, whole = self._book.sample(lane)
            left = 0.0 if whole else 1.0
            if not known:
                known, start, left = self._look(lane, start, 1.0)
            if not known:
                self._book.note_empty(lane, mostly=late or pool is Pool.LEADS)
        while True:
            if known:
                yield known
            if left <= 0:
                return
            known, start, left = self._look(lane, start, left)

    def take(self, task_id: str, decide: Decide[Task]) -> Task | None:
        """Change a task unless somebody else changes it at the same time; None if they do."""
        self._book.forget(task_id)
        try:
            return self.change(task_id, decide)
        except ConflictError:
            return None

    def _look(self, lane: str, place: float, left: float) -> tuple[Sequence[Candidate], float, float]:
        """Look into a lane until something is found.

        Args:
            lane: which one.
            place: where to begin.
            left: how much of it there is to look at.

        Returns:
            What was found, where to go on, and how much is left.
        """
        while left > 0:
            width = min(left, self._book.width(lane))
            found = self._between(lane, place, width)
            self._book.note_found(lane, width, len(found))
            place, left = (place + width) % 1.0, left - width
            if found:
                self._book.keep(lane, found, whole=width >= 1.0)
                return found, place, left
        return (), place, left

    def _between(self, lane: str, place: float, width: float) -> list[Candidate]:
        """Return what lies in a part of a lane, which may go round its end."""
        if width >= 1.0:
            parts: list[dict[str, float]] = [{"$gte": 0.0}]
        elif place + width <= 1.0:
            parts = [{"$gte": place, "$lt": place + width}]
        else:
            parts = [{"$gte": place}, {"$gte": 0.0, "$lt": place + width - 1.0}]
        with translated():
            found = [
                Waiting(
                    task_id=raw["_id"],
                    student_id=raw.get("student_id"),
                    school_id=raw.get("school_id"),
                    involved=frozenset((*raw.get("readers", ()), *raw.get("declined", ()))),
                )
                for part in parts
                for raw in self._collection().find({"lane": lane, "place": part}, _WANTED)
            ]
        students = self._students.existing({each.student_id for each in found if each.student_id})
        return [Candidate(each, students.get(each.student_id or "")) for each in found]
