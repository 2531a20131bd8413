"""What may happen to a record: it is released, corrected by a new version, annulled, or scored again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from defenses.domain.hearings.faults import HearingConflictError, InvalidEntryError, NotOnPanelError
from defenses.domain.hearings.hearing import ANNULLED, Ending, Hearing, Record
from defenses.domain.hearings.judging import outcome_of, redefense_after
from defenses.domain.hearings.outcomes import OutcomeRule
from defenses.domain.hearings.redefenses import Plan, PlanStep
from defenses.domain.hearings.rescoring import CentralScore, Comparison, differences, status_by
from defenses.domain.hearings.sheets import Mark, Sheet, checked, medians
from defenses.domain.publishing import Fault


@dataclass(frozen=True, kw_only=True)
class Correction:
    """New marks for some of the panel.

    Attributes:
        version: of the record that is to be superseded.
        marks: panelist id -> all of their marks; those who are not named keep theirs.
    """

    version: int
    marks: tuple[tuple[str, tuple[Mark, ...]], ...]
    reason: str
    by: str


def released(hearing: Hearing, version: int) -> Hearing:
    """Let the family read the record; the same object means that they may already.

    Raises:
        HearingConflictError: if there is no outcome, or if this version has been superseded.
    """
    _require_record(hearing, version)
    return hearing if hearing.released == version else replace(hearing, released=version)


def corrected(hearing: Hearing, correction: Correction, rule: OutcomeRule, *, now: datetime) -> Hearing:
    """Supersede the record by one with other marks; the old one stays readable.

    Raises:
        HearingConflictError: if there is no outcome, or if another correction came first.
        NotOnPanelError: if the marks are of somebody whose sheet does not count.
        InvalidEntryError: if a sheet cannot be counted.
    """
    last = _require_record(hearing, correction.version)
    final = hearing.rounds[-1]
    before = counted_sheets(hearing, last)
    new = {
        panelist_id: Sheet(
            panelist_id=panelist_id,
            round=final.number,
            marks=checked(marks, hearing.matter.indicators, rule, field=f"sheets.{place}.marks"),
            submitted_at=now,
        )
        for place, (panelist_id, marks) in enumerate(correction.marks)
    }
    if not new.keys() <= set(final.counted):
        raise NotOnPanelError("a correction is about somebody whose sheet does not count")
    after = tuple(new.get(sheet.panelist_id, sheet) for sheet in before)
    outcome = outcome_of(hearing, dict(medians(after, hearing.matter.indicators)), rule)
    record = Record(
        version=last.version + 1,
        outcome=outcome,
        redefense=redefense_after(hearing, outcome, rule, now),
        decided_at=now,
        corrected=tuple(sheet for sheet in after if sheet not in hearing.sheets),
        by=correction.by,
        reason=correction.reason,
    )
    return replace(
        hearing,
        records=(*hearing.records, record),
        released=record.version if rule.release_at_once else hearing.released,
    )


def counted_sheets(hearing: Hearing, record: Record) -> tuple[Sheet, ...]:
    """Return the sheets that a record rests on: those of the last round, or what corrected them."""
    instead = {sheet.panelist_id: sheet for sheet in record.corrected}
    return tuple(
        instead.get(sheet.panelist_id, sheet) for sheet in hearing.sheets_of(hearing.rounds[-1].number)
    )


def annulled(hearing: Hearing, version: int, ending: Ending) -> Hearing:
    """Take it that the hearing was not held as it must be: it is to be repeated, the record stays.

    Raises:
        HearingConflictError: if there is no outcome, or if this version has been superseded.
    """
    _require_record(hearing, version)
    return replace(hearing, state=ANNULLED, ending=ending)


def rescored(
    hearing: Hearing, marks: Sequence[Mark], rule: OutcomeRule, *, by: str, now: datetime
) -> Hearing:
    """Compare a central scorer's marks with the record; the outcome stays as it is.

    The same object means that these marks are in already.

    Raises:
        HearingConflictError: if the hearing is not to be scored again, or has been.
        InvalidEntryError: if the marks cannot be compared.
    """
    if hearing.central is None or hearing.record is None:
        raise HearingConflictError("this hearing is not to be scored again")
    if by in {*hearing.panelist_ids, *hearing.heard_by}:
        raise HearingConflictError("you have heard this student")
    ordered = checked(marks, hearing.matter.indicators, rule)
    known = hearing.central.comparison
    if known is not None:
        if (known.marks, known.scored_by) == (ordered, by):
            return hearing
        raise HearingConflictError("this hearing has been scored again")
    outcome = hearing.record.outcome
    status = status_by(ordered, outcome, rule)
    comparison = Comparison(
        marks=ordered,
        differences=differences(ordered, outcome),
        record=hearing.record.version,
        status=status,
        same_status=status == outcome.status,
        scored_by=by,
        scored_at=now,
    )
    return replace(hearing, central=CentralScore(why=hearing.central.why, comparison=comparison))


def planned(hearing: Hearing, version: int, steps: Sequence[PlanStep], *, by: str, now: datetime) -> Hearing:
    """Take a plan for the redefense; an earlier one stays. The same object means that it is the last one.

    Raises:
        HearingConflictError: if no redefense is due, or if this version of the record has been superseded.
        InvalidEntryError: if a step is about something else, or an unmet indicator has none.
    """
    record = _require_record(hearing, version)
    if record.redefense is None:
        raise HearingConflictError("this hearing asks for no redefense")
    faults = [
        Fault(f"steps.{place}.indicator_id", "it is not to be defended again")
        for place, step in enumerate(steps)
        if step.indicator_id not in record.redefense.indicators
    ]
    named = {step.indicator_id for step in steps}
    faults += [
        Fault("steps", f"{each} is missing") for each in record.redefense.indicators if each not in named
    ]
    if faults:
        raise InvalidEntryError(faults)
    last = hearing.plans[-1] if hearing.plans else None
    if last is not None and (last.record, last.steps) == (version, tuple(steps)):
        return hearing
    plan = Plan(version=len(hearing.plans) + 1, record=version, steps=tuple(steps), by=by, at=now)
    return replace(hearing, plans=(*hearing.plans, plan))


def _require_record(hearing: Hearing, version: int) -> Record:
    if hearing.record is None:
        raise HearingConflictError("the hearing has no outcome")
    if hearing.record.version != version:
        raise HearingConflictError(f"version {hearing.record.version} of the record holds now", "version")
    return hearing.record
