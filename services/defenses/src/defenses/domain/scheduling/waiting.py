"""Who is to be placed: for the first time, again after losing a place, or for a redefense."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from defenses.domain.hearings.hearing import Hearing
from defenses.domain.hearings.outcomes import NOT_YET, READY
from defenses.domain.hearings.redefenses import Redefense
from defenses.domain.roster import Pupil


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Which defense of a student is due.

    Attributes:
        number: 1 for the defense, above that for redefenses.
        heard_by: who may not sit, because they have heard this student.
        defend_by: last day for a redefense.
    """

    number: int = 1
    heard_by: frozenset[str] = frozenset()
    defend_by: date | None = None


@dataclass(frozen=True)
class Waiting:
    """A student who is to be placed, and for which defense."""

    pupil: Pupil
    attempt: Attempt


def redefense(hearings: Sequence[Hearing]) -> Attempt | None:
    """Return the redefense that a student has ahead.

    Args:
        hearings: of the student, in one transition and school year, in any order.

    Returns:
        None while the first defense is not decided, and for who is through.
    """
    if not hearings or any(each.status == READY for each in hearings):
        return None
    last = max(hearings, key=lambda each: (each.matter.attempt, each.sitting))
    if last.status == NOT_YET:
        return _attempt(last.matter.attempt + 1, last)
    # A redefense that was begun without coming to an outcome is repeated.
    asking = next((each for each in hearings if each.hearing_id == last.matter.follows), None)
    return _attempt(last.matter.attempt, asking) if asking is not None else None


def _attempt(number: int, asking: Hearing) -> Attempt | None:
    due: Redefense | None = asking.record.redefense if asking.record is not None else None
    if due is None:
        return None
    return Attempt(number=number, heard_by=frozenset(due.excluded), defend_by=due.defend_by)
