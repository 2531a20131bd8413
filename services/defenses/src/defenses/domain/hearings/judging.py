"""How an open hearing comes to its outcome: sheets, absences, rounds, and how it ends without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from defenses.domain.hearings.faults import HearingConflictError, NotOnPanelError, PanelRefusedError
from defenses.domain.hearings.hearing import (
    ADJOURNED,
    DECIDED,
    LAST_ROUND,
    OPEN,
    Ending,
    Hearing,
    Levels,
    Record,
    Round,
)
from defenses.domain.hearings.outcomes import Outcome, OutcomeRule, decide
from defenses.domain.hearings.redefenses import Redefense, school_day_after
from defenses.domain.hearings.rescoring import CentralScore, why_rescored
from defenses.domain.hearings.sheets import Mark, Sheet, apart, checked, medians


def submitted(
    hearing: Hearing,
    panelist_id: str,
    round_number: int,
    marks: Sequence[Mark],
    rule: OutcomeRule,
    *,
    now: datetime,
) -> Hearing:
    """Take one panelist's sheet; the last one closes the round. The same object means that it was in already.

    Raises:
        NotOnPanelError: if the panelist has no seat.
        InvalidEntryError: if the sheet cannot be counted.
        HearingConflictError: if another sheet of theirs is in, or the round is not open.
    """
    if panelist_id not in hearing.panelist_ids:
        raise NotOnPanelError("you have no seat on this panel")
    ordered = checked(marks, hearing.matter.indicators, rule)
    known = hearing.sheet_of(panelist_id, round_number)
    if known is not None:
        if known.marks == ordered:
            return hearing
        raise HearingConflictError("another sheet of yours is in, and it cannot be changed", "marks")
    _require_open(hearing)
    if round_number != hearing.round:
        raise HearingConflictError(f"round {hearing.round} is open", "round")
    if panelist_id not in hearing.sitting_ids:
        raise HearingConflictError("you are recorded as absent from this round")
    sheet = Sheet(panelist_id=panelist_id, round=round_number, marks=ordered, submitted_at=now)
    return _closed(replace(hearing, sheets=(*hearing.sheets, sheet)), rule, now)


def absent(
    hearing: Hearing, panelist_ids: Sequence[str], reason: str, rule: OutcomeRule, *, now: datetime
) -> Hearing:
    """Go on without some of the panel; if the others' sheets are in, that closes the round.

    Raises:
        HearingConflictError: if the hearing is not open, or if a sheet of theirs is in.
        PanelRefusedError: if they have no seat, or if fewer than the quorum stay.
    """
    _require_open(hearing)
    gone = set(panelist_ids)
    if not gone <= set(hearing.panelist_ids):
        raise PanelRefusedError("somebody named has no seat on this panel", "panelist_ids")
    if gone & set(hearing.submitted_ids):
        raise HearingConflictError("somebody named has submitted their sheet", "panelist_ids")
    stay = set(hearing.sitting_ids) - gone
    if len(stay) < rule.quorum:
        raise PanelRefusedError(f"fewer than the quorum of {rule.quorum} stay", "panelist_ids")
    seats = tuple(
        replace(seat, absent_from=hearing.round, absence=reason)
        if seat.panelist_id in gone and seat.absent_from is None
        else seat
        for seat in hearing.seats
    )
    return _closed(replace(hearing, seats=seats), rule, now)


def adjourned(hearing: Hearing, ending: Ending) -> Hearing:
    """End the hearing without an outcome; what was submitted stays, and another sitting may follow.

    Raises:
        HearingConflictError: if the hearing is not open.
    """
    _require_open(hearing)
    return replace(hearing, state=ADJOURNED, ending=ending)


def _require_open(hearing: Hearing) -> None:
    if hearing.state != OPEN:
        raise HearingConflictError(f"the hearing is {hearing.state}")


def _closed(hearing: Hearing, rule: OutcomeRule, now: datetime) -> Hearing:
    """Close the round once every sheet of those who sit is in."""
    sheets = hearing.sheets_of(hearing.round)
    if set(hearing.submitted_ids) != set(hearing.sitting_ids):
        return hearing
    closed = Round(
        number=hearing.round,
        counted=hearing.sitting_ids,
        medians=medians(sheets, hearing.matter.indicators),
        apart=apart(sheets, hearing.matter.indicators, rule.apart),
        closed_at=now,
    )
    after = replace(hearing, rounds=(*hearing.rounds, closed))
    if closed.apart and closed.number < LAST_ROUND:
        return replace(after, round=closed.number + 1)
    return _decided(after, closed.medians, rule, now)


def _decided(hearing: Hearing, found: Levels, rule: OutcomeRule, now: datetime) -> Hearing:
    outcome = outcome_of(hearing, dict(found), rule)
    record = Record(
        version=1, outcome=outcome, redefense=redefense_after(hearing, outcome, rule, now), decided_at=now
    )
    why = why_rescored(hearing.hearing_id, rule, split=hearing.split)
    return replace(
        hearing,
        state=DECIDED,
        records=(record,),
        released=1 if rule.release_at_once else 0,
        central=CentralScore(why=why) if why is not None else None,
    )


def outcome_of(hearing: Hearing, found: Mapping[str, float], rule: OutcomeRule) -> Outcome:
    """Decide by what this hearing found and what was met before it."""
    return decide({**dict(hearing.matter.carried), **found}, rule)


def redefense_after(hearing: Hearing, outcome: Outcome, rule: OutcomeRule, now: datetime) -> Redefense | None:
    """Return what is due after an outcome: a plan and a redefense, or None after READY."""
    if not outcome.unmet:
        return None
    day = hearing.local_day(now)
    return Redefense(
        indicators=outcome.unmet,
        plan_due_on=school_day_after(day, rule.plan_within, rule.no_school),
        defend_by=school_day_after(day, rule.redefense_within, rule.no_school),
        excluded=hearing.heard_by,
    )
