"""Which hearing somebody may see, and how far redefenses are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from defenses.domain.hearings.faults import NoHearingError
from defenses.domain.hearings.hearing import Hearing, Record
from defenses.domain.hearings.redefenses import Plan
from defenses.use_cases.hearings.stores import Actor
from defenses.use_cases.stores import Finder


@dataclass(frozen=True)
class Reading:
    """A hearing's outcome as somebody may read it."""

    hearing: Hearing
    record: Record

    @property
    def plan(self) -> Plan | None:
        """The last plan that was made for this record."""
        mine = [plan for plan in self.hearing.plans if plan.record == self.record.version]
        return mine[-1] if mine else None


@dataclass(frozen=True)
class DueRedefense:
    """A hearing whose outcome asks for a redefense, and the last hearing that answers it, if there is one."""

    asking: Hearing
    answer: Hearing | None


def show_hearing(hearing_id: str, actor: Actor, *, hearings: Finder[Hearing]) -> Hearing:
    """Return a hearing as the office or a member of its panel may see it.

    Raises:
        NoHearingError: if there is none that they may see.
    """
    found = hearings.find(hearing_id)
    if found is None or not (actor.office or actor.subject in found.panelist_ids):
        raise NoHearingError(f"there is no hearing {hearing_id}")
    return found.seen_by(actor.subject)


def show_outcome(hearing_id: str, *, of_family: bool, hearings: Finder[Hearing]) -> Reading:
    """Return the outcome of a hearing: to the family what was released, to others what holds.

    Raises:
        NoHearingError: if there is none that they may read.
    """
    found = hearings.find(hearing_id)
    reading = read(found, of_family=of_family) if found is not None else None
    if reading is None:
        raise NoHearingError(f"there is no outcome of a hearing {hearing_id}")
    return reading


def read(hearing: Hearing, *, of_family: bool) -> Reading | None:
    """Return the outcome of a hearing as somebody may read it; None if there is none for them."""
    record = hearing.released_record if of_family else hearing.record
    return Reading(hearing, record) if record is not None else None


def answered(asking: Iterable[Hearing], *, hearings: Finder[Hearing]) -> tuple[DueRedefense, ...]:
    """Return with each hearing that asks for a redefense the last one that answers it."""
    all_asking = tuple(asking)
    answers: dict[str | None, Hearing] = {}
    for hearing in hearings.select(follows=[each.hearing_id for each in all_asking]):
        known = answers.get(hearing.follows)
        if known is None or known.sitting < hearing.sitting:
            answers[hearing.follows] = hearing
    return tuple(DueRedefense(each, answers.get(each.hearing_id)) for each in all_asking)
