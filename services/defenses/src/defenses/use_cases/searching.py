"""From the students who wait to a plan: gather, search, check."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from defenses.domain.defenses import school_year
from defenses.domain.runs import Plan, Progress, Unplaced, plan_of_nothing
from defenses.domain.scheduling.instance import Instance, Solution
from defenses.domain.scheduling.joint import fit_together, joined
from defenses.domain.scheduling.planning import plan
from defenses.domain.scheduling.reasons import without_availability
from defenses.domain.scheduling.season import Season, SeasonPolicy
from defenses.domain.scheduling.waiting import Waiting
from defenses.use_cases.seasons import Desk, defense_id, gather_season, waiting_at

Made = TypeVar("Made")

NO_TIME_LEFT, TIMES_CHANGED = "no_time_left", "times_changed"
_TOO_LATE = "All times of the school's season are past, or too near to tell the family."
_CHANGED = (
    "The school's times do not fit those of the run's other schools any more; another run finds a place."
)


class SearchFailedError(Exception):
    """The solver gave no answer; the text says how it ended."""


#: Told every few seconds how far a search is, None if it has not said; returns whether to go on with it, and
#: raises to end it without an answer.
Beat = Callable[[Progress | None], bool]


class Aside(Protocol):
    """Does what takes the processor for seconds, in a way that others have their turn meanwhile."""

    def __call__(self, work: Callable[[], Made], beat: Beat, /) -> Made:
        """Return what the work returns; it touches no store. `beat` is called every few seconds."""
        ...


def here(work: Callable[[], Made], _: Beat) -> Made:
    """Do it at once, where nobody else waits for the process."""
    return work()


class Solver(Protocol):
    """Searches for a schedule."""

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat, /) -> Solution:
        """Return the best schedule found within the policy's time, or until it was not to go on.

        Args:
            instance: the problem.
            policy: how long and how hard to search.
            beat: called every few seconds.

        Raises:
            SearchFailedError: if there is no answer.
        """
        ...


def search(school_ids: Sequence[str], desk: Desk, solver: Solver, beat: Beat, aside: Aside = here) -> Plan:
    """Return the plan for the students of some schools who wait for a place.

    Args:
        school_ids: of the schools.
        desk: the stores.
        solver: searches.
        beat: called every few seconds.
        aside: does what takes long for a large area.

    Raises:
        SearchFailedError: if there is no answer.
        InvalidScheduleError: if the answer breaks hard rules.
    """
    published = desk.availabilities.existing(school_ids)
    days = [day.date for each in published.values() for day in each.availability.days]
    year = school_year(min(days, default=desk.now.date()), starts=desk.season.year_starts)
    seasons: list[Season] = []
    unplaced: list[Unplaced] = []
    for school_id in sorted(school_ids):
        # A large area takes longer to gather than a district waits for a silent planner.
        beat(None)
        waiting = waiting_at(school_id, year, desk)
        season = gather_season(published[school_id], waiting, year, desk) if school_id in published else None
        if season is None:
            unplaced += without_availability(_ids(waiting))
        elif not season.slots:
            unplaced += [Unplaced(each, NO_TIME_LEFT, _TOO_LATE) for each in _ids(waiting)]
        elif not fit_together([*(each.availability for each in seasons), season.availability]):
            unplaced += [Unplaced(each, TIMES_CHANGED, _CHANGED) for each in _ids(waiting)]
        elif waiting:
            seasons.append(season)
    if not seasons:
        return plan_of_nothing(tuple(unplaced))
    joint = joined(seasons)
    instance = aside(joint.instance, beat)
    solution = solver.solve(instance, desk.season, beat)
    found = aside(lambda: plan(joint, instance, solution, year, defense_id), beat)
    return found.with_unplaced(unplaced)


def _ids(waiting: Sequence[Waiting]) -> list[str]:
    return sorted(each.pupil.student_id for each in waiting)
