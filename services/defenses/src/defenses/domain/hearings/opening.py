"""Who may hear what next: first sittings, repeated ones, and redefenses before other people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from defenses.domain.defenses import Defense
from defenses.domain.hearings.faults import HearingConflictError, PanelRefusedError
from defenses.domain.hearings.hearing import OPEN, Hearing, Matter, Seat
from defenses.domain.hearings.outcomes import NOT_YET, READY, OutcomeRule


@dataclass(frozen=True)
class Sitting:
    """The hearing that comes next: what it hears, and the number of its sitting."""

    matter: Matter
    number: int


def first_matter(defense: Defense, rule: OutcomeRule) -> Matter:
    """Return what the hearing of a scheduled defense is about: all indicators of the rule in force."""
    return Matter(
        student_id=defense.student_id,
        school_id=defense.school_id,
        transition=defense.transition,
        school_year=defense.school_year,
        time_zone=defense.time_zone,
        attempt=1,
        follows=None,
        rule_version=rule.version,
        indicators=rule.indicators,
    )


def next_sitting(earlier: Sequence[Hearing], first: Matter) -> Sitting:
    """Return a student's next sitting; the last one while it is still open.

    Args:
        earlier: the hearings of this student, transition and school year so far, in any order.
        first: what is heard if there was none.

    Raises:
        HearingConflictError: if the student is through.
    """
    if not earlier:
        return Sitting(first, 1)
    if any(hearing.status == READY for hearing in earlier):
        raise HearingConflictError("the outcome is READY already")
    last = max(earlier, key=lambda hearing: (hearing.matter.attempt, hearing.sitting))
    if last.status == NOT_YET:
        return Sitting(_redefended(last), 1)
    if last.state == OPEN:
        return Sitting(last.matter, last.sitting)
    heard_by = tuple(each for each in last.heard_by if each not in last.matter.excluded)
    return Sitting(replace(last.matter, heard_by=heard_by), last.sitting + 1)


def _redefended(last: Hearing) -> Matter:
    assert last.record is not None
    assert last.record.redefense is not None
    due = last.record.redefense
    return Matter(
        student_id=last.matter.student_id,
        school_id=last.matter.school_id,
        transition=last.matter.transition,
        school_year=last.matter.school_year,
        time_zone=last.matter.time_zone,
        attempt=last.matter.attempt + 1,
        follows=last.hearing_id,
        rule_version=last.matter.rule_version,
        indicators=due.indicators,
        carried=tuple(level for level in last.record.outcome.levels if level[0] not in due.indicators),
        excluded=due.excluded,
    )


def seated(
    seats: Iterable[tuple[str, str]], matter: Matter, rule: OutcomeRule, *, teachers: AbstractSet[str]
) -> tuple[Seat, ...]:
    """Return the panel's seats.

    Args:
        seats: (panelist id, role).
        matter: says who sat before.
        rule: says how many there must be at least.
        teachers: who teaches the student.

    Raises:
        PanelRefusedError: if somebody may not sit, or sits twice, or if they are too few.
    """
    found = tuple(Seat(panelist_id=panelist_id, role=role) for panelist_id, role in seats)
    ids = [seat.panelist_id for seat in found]
    if len(set(ids)) < len(ids):
        raise PanelRefusedError("somebody has two seats", "panel")
    if len(ids) < rule.quorum:
        raise PanelRefusedError(f"a panel needs {rule.quorum} people", "panel")
    _refuse(set(ids) & set(matter.excluded), "heard this student before")
    _refuse(set(ids) & teachers, "teach this student")
    return found


def refuse_uncalibrated(panelist_ids: Iterable[str]) -> None:
    """Raise PanelRefusedError if there is anybody."""
    _refuse(set(panelist_ids), "are not calibrated")


def _refuse(panelist_ids: AbstractSet[str], what: str) -> None:
    if panelist_ids:
        raise PanelRefusedError(f"{', '.join(sorted(panelist_ids))} {what}", "panel")
