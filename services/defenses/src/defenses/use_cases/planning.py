"""Runs: from the request to every placement being a defense, however often a process dies on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from contracts.base import Fact
from defenses.domain.defenses import (
    DRAFT,
    SCHEDULED,
    Defense,
    Note,
)
from defenses.domain.roster import Pupil
from defenses.domain.runs import (
    APPLYING,
    NoRunError,
    Placement,
    Plan,
    Progress,
    ScheduleRun,
    Unplaced,
)
from defenses.domain.scheduling.planning import InvalidScheduleError
from defenses.use_cases.announcing import news
from defenses.use_cases.searching import Aside, SearchFailedError, Solver, here, search
from defenses.use_cases.seasons import Desk
from defenses.use_cases.stores import Decide
from defenses.use_cases.timetables import timetable_around
from defenses.use_cases.transfers import follow

#: Defenses that are written at once; between two such writes the lease on the district is renewed.
_BATCH = 50

#: Words for a place that a run found and somebody else took, or whose student was lost, before the run could.
TAKEN_MEANWHILE, GONE_MEANWHILE = "taken_meanwhile", "gone_meanwhile"
_TAKEN = "The place that the run found was taken while it searched; another run finds a new one."
_GONE = "The student left the school, or is not ready any more, while the run searched."

#: The stage that creates the defenses, and the one that looks where the roster has their students by then.
APPLY, FOLLOW = "apply", "follow"

#: The stage of a run to the desk for it; a stage of one run is one cause, so that it is done once.
Desks = Callable[[str], Desk]

#: Gives the turn to change a district's schedule, which nobody else has meanwhile, with the desks for it.
Turn = Callable[[], AbstractContextManager[Desks]]


def carry_out(
    run_id: str,
    *,
    desks: Desks,
    solver: Solver,
    still_ours: Callable[[], None],
    turn: Turn | None = None,
    aside: Aside = here,
) -> ScheduleRun:
    """Take a run from wherever an earlier process left it to its end, and return it.

    A run that is to search once more for those who lost their place meanwhile is still open then.

    Args:
        run_id: an open run of a district whose lease we hold.
        desks: gives the stores for a stage.
        solver: searches.
        still_ours: renews the lease; raises if somebody else holds it, which ends our part.
        turn: to write defenses; coordinators change others while a run searches.
        aside: does what takes the processor for long.

    Raises:
        NoRunError: if there is no such run.
    """
    run = _change(desks("begin"), run_id, lambda found, now: found.begun(now=now))
    if run.may_solve:
        run = _solve(run, desks=desks, solver=solver, still_ours=still_ours, aside=aside)
    if run.plan is None or run.state != APPLYING:
        return run
    _apply(run, run.plan, still_ours, turn or (lambda: nullcontext(desks)))
    lost = _lost(run, run.plan, desks("finish"))
    again = any(each.reason == TAKEN_MEANWHILE for each in lost.values())
    return _change(desks("finish"), run_id, lambda found, now: found.applied(lost=lost, again=again, now=now))


def _solve(
    run: ScheduleRun, *, desks: Desks, solver: Solver, still_ours: Callable[[], None], aside: Aside
) -> ScheduleRun:
    desk = desks("solve")

    def beat(progress: Progress | None) -> bool:
        still_ours()
        known = _change(desks("progress"), run.run_id, lambda found, _: found.progressed(progress))
        return not known.stop

    try:
        decided = search(run.school_ids, desk, solver, beat, aside)
    except (SearchFailedError, InvalidScheduleError) as error:
        failure = str(error)
        return _change(desk, run.run_id, lambda found, now: found.failed(failure, now=now))
    return _change(desk, run.run_id, lambda found, now: found.planned(decided, now=now))


def _apply(run: ScheduleRun, decided: Plan, still_ours: Callable[[], None], turn: Turn) -> None:
    """Create the defenses; those that an earlier process created are found as they are."""
    for batch in _batches(decided.placements):
        still_ours()
        with turn() as desks:
            desk = desks(APPLY)
            fitting = _still_fitting(run, decided, batch, desk)
            desk.defenses.change_many([(each.defense_id, _creation(run, each)) for each in fitting])
            # Again after writing: the roster may have moved a student who had no defense yet at that moment.
            follow([each.student_id for each in fitting], desks(FOLLOW))


def _batches(placements: Sequence[Placement]) -> Iterator[Sequence[Placement]]:
    """Yield placements that are written at once: of one school, whose timetable is read for them."""
    for _, of_school in groupby(placements, key=attrgetter("school_id")):
        rest = list(of_school)
        for first in range(0, len(rest), _BATCH):
            yield rest[first : first + _BATCH]


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
    """Return the placements that did not become defenses of their school."""
    lost = {}
    for batch in _batches(decided.placements):
        found = desk.defenses.existing([each.defense_id for each in batch])
        pupils = desk.pupils.existing([each.student_id for each in batch])
        for each in batch:
            if not _may_defend_here(pupils.get(each.student_id), _defense(run, decided, each)):
                lost[each.defense_id] = Unplaced(each.student_id, GONE_MEANWHILE, _GONE)
            elif each.defense_id not in found or found[each.defense_id].is_waiting:
                lost[each.defense_id] = Unplaced(each.student_id, TAKEN_MEANWHILE, _TAKEN)
    return lost


def _defense(run: ScheduleRun, decided: Plan, placement: Placement) -> Defense:
    return Defense(
        defense_id=placement.defense_id,
        student_id=placement.student_id,
        school_id=placement.school_id,
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
        interpreter=placement.interpreter,
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
            interpreter=defense.interpreter,
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
