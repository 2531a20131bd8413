"""A schedule made better by CP-SAT, as a whole: for problems so small that it can look at all of it.

First as few students as possible are left out, then the rest costs as little as possible; of both it says
what no schedule can be better than.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from defenses.domain.scheduling.checking import cost
from defenses.domain.scheduling.instance import Instance, Solution
from defenses.solver.bounds.view import SchoolView
from defenses.solver.whole import Limits, Schedule, WholeModel


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How hard to polish; what is reached first ends it.

    Attributes:
        until: on the monotonic clock.
        work: in CP-SAT's own units, of about two seconds of a processor each; with it the same schedule
            always becomes the same one. None for no limit.
        gap: between the soft cost and its bound, from 0 to 1, at which the schedule is good enough.
    """

    until: float
    work: float | None = None
    gap: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Polished:
    """What came of a schedule.

    Attributes:
        assignments: never worse than before.
        unscheduled_at_least: so many students are left out by every schedule.
        soft_at_least: no schedule that leaves out no more than this one has a lower soft cost; 0 if nothing
            was proven.
    """

    assignments: Schedule
    unscheduled_at_least: int
    soft_at_least: float


def nobody_asks(_: Schedule) -> None:
    """Leave what is found on the way to itself."""


def polished(
    instance: Instance,
    schools: Sequence[SchoolView],
    assignments: Schedule,
    effort: Effort,
    report: Callable[[Schedule], None] = nobody_asks,
) -> Polished:
    """Return the best schedule found with so much effort, from one that is known.

    Args:
        instance: the problem.
        schools: all of it.
        assignments: a valid schedule.
        effort: when to end.
        report: told of each schedule that is better than all before.
    """
    search = _Search(instance, schools, assignments, effort, report)
    least = search.cover() if search.left_out > search.least else search.least
    soft = search.save()
    return Polished(assignments=search.best, unscheduled_at_least=least, soft_at_least=soft)


class _Search:
    """One schedule that becomes better.

    Attributes:
        best: the best so far.
        least: students who have no possible slot.
    """

    def __init__(
        self,
        instance: Instance,
        schools: Sequence[SchoolView],
        assignments: Schedule,
        effort: Effort,
        report: Callable[[Schedule], None],
    ) -> None:
        self.best = assignments
        self._instance, self._effort, self._report = instance, effort, report
        self._model = WholeModel(instance, schools)
        self._work = math.inf if effort.work is None else effort.work
        self.least = self._model.missing

    @property
    def left_out(self) -> int:
        """How many students the best schedule leaves out."""
        return len(self._instance.students) - len(self.best)

    def cover(self) -> int:
        """Leave out fewer; returns how many every schedule leaves out."""
        self._model.aim_at(self.left_out, is_soft=False)
        return max(self.least, self._improve(gap=0.0))

    def save(self) -> int:
        """Lower the soft cost; returns what it is at least when no more students are left out."""
        self._model.aim_at(self.left_out, is_soft=True)
        return self._improve(gap=self._effort.gap)

    def _improve(self, gap: float) -> int:
        """Look for schedules until one is proven to be the best or the time is up; returns the bound."""
        proven = 0
        while (left := self._effort.until - time.monotonic()) > 0 and self._work > 0:
            answer = self._model.solved(self.best, Limits(left, self._work, gap), self._take)
            self._work -= answer.work
            proven = max(proven, answer.at_least)
            if answer.is_splittable:
                break
        return proven

    def _take(self, found: Schedule) -> None:
        if _rank(self._instance, found) < _rank(self._instance, self.best):
            self.best = found
            self._report(found)


def _rank(instance: Instance, assignments: Schedule) -> tuple[int, int]:
    bare = Solution(assignments=assignments, unscheduled=(), cost=0, lower_bound=None, seconds=0.0)
    return len(instance.students) - len(assignments), cost(instance, bare).total
