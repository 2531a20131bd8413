"""Runs: from the request to every placement being a defense, however often a process dies on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from contracts.base import Fact
from contracts.defenses import DEFENSE_SCHEDULED, DefenseScheduled, Seat
from defenses.domain.defenses import SCHEDULED, Defense, school_year
from defenses.domain.roster import School, UnknownSchoolError
from defenses.domain.runs import NoRunError, Placement, Plan, ScheduleRun, open_run, plan_of_nothing
from defenses.domain.scheduling.instance import Instance, Solution
from defenses.domain.scheduling.planning import InvalidScheduleError, plan
from defenses.domain.scheduling.reasons import without_availability
from defenses.domain.scheduling.season import SeasonPolicy
from defenses.use_cases.seasons import Desk, defense_id, gather_season, waiting_candidates
from defenses.use_cases.stores import Aggregates, Decide, Finder

#: Defenses that are written at once; between two such writes the lease on the district is renewed.
_BATCH = 50


class SearchFailedError(Exception):
    """The solver gave no answer; the text says how it ended."""


class Solver(Protocol):
    """Searches for a schedule."""

    def solve(self, instance: Instance, policy: SeasonPolicy, still_ours: Callable[[], None], /) -> Solution:
        """Return the best schedule found within the policy's time.

        Args:
            instance: the problem.
            policy: how long and how hard to search.
            still_ours: called every few seconds; raises to end the search.

        Raises:
            SearchFailedError: if there is no answer.
        """
        ...


#: The stage that creates the defenses.
APPLY = "apply"

#: The stage of a run to the desk for it; a stage of one run is one cause, so that it is done once.
Desks = Callable[[str], Desk]


def request_run(
    school_id: str,
    run_id: str,
    *,
    schools: Finder[School],
    runs: Aggregates[ScheduleRun],
    now: datetime,
) -> ScheduleRun:
    """Queue a run for a school; the same run id is the same run.

    Raises:
        UnknownSchoolError: if the roster has named no such school yet.
    """
    if schools.find(school_id) is None:
        raise UnknownSchoolError(school_id, "school_id")
    fresh = open_run(run_id, school_id, now=now)

    def decide(found: ScheduleRun | None) -> tuple[ScheduleRun, Sequence[Fact]] | None:
        return (fresh, ()) if found is None else None

    return runs.change(run_id, decide) or fresh


def carry_out(run_id: str, *, desks: Desks, solver: Solver, still_ours: Callable[[], None]) -> ScheduleRun:
    """Take a run from wherever an earlier process left it to its end, and return it.

    Args:
        run_id: an open run of a district whose lease we hold.
        desks: gives the stores for a stage.
        solver: searches.
        still_ours: renews the lease; raises if somebody else holds it, which ends our part.

    Raises:
        NoRunError: if there is no such run.
    """
    run = _change(desks("begin"), run_id, lambda found, now: found.begun(now=now))
    if run.may_solve:
        run = _solve(run, desks=desks, solver=solver, still_ours=still_ours)
    if run.plan is None:
        return run
    _apply(run, run.plan, desks(APPLY), still_ours)
    return _change(desks("finish"), run_id, lambda found, now: found.applied(now=now))


def _solve(run: ScheduleRun, *, desks: Desks, solver: Solver, still_ours: Callable[[], None]) -> ScheduleRun:
    desk = desks("solve")
    try:
        decided = _plan(run, desk, solver, still_ours)
    except (SearchFailedError, InvalidScheduleError) as error:
        failure = str(error)
        return _change(desk, run.run_id, lambda found, now: found.failed(failure, now=now))
    return _change(desk, run.run_id, lambda found, _: found.planned(decided))


def _plan(run: ScheduleRun, desk: Desk, solver: Solver, still_ours: Callable[[], None]) -> Plan:
    published = desk.availabilities.find(run.school_id)
    day = desk.now.date() if published is None else min(day.date for day in published.availability.days)
    year = school_year(day, starts=desk.season.year_starts)
    waiting = waiting_candidates(run.school_id, year, desk)
    if published is None:
        return plan_of_nothing(without_availability(sorted(each.student_id for each in waiting)))
    if not waiting:
        return plan_of_nothing(())
    season = gather_season(published, waiting, year, desk)
    instance = season.instance()
    return plan(season, instance, solver.solve(instance, desk.season, still_ours), year, defense_id)


def _apply(run: ScheduleRun, decided: Plan, desk: Desk, still_ours: Callable[[], None]) -> None:
    """Create the defenses; those that an earlier process created are found as they are."""
    for first in range(0, len(decided.placements), _BATCH):
        still_ours()
        batch = decided.placements[first : first + _BATCH]
        desk.defenses.change_many([(each.defense_id, _creation(run, decided, each)) for each in batch])


def _creation(run: ScheduleRun, decided: Plan, placement: Placement) -> Decide[Defense]:
    defense = Defense(
        defense_id=placement.defense_id,
        student_id=placement.student_id,
        school_id=run.school_id,
        transition=placement.transition,
        school_year=decided.school_year,
        revision=1,
        state=SCHEDULED,
        starts_at=placement.starts_at,
        ends_at=placement.ends_at,
        time_zone=decided.time_zone,
        room_id=placement.room_id,
        room=placement.room,
        panel=placement.panel,
        run_id=run.run_id,
    )

    def decide(found: Defense | None) -> tuple[Defense, Sequence[Fact]] | None:
        return (defense, [_scheduled(defense)]) if found is None else None

    return decide


def _scheduled(defense: Defense) -> Fact:
    return DEFENSE_SCHEDULED.says(
        DefenseScheduled(
            defense_id=defense.defense_id,
            revision=defense.revision,
            student_id=defense.student_id,
            school_id=defense.school_id,
            transition=defense.transition,
            starts_at=defense.starts_at,
            ends_at=defense.ends_at,
            time_zone=defense.time_zone,
            room=defense.room,
            panel=tuple(Seat(panelist_id=seat.panelist_id, role=seat.role) for seat in defense.panel),
        )
    )


def _change(desk: Desk, run_id: str, change: Callable[[ScheduleRun, datetime], ScheduleRun]) -> ScheduleRun:
    """Change a run that must exist; a change that changes nothing is not written."""

    def decide(found: ScheduleRun | None) -> tuple[ScheduleRun, Sequence[Fact]] | None:
        if found is None:
            raise NoRunError(f"there is no run {run_id}")
        changed = change(found, desk.now)
        return None if changed is found else (changed, ())

    changed = desk.runs.change(run_id, decide)
    assert changed is not None  # decide has raised if there is none
    return changed
