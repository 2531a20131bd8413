"""What no schedule can beat: the fewest students left out, and the least soft cost for so many.

Both are proven by relaxations, independently of any search, and hold whenever the time is up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from defenses.domain.scheduling.instance import Instance
from defenses.domain.scheduling.reasons import Shortage
from defenses.solver.bounds.coverage import least_left_out
from defenses.solver.bounds.prices import Prices, least_soft_cost, no_prices, travelling
from defenses.solver.bounds.relaxation import prices_of
from defenses.solver.bounds.shortage import group_shortage, lone_shortage
from defenses.solver.bounds.view import SchoolView, components, views

__all__ = ["Bounds", "Evidence", "bounds"]

#: Of the time, for the soft cost; what it leaves is for the coverage.
_SOFT_SHARE = 0.7
_THREADS = 2
#: Students beyond whom schools are only looked at one by one.
_TOGETHER = 1500
#: A model is not watched by any clock while it is built.
_MODEL_S_PER_STUDENT = 4e-3
#: Numbers of a linear program are not exact; the price function is, but for rounding.
_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Bounds:
    """What is proven of an instance.

    Attributes:
        least_unscheduled: every schedule leaves out at least so many students.
        coverage_proven: whether the number of unscheduled students that was asked about is the least.
        soft_at_least: no schedule with at most the number of unscheduled students asked about (without one:
            with the least) has a lower soft cost, students left out not counted.
    """

    least_unscheduled: int
    coverage_proven: bool
    soft_at_least: float


class Evidence:
    """One instance, read once for all that is to be proven about it."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.schools, self.missing = views(instance)

    def bounds(
        self,
        *,
        seconds: float,
        known_unscheduled: int | None = None,
        left_out: Collection[str] | None = None,
    ) -> Bounds:
        """Prove what can be proven in the time.

        Args:
            seconds: wall time.
            known_unscheduled: how many students the best schedule leaves out, None without a schedule.
            left_out: the ids of these students; knowing where they are lets much more be proven.
        """
        started = time.monotonic()
        instance, schools, missing = self.instance, self.schools, self.missing
        if left_out is not None:
            known_unscheduled = len(left_out)
        wanted = None if known_unscheduled is None else known_unscheduled - len(missing)
        is_open = wanted is None or wanted > 0
        prices = _prices(instance, schools, started + seconds * (_SOFT_SHARE if is_open else 1.0))
        least = len(missing)
        if is_open:
            open_cases = (
                None if left_out is None else frozenset(left_out) - {each.student for each in missing}
            )
            least += _further_left_out(instance, schools, open_cases, started + seconds)
        allowed = (least if known_unscheduled is None else known_unscheduled) - len(missing)
        soft = least_soft_cost(schools, prices, max(0, allowed), travelling(instance))
        return Bounds(
            least_unscheduled=least,
            coverage_proven=known_unscheduled is not None and least >= known_unscheduled,
            # All weights are whole numbers, so every cost is.
            soft_at_least=max(0.0, float(math.ceil(soft - _TOLERANCE))),
        )

    def shortages(self, left_out: Collection[str], *, seconds: float) -> tuple[Shortage, ...]:
        """Return why students are left out: each who has no slot at all, and groups that do not fit together.

        Args:
            left_out: ids of those whom a schedule leaves out; all others are known to fit together.
            seconds: wall time.
        """
        stop_at = time.monotonic() + seconds
        found = [lone_shortage(each) for each in self.missing if each.student in left_out]
        unexplained = set(left_out) - {each.student for each in self.missing}
        explained: set[str] = set()
        for group in self._groups():
            here = {student for view in group for student in view.students}
            while here & unexplained and _is_time_for(len(here), stop_at):
                left = stop_at - time.monotonic()
                shortage = group_shortage(self.instance, group, without=explained, seconds=left)
                if shortage is None:
                    break
                found.append(shortage)
                explained |= unexplained.intersection(shortage.students)
                unexplained -= explained
        return tuple(found)

    def _groups(self) -> Iterator[list[SchoolView]]:
        """Yield each school by itself, then those who share something and are few enough."""
        yield from ([view] for view in self.schools)
        for group in components(self.instance):
            together = [view for view in self.schools if view.id in group]
            if len(together) > 1 and sum(len(view.students) for view in together) <= _TOGETHER:
                yield together


def _is_time_for(students: int, stop_at: float) -> bool:
    """Whether a model of so many students can be built in time."""
    return time.monotonic() + students * _MODEL_S_PER_STUDENT < stop_at


def bounds(
    instance: Instance,
    *,
    seconds: float,
    known_unscheduled: int | None = None,
    left_out: Collection[str] | None = None,
) -> Bounds:
    """Prove what can be proven about an instance in the time; see `Evidence.bounds`."""
    return Evidence(instance).bounds(seconds=seconds, known_unscheduled=known_unscheduled, left_out=left_out)


def _prices(instance: Instance, schools: Sequence[SchoolView], stop_at: float) -> list[Prices]:
    """Return the best prices found for each school, the largest schools first."""

    def found(view: SchoolView) -> Prices:
        left = stop_at - time.monotonic()
        prices = None
        if left > 0 and view.students and view.panelists:
            prices = prices_of(view, seconds=left, unscheduled=instance.weights.unscheduled)
        return no_prices(view) if prices is None else prices

    order = sorted(range(len(schools)), key=lambda number: -len(schools[number].students))
    with ThreadPoolExecutor(_THREADS) as threads:
        done = dict(zip(order, threads.map(found, [schools[number] for number in order]), strict=True))
    return [done[number] for number in range(len(schools))]


def _further_left_out(
    instance: Instance, schools: Sequence[SchoolView], open_cases: frozenset[str] | None, stop_at: float
) -> int:
    """Prove how many are left out of those who would fit alone.

    Args:
        instance: the problem.
        schools: all of it.
        open_cases: those whom a schedule leaves out, None if there is none.
        stop_at: on the monotonic clock.
    """
    proven = 0
    groups = [
        ([view for view in schools if view.id in group])
        for group in sorted(components(instance), key=lambda group: (len(group), min(group)))
    ]
    for number, group in enumerate(groups):
        share = (stop_at - time.monotonic()) / (len(groups) - number)
        proven += _in_component(instance, group, open_cases, time.monotonic() + share)
    return proven


def _in_component(
    instance: Instance, schools: Sequence[SchoolView], open_cases: frozenset[str] | None, stop_at: float
) -> int:
    """Look at each school by itself first, then at all of them, who compete for the people they share."""
    known = [None if open_cases is None else len(open_cases.intersection(view.students)) for view in schools]
    proven = 0
    for number, (view, count) in enumerate(zip(schools, known, strict=True)):
        left = (stop_at - time.monotonic()) / (len(schools) - number + 1)
        if count != 0 and left > 0:
            proven += least_left_out(instance, [view], known=count, seconds=left).students
    together = None if open_cases is None else sum(filter(None, known))
    students = sum(len(view.students) for view in schools)
    left = stop_at - time.monotonic()
    if len(schools) > 1 and proven != together and students <= _TOGETHER and left > 0:
        proven = max(proven, least_left_out(instance, schools, known=together, seconds=left).students)
    return proven
