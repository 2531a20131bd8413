"""What a disturbance does to a schedule, and the least that mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from defenses.domain.defenses import DRAFT, Defense, school_year
from defenses.domain.repairing.disturbances import FAMILY_ASKED, PANELIST_LOST, STUDENT_READY, Disturbance
from defenses.domain.repairing.ladder import Repaired, repair
from defenses.domain.repairing.offers import SchoolOffer
from defenses.domain.roster import Pupil
from defenses.domain.scheduling.waiting import redefense
from defenses.use_cases.seasons import defense_id, hearings_of, standing_defenses
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
        pupil = desk.pupils.find(disturbance.student_id)
        if pupil is None or pupil.school_id is None:
            raise UnknownSubjectError("there is no such student at a school", "student_id")
        return [pupil.school_id]
    return [disturbance.school_id]


def _late(
    student_id: str, offer: SchoolOffer, year: str, stand: tuple[Defense, ...], desk: ChangeDesk
) -> Case:
    pupil = desk.pupils.find(student_id)
    if pupil is None or not pupil.may_defend:
        raise NothingToPlaceError("the student is not ready to defend")
    heard = hearings_of([student_id], year, desk).get(student_id, ())
    again = redefense([each for each in heard if each.matter.transition == pupil.transition])
    attempt = again.number if again is not None else 1
    one = defense_id(student_id, pupil.transition, year, attempt)
    known = desk.defenses.find(one)
    if known is not None and known.stands:
        raise NothingToPlaceError("the student has a defense already")
    wanted = _wanted(one, pupil, attempt, year, offer) if known is None else known
    family = desk.families.find(student_id)
    return Case(
        offers={offer.school_id: offer},
        year=year,
        stand=stand,
        hit=(
            replace(
                wanted,
                school_id=offer.school_id,
                time_zone=offer.availability.time_zone,
                interpreter=family.interpreter if family is not None else None,
            ),
        ),
        fresh=frozenset({one}),
        unmade=frozenset() if known else frozenset({one}),
    )


def _wanted(one: str, pupil: Pupil, attempt: int, year: str, offer: SchoolOffer) -> Defense:
    """Return a defense that is yet to be made; its place does not count."""
    first = offer.slots[0]
    return Defense(
        defense_id=one,
        student_id=pupil.student_id,
        school_id=offer.school_id,
        transition=pupil.transition,
        attempt=attempt,
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


def repaired(case: Case, disturbance: Disturbance, desk: ChangeDesk, breathe: Callable[[], None]) -> Repaired:
    """Find places for those hit."""
    if not case.hit:
        return Repaired({}, {})
    times = {(each.school_id, each.starts_at) for each in case.hit}
    # What may change beside those hit: drafts, and the panels of the same times.
    others = [each for each in case.stand if each.state == DRAFT or (each.school_id, each.starts_at) in times]
    timetable = timetable_around(
        [*case.hit, *others], desk, offers=case.offers, stand=case.stand, disturbance=disturbance
    )
    return repair(search_in(timetable, desk), case.hit, fresh=case.fresh, breathe=breathe)
