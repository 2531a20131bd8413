"""What a change of a hearing tells others, from the hearing before and after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from contracts.base import Fact
from contracts.defenses import (
    HEARING_ADJOURNED,
    HEARING_ANNULLED,
    HEARING_OPENED,
    HEARING_RESCORED,
    OUTCOME_DECIDED,
    OUTCOME_RELEASED,
    PLAN_RECORDED,
    REDEFENSE_REQUESTED,
    ROUND_CLOSED,
    SHEET_SUBMITTED,
    HearingAdjourned,
    HearingAnnulled,
    HearingOpened,
    HearingRescored,
    IndicatorLevel,
    OutcomeDecided,
    OutcomeReleased,
    PlanRecorded,
    RedefenseRequested,
    RoundClosed,
    Seat,
    SheetSubmitted,
)
from defenses.domain.hearings.hearing import ADJOURNED, ANNULLED, Hearing, Record, Round


def opened(hearing: Hearing) -> list[Fact]:
    """Return what is said about a new hearing."""
    return [
        HEARING_OPENED.says(
            HearingOpened(
                **_about(hearing),
                form=hearing.form,
                panel=tuple(Seat(panelist_id=seat.panelist_id, role=seat.role) for seat in hearing.seats),
                indicators=hearing.matter.indicators,
                opened_at=hearing.opened_at,
            )
        )
    ]


def changed(before: Hearing, after: Hearing, *, now: datetime) -> list[Fact]:
    """Return what is said about a change, in the order in which it happened."""
    return [
        *_judged(before, after),
        *_ended(before, after),
        *_recorded(before, after),
        *_released(before, after, now),
        *_rescored(before, after),
        *_planned(before, after),
    ]


def _judged(before: Hearing, after: Hearing) -> Iterator[Fact]:
    for sheet in after.sheets[len(before.sheets) :]:
        yield SHEET_SUBMITTED.says(
            SheetSubmitted(
                **_about(after),
                panelist_id=sheet.panelist_id,
                round=sheet.round,
                submitted_at=sheet.submitted_at,
            )
        )
    for closed in after.rounds[len(before.rounds) :]:
        yield ROUND_CLOSED.says(_round(after, closed))


def _round(hearing: Hearing, closed: Round) -> RoundClosed:
    return RoundClosed(
        **_about(hearing),
        round=closed.number,
        counted=closed.counted,
        absent=tuple(each for each in hearing.panelist_ids if each not in closed.counted),
        levels=_levels(closed.medians),
        apart=closed.apart,
        closed_at=closed.closed_at,
    )


def _ended(before: Hearing, after: Hearing) -> Iterator[Fact]:
    if after.ending is None or before.ending is not None:
        return
    if after.state == ADJOURNED:
        yield HEARING_ADJOURNED.says(
            HearingAdjourned(**_about(after), cause=after.ending.cause, adjourned_at=after.ending.at)
        )
    if after.state == ANNULLED:
        yield HEARING_ANNULLED.says(HearingAnnulled(**_about(after), annulled_at=after.ending.at))


def _recorded(before: Hearing, after: Hearing) -> Iterator[Fact]:
    for record in after.records[len(before.records) :]:
        yield OUTCOME_DECIDED.says(_outcome(after, record))
        if record.redefense is not None:
            yield REDEFENSE_REQUESTED.says(
                RedefenseRequested(
                    **_about(after),
                    record_version=record.version,
                    indicators=record.redefense.indicators,
                    plan_due_on=record.redefense.plan_due_on,
                    defend_by=record.redefense.defend_by,
                    excluded_panelist_ids=record.redefense.excluded,
                    requested_at=record.decided_at,
                )
            )


def _outcome(hearing: Hearing, record: Record) -> OutcomeDecided:
    outcome = record.outcome
    return OutcomeDecided(
        **_about(hearing),
        record_version=record.version,
        outcome=outcome.status,
        levels=_levels(outcome.levels),
        unmet=outcome.unmet,
        rule_version=outcome.rule_version,
        explanation=outcome.explanation.to_tree(),
        input_hash=outcome.input_hash,
        decided_at=record.decided_at,
    )


def _released(before: Hearing, after: Hearing, now: datetime) -> Iterator[Fact]:
    record = after.released_record
    if record is None or before.released == after.released:
        return
    yield OUTCOME_RELEASED.says(
        OutcomeReleased(
            **_about(after),
            record_version=record.version,
            outcome=record.outcome.status,
            unmet=record.outcome.unmet,
            plan_due_on=record.redefense.plan_due_on if record.redefense is not None else None,
            defend_by=record.redefense.defend_by if record.redefense is not None else None,
            released_at=now,
        )
    )


def _rescored(before: Hearing, after: Hearing) -> Iterator[Fact]:
    comparison = after.central.comparison if after.central is not None else None
    if comparison is None or before.central == after.central:
        return
    yield HEARING_RESCORED.says(
        HearingRescored(
            **_about(after),
            record_version=comparison.record,
            differences=_levels((each.indicator_id, each.levels) for each in comparison.differences),
            same_outcome=comparison.same_status,
            rescored_at=comparison.scored_at,
        )
    )


def _planned(before: Hearing, after: Hearing) -> Iterator[Fact]:
    for plan in after.plans[len(before.plans) :]:
        yield PLAN_RECORDED.says(
            PlanRecorded(
                **_about(after),
                record_version=plan.record,
                plan_version=plan.version,
                indicators=tuple(dict.fromkeys(step.indicator_id for step in plan.steps)),
                recorded_at=plan.at,
            )
        )


def _about(hearing: Hearing) -> dict[str, Any]:
    return {
        "hearing_id": hearing.hearing_id,
        "defense_id": hearing.defense_id,
        "student_id": hearing.student_id,
        "school_id": hearing.school_id,
        "transition": hearing.matter.transition,
        "attempt": hearing.matter.attempt,
        "sitting": hearing.sitting,
    }


def _levels(levels: Iterable[tuple[str, float]]) -> tuple[IndicatorLevel, ...]:
    return tuple(IndicatorLevel(indicator_id=indicator, level=level) for indicator, level in levels)
