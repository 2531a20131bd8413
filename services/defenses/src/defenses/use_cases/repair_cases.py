"""What a disturbance does to a schedule, and the least that mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from defenses.domain.defenses import DRAFT, Defense, school_year
from defenses.domain.repairing.disturbances import FAMILY_ASKED, PANELIST_LOST, STUDENT_READY, Disturbance
from defenses.domain.repairing.ladder import Repaired, repair
from defenses.domain.repairing.offers import SchoolOffer
from defenses.use_cases.seasons import defense_id, standing_defenses
from defenses.use_cases.timetables import ChangeDesk, offers_of, search_in, timetable_around


class UnknownSubjectError(LookupError):
    """What a disturbance names is not known; `field` says which of its attributes."""

    def __init__(self, text: str, field: str) -> None:
        super().__init__(text)
        self.field = field


class NothingToPlaceError(Exception):
    """The student is not ready, or has a place already."""

    field = "student_id"


@dataclass(frozen=True, kw_only=True)
class Case:
    """What a disturbance does to a schedule.

    Attributes:
        stand: the defenses of the schools and their people.
        hit: those that need a place, with the places that they had.
        fresh: ids of those that had none; `unmade` of those that do not exist yet.
    """

    offers: dict[str, SchoolOffer]
    year: str
    stand: tuple[Defense, ...]
    hit: tuple[Defense, ...]
    fresh: frozenset[str] = frozenset()
    unmade: frozenset[str] = frozenset()


def gather_case(disturbance: Disturbance, desk: ChangeDesk) -> Case:
    """Return what a disturbance does to the schedule as it stands.

    Raises:
        UnknownSubjectError: if a school, panelist or student is not known.
        NothingToPlaceError: if a student is to be placed who is not ready, or has a place.
    """
    offers = offers_of(_schools(disturbance, desk), desk, disturbance)
    if not offers:
        raise UnknownSubjectError("the school has published no availability", "school_id")
    first = min(day.date for offer in offers.values() for day in offer.availability.days)
    year = school_year(first, starts=desk.season.year_starts)
    panelists = {each for offer in offers.values() for each in offer.panelists}
    stand = standing_defenses(sorted(offers), panelists, (), year, desk)
    if disturbance.kind == STUDENT_READY:
        [offer] = offers.values()
        return _late(disturbance.student_id, offer, year, stand, desk)
    hit = tuple(each for each in disturbance.hits(stand, offers) if each.starts_at > desk.now)
    return Case(offers=offers, year=year, stand=stand, hit=hit)


def _schools(disturbance: Disturbance, desk: ChangeDesk) -> list[str]:
    """Return the schools that a disturbance is about, all of which are known."""
    if disturbance.kind == PANELIST_LOST:
        found = desk.availabilities.select(panelist_ids=disturbance.panelist_id)
        if not found:
            raise UnknownSubjectError("no school has such a panelist", "panelist_id")
        return sorted(each.school_id for each in found)
    if disturbance.kind in {FAMILY_ASKED, STUDENT_READY}:
        candidate = desk.candidates.find(disturbance.student_id)
        if candidate is None or candidate.school_id is None:
            raise UnknownSubjectError("there is no such student at a school", "student_id")
        return [candidate.school_id]
    return [disturbance.school_id]


def _late(
    student_id: str, offer: SchoolOffer, year: str, stand: tuple[Defense, ...], desk: ChangeDesk
) -> Case:
    candidate = desk.candidates.find(student_id)
    if candidate is None or not candidate.is_ready:
        raise NothingToPlaceError("the student is not ready to defend")
    one = defense_id(student_id, candidate.transition, year)
    known = desk.defenses.find(one)
    if known is not None and known.stands:
        raise NothingToPlaceError("the student has a defense already")
    first = offer.slots[0]
    wanted = known or Defense(
        defense_id=one,
        student_id=student_id,
        school_id=offer.school_id,
        transition=candidate.transition,
        school_year=year,
        revision=0,
        state=DRAFT,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        time_zone=offer.availability.time_zone,
        room_id="",
        room="",
        panel=(),
        run_id="",
    )
    return Case(
        offers={offer.school_id: offer},
        year=year,
        stand=stand,
        hit=(wanted,),
        fresh=frozenset({one}),
        unmade=frozenset() if known else frozenset({one}),
    )


def repaired(case: Case, disturbance: Disturbance, desk: ChangeDesk, breathe: Callable[[], None]) -> Repaired:
    """Find places for those hit."""
    if not case.hit:
        return Repaired({}, {})
    drafts = [each for each in case.stand if each.state == DRAFT]
    timetable = timetable_around(
        [*case.hit, *drafts], desk, offers=case.offers, stand=case.stand, disturbance=disturbance
    )
    return repair(search_in(timetable, desk), case.hit, fresh=case.fresh, breathe=breathe)
