"""Runs: from the request to every placement being a defense, however often a process dies on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Protocol

from contracts.base import Fact
from defenses.domain.defenses import (
    DRAFT,
    SCHEDULED,
    Defense,
    Note,
    school_year,
)
from defenses.domain.roster import Pupil, School, UnknownSchoolError
from defenses.domain.runs import (
    NoRunError,
    Placement,
    Plan,
    ScheduleRun,
    Unplaced,
    open_run,
    plan_of_nothing,
)
from defenses.domain.scheduling.instance import Instance, Solution
from defenses.domain.scheduling.planning import InvalidScheduleError, plan
from defenses.domain.scheduling.reasons import without_availability
from defenses.domain.scheduling.season import SeasonPolicy
from defenses.use_cases.announcing import news
from defenses.use_cases.seasons import Desk, defense_id, gather_season, waiting_at
from defenses.use_cases.stores import Aggregates, Decide, Finder
from defenses.use_cases.timetables import timetable_around
from defenses.use_cases.transfers import follow

#: Defenses that are written at once; between two such writes the lease on the district is renewed.
_BATCH = 50

#: Words for a place that a run found and somebody else took, or whose student was lost, before the run could.
TAKEN_MEANWHILE, GONE_MEANWHILE = "taken_meanwhile", "gone_meanwhile"
_TAKEN = "The place that the run found was taken while it searched; another run finds a new one."
_GONE = "The student left the school, or is not ready any more, while the run searched."

NO_TIME_LEFT = "no_time_left"
_TOO_LATE = "All times of the school's season are past, or too near to tell the family."


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


#: The stage that creates the defenses, and the one that looks where the roster has their students by then.
APPLY, FOLLOW = "apply", "follow"

#: The stage of a run to the desk for it; a stage of one run is one cause, so that it is done once.
Desks = Callable[[str], Desk]

#: Gives the turn to change a district's schedule, which nobody else has meanwhile, with the desks for it.
Turn = Callable[[], AbstractContextManager[Desks]]


def request_run(
    school_id: str,
    run_id: str,
    *,
    schools: Finder[School],
    runs: Aggregates[ScheduleRun],
    now: datetime,
    publish: bool = True,
) -> ScheduleRun:
    """Queue a run for a school; the same run id is the same run.

    Args:
        school_id: the school.
        run_id: of the new run.
        schools: our copies.
        runs: where it is kept.
        now: the time.
        publish: whether families hear of the defenses at once; otherwise they are drafts.

    Raises:
        UnknownSchoolError: if the roster has named no such school yet.
    """
    if schools.find(school_id) is None:
        raise UnknownSchoolError(school_id, "school_id")
    fresh = open_run(run_id, school_id, now=now, publish=publish)

    def decide(found: ScheduleRun | None) -> tuple[ScheduleRun, Sequence[Fact]] | None:
        return (fresh, ()) if found is None else None

    return runs.change(run_id, decide) or fresh


def resume_run(run_id: str, *, runs: Aggregates[ScheduleRun]) -> ScheduleRun:
    """Let a run that was given up begin again.

    Raises:
        NoRunError: if there is no such run.
        RunNotFailedError: if it was not given up.
    """

    def decide(found: ScheduleRun | None) -> tuple[ScheduleRun, Sequence[Fact]]:
        if found is None:
            raise NoRunError(f"there is no run {run_id}")
        return found.resumed(), ()

    resumed = runs.change(run_id, decide)
    assert resumed is not None  # decide has raised if there is none
    return resumed


def carry_out(
    run_id: str,
    *,
    desks: Desks,
    solver: Solver,
    still_ours: Callable[[], None],
    turn: Turn | None = None,
) -> ScheduleRun:
    """Take a run from wherever an earlier process left it to its end, and return it.

    Args:
        run_id: an open run of a district whose lease we hold.
        desks: gives the stores for a stage.
        solver: searches.
        still_ours: renews the lease; raises if somebody else holds it, which ends our part.
        turn: to write defenses; coordinators change others while a run searches.

    Raises:
        NoRunError: if there is no such run.
    """
    run = _change(desks("begin"), run_id, lambda found, now: found.begun(now=now))
    if run.may_solve:
        run = _solve(run, desks=desks, solver=solver, still_ours=still_ours)
    if run.plan is None:
        return run
    _apply(run, run.plan, still_ours, turn or (lambda: nullcontext(desks)))
    lost = _lost(run, run.plan, desks("finish"))
    return _change(desks("finish"), run_id, lambda found, now: found.applied(lost=lost, now=now))


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
    waiting = waiting_at(run.school_id, year, desk)
    ids = sorted(each.pupil.student_id for each in waiting)
    if published is None:
        return plan_of_nothing(without_availability(ids))
    if not waiting:
        return plan_of_nothing(())
    season = gather_season(published, waiting, year, desk)
    if not season.slots:
        return plan_of_nothing(tuple(Unplaced(each, NO_TIME_LEFT, _TOO_LATE) for each in ids))
    instance = season.instance()
    return plan(season, instance, solver.solve(instance, desk.season, still_ours), year, defense_id)


def _apply(run: ScheduleRun, decided: Plan, still_ours: Callable[[], None], turn: Turn) -> None:
    """Create the defenses; those that an earlier process created are found as they are."""
    for first in range(0, len(decided.placements), _BATCH):
        still_ours()
        batch = decided.placements[first : first + _BATCH]
        with turn() as desks:
            desk = desks(APPLY)
            fitting = _still_fitting(run, decided, batch, desk)
            desk.defenses.change_many([(each.defense_id, _creation(run, each)) for each in fitting])
            # Again after writing: the roster may have moved a student who had no defense yet at that moment.
            follow([each.student_id for each in fitting], desks(FOLLOW))


def _still_fitting(run: ScheduleRun, decided: Plan, batch: Sequence[Placement], desk: Desk) -> list[Defense]:
    """Return the defenses to create, without those whose place or student was lost while the run searched."""
    wanted = [_defense(run, decided, each) for each in batch]
    pupils = desk.pupils.existing([each.student_id for each in batch])
    timetable = timetable_around(wanted, desk)
    standing = {each.defense_id for each in timetable.defenses}
    fitting = []
    for defense in wanted:
        gone = not _may_defend_here(pupils.get(defense.student_id), defense)
        if gone or defense.defense_id in standing or timetable.obstacles(defense):
            continue
        timetable.put(defense)
        fitting.append(defense)
    return fitting


def _may_defend_here(pupil: Pupil | None, defense: Defense) -> bool:
    if pupil is None:
        return False
    return (pupil.school_id, pupil.transition) == (defense.school_id, defense.transition)


def _lost(run: ScheduleRun, decided: Plan, desk: Desk) -> dict[str, Unplaced]:
    """Return the placements that did not become defenses of this school."""
    placements = {each.defense_id: each for each in decided.placements}
    found = desk.defenses.existing(placements)
    pupils = desk.pupils.existing([each.student_id for each in decided.placements])
    lost = {}
    for one, each in placements.items():
        if not _may_defend_here(pupils.get(each.student_id), _defense(run, decided, each)):
            lost[one] = Unplaced(each.student_id, GONE_MEANWHILE, _GONE)
        elif one not in found or found[one].is_waiting:
            lost[one] = Unplaced(each.student_id, TAKEN_MEANWHILE, _TAKEN)
    return lost


def _defense(run: ScheduleRun, decided: Plan, placement: Placement) -> Defense:
    return Defense(
        defense_id=placement.defense_id,
        student_id=placement.student_id,
        school_id=run.school_id,
        transition=placement.transition,
        attempt=placement.attempt,
        school_year=decided.school_year,
        revision=1 if run.publish else 0,
        state=SCHEDULED if run.publish else DRAFT,
        starts_at=placement.starts_at,
        ends_at=placement.ends_at,
        time_zone=decided.time_zone,
        room_id=placement.room_id,
        room=placement.room,
        panel=placement.panel,
        run_id=run.run_id,
    )


def _creation(run: ScheduleRun, defense: Defense) -> Decide[Defense]:
    def decide(found: Defense | None) -> tuple[Defense, Sequence[Fact]] | None:
        if found is None:
            return defense, news(None, defense)
        if not found.is_waiting:
            return None
        note = Note(cause="run", reason="A run found a new place.", by=run.run_id, at=run.requested_at)
        after = found.placed_again(
            defense.place,
            note,
            state=defense.state,
            school_id=defense.school_id,
            time_zone=defense.time_zone,
        )
        return after, news(found, after)

    return decide


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
