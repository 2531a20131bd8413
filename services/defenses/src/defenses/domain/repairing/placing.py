"""The best place for one defense: the same slot with another seat, else the nearest other slot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from defenses.domain.availability import Slot
from defenses.domain.defenses import Defense, PanelSeat, Place
from defenses.domain.repairing.offers import SchoolOffer
from defenses.domain.repairing.timetable import Timetable
from defenses.domain.runs import Unplaced
from defenses.domain.scheduling.planning import NO_CALIBRATED_PANEL, without_the_uncalibrated
from defenses.domain.scheduling.reasons import (
    NO_AVAILABILITY,
    NO_CAPACITY,
    NO_INTERPRETER,
    NO_PANEL,
    NO_ROOM,
    NOT_IN_FAMILY_WINDOWS,
    SIBLING_AT_THE_SAME_TIME,
    no_interpreter,
)
from defenses.domain.scheduling.season import ReadyStudent


@dataclass(frozen=True, kw_only=True)
class Disruption:
    """What a change costs the people, in a district's weights.

    Attributes:
        time: for another time; a family has to arrange itself anew.
        room: for another room at the same time.
        day: for each day between the old and the new one.
        seat: for each panelist who joins.
    """

    time: int
    room: int
    day: int
    seat: int


@dataclass(frozen=True)
class Option:
    """A place that a defense could take, and how much it disturbs."""

    cost: int
    place: Place


@dataclass(frozen=True)
class Search:
    """Looks for places in a timetable, which the caller may change between two questions.

    Attributes:
        earliest: nobody is given a new time before this.
    """

    timetable: Timetable
    disruption: Disruption
    earliest: datetime

    def best(self, defense: Defense, *, fresh: bool = False) -> Option | None:
        """Return the option that disturbs least, the earliest of equals; None if there is none.

        Args:
            defense: where it was; it need not be valid, and takes nothing from itself.
            fresh: whether it never had a place, so that only the calendar decides.
        """
        found: Option | None = None
        for at_least, slot, _ in self.by_nearness(defense, fresh=fresh):
            if found is not None and at_least >= found.cost:
                break
            option = self.option(defense, slot, fresh=fresh)
            if option is not None and (found is None or option.cost < found.cost):
                found = option
        return found

    def option(
        self,
        defense: Defense,
        slot: Slot,
        *,
        fresh: bool = False,
        without: AbstractSet[str] = frozenset(),
    ) -> Option | None:
        """Return the least disturbing place in one slot, which lies in the family's windows.

        Args:
            defense: where it was.
            slot: of its school.
            fresh: whether it never had a place.
            without: panelists who are not to be asked.
        """
        offer = self.timetable.offers[defense.school_id]
        student = self.timetable.student(defense.student_id, defense.transition)
        if not self.timetable.family_can_come(student, defense.school_id, slot):
            return None
        if not self.timetable.is_understood(offer, slot, student, defense.defense_id):
            return None
        room_id = self._room(defense, offer, slot)
        panel = self._panel(defense, offer, slot, student, without)
        if room_id is None or panel is None:
            return None
        place = Place(
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            room_id=room_id,
            room=offer.rooms[room_id].name,
            panel=panel,
        )
        return Option(0 if fresh else self.cost(defense, place, offer), place)

    def cost(self, defense: Defense, place: Place, offer: SchoolOffer) -> int:
        """Return how much it disturbs to move a defense."""
        weights, joining = self.disruption, set(place.panelist_ids) - set(defense.panelist_ids)
        return (
            self._time_cost(defense, place, offer)
            + weights.room * (defense.starts_at == place.starts_at and defense.room != place.room)
            + weights.seat * len(joining)
        )

    def family_slots(self, defense: Defense, offer: SchoolOffer, *, fresh: bool = False) -> list[Slot]:
        """Return the slots at which the family can come, and which are not too early."""
        student = self.timetable.student(defense.student_id, defense.transition)
        inside = offer.covered(student.windows.windows)
        return [
            slot
            for slot in offer.slots
            if slot.index in inside
            and (slot.starts_at >= self.earliest or (not fresh and slot.starts_at == defense.starts_at))
        ]

    def by_nearness(
        self, defense: Defense, *, fresh: bool = False
    ) -> Iterator[tuple[int, Slot, SchoolOffer]]:
        """Yield the family's slots with what each costs at least, the cheapest first."""
        offer = self.timetable.offers.get(defense.school_id)
        if offer is None:
            return
        slots = self.family_slots(defense, offer, fresh=fresh)
        priced = [(0 if fresh else self._time_cost(defense, slot, offer), slot) for slot in slots]
        for at_least, slot in sorted(priced, key=lambda each: (each[0], each[1].index)):
            yield at_least, slot, offer

    def in_order(self, panel: Iterable[PanelSeat], defense: Defense) -> tuple[PanelSeat, ...]:
        """Return a panel with those who stay in their old seats' order, and then those who join."""
        sitting = list(defense.panelist_ids)
        return tuple(sorted(panel, key=lambda seat: _rank(sitting, seat.panelist_id)))

    def why_not(self, defense: Defense, *, fresh: bool = False) -> Unplaced:
        """Return why a defense has no place: the first cause in the order in which they are mended."""
        reason, detail = self._reason(defense, fresh=fresh)
        return Unplaced(defense.student_id, reason, detail)

    def _time_cost(self, defense: Defense, place: Place | Slot, offer: SchoolOffer) -> int:
        if defense.starts_at == place.starts_at:
            return 0
        apart = abs((offer.day_of(place.starts_at) - offer.day_of(defense.starts_at)).days)
        return self.disruption.time + self.disruption.day * apart

    def _room(self, defense: Defense, offer: SchoolOffer, slot: Slot) -> str | None:
        free = self.timetable.free_rooms(offer, slot, defense.defense_id)
        return defense.room_id if defense.room_id in free else next(iter(free), None)

    def _panel(
        self,
        defense: Defense,
        offer: SchoolOffer,
        slot: Slot,
        student: ReadyStudent,
        without: AbstractSet[str],
    ) -> tuple[PanelSeat, ...] | None:
        """Return the panel with the fewest who join, among those the least busy; None if none can meet."""
        rule, sitting = self.timetable.panels.rule, list(defense.panelist_ids)
        free = [
            seat
            for seat in self.timetable.free_seats(offer, slot, student, defense.defense_id)
            if seat.panelist_id not in without
        ]
        free.sort(key=lambda seat: (seat.panelist_id not in sitting, self.timetable.load(seat.panelist_id)))
        chosen: list[PanelSeat] = []
        for role, least in rule.at_least.items():
            chosen += [seat for seat in free if seat.role == role][:least]
        chosen += [seat for seat in free if seat not in chosen][: rule.panel_size - len(chosen)]
        if lacking_role(rule.at_least.items(), chosen) or len(chosen) < rule.panel_size:
            return None
        return self.in_order(chosen, defense)

    def _reason(self, defense: Defense, *, fresh: bool) -> tuple[str, str]:
        offer = self.timetable.offers.get(defense.school_id)
        if offer is None:
            return NO_AVAILABILITY, "The school has published no availability for the season."
        student = self.timetable.student(defense.student_id, defense.transition)
        family = self.family_slots(defense, offer, fresh=fresh)
        if not family:
            return NOT_IN_FAMILY_WINDOWS, "None of the school's times lies within the family's windows."
        apart = [s for s in family if self.timetable.family_can_come(student, defense.school_id, s)]
        if not apart:
            detail = f"In all {len(family)} times of the family's windows a sibling has a defense."
            return SIBLING_AT_THE_SAME_TIME, detail
        open_slots = [s for s in apart if any(s.index in each for each in offer.room_slots.values())]
        if not open_slots:
            return NO_ROOM, f"No room is open in any of the {len(apart)} times at which the family can come."
        roomy = [s for s in open_slots if self.timetable.free_rooms(offer, s, defense.defense_id)]
        if not roomy:
            detail = f"{len(open_slots)} times would suit this student, but all rooms are taken then."
            return NO_CAPACITY, detail
        return self._people_reason(defense, offer, student, roomy)

    def _people_reason(
        self, defense: Defense, offer: SchoolOffer, student: ReadyStudent, roomy: Sequence[Slot]
    ) -> tuple[str, str]:
        slots = [s for s in roomy if self.timetable.is_understood(offer, s, student, defense.defense_id)]
        if not slots:
            return NO_INTERPRETER, no_interpreter(student.interpreter, len(roomy))
        detail = self._missing(defense, offer, student, slots)
        if self.timetable.rights.calibrated_until is None:
            return NO_PANEL, detail
        lenient = Search(self.timetable.without_calibration(), self.disruption, self.earliest)
        if all(lenient.option(defense, slot) is None for slot in slots):
            return NO_PANEL, detail
        return NO_CALIBRATED_PANEL, without_the_uncalibrated(detail)

    def _missing(
        self, defense: Defense, offer: SchoolOffer, student: ReadyStudent, slots: Iterable[Slot]
    ) -> str:
        rule = self.timetable.panels.rule
        scarce: Counter[str] = Counter()
        for slot in slots:
            free = self.timetable.free_seats(offer, slot, student, defense.defense_id)
            scarce[lacking_role(rule.at_least.items(), free) or "enough panelists"] += 1
        [(what, _)] = scarce.most_common(1)
        return f"No panel is free in the {scarce.total()} times that are left; most often missing: {what}."


def lacking_role(needed: Iterable[tuple[str, int]], seats: Iterable[PanelSeat]) -> str:
    """Return a role of which too few are there; empty if there is none."""
    roles = Counter(seat.role for seat in seats)
    return next((role for role, least in needed if roles[role] < least), "")


def _rank(sitting: list[str], panelist_id: str) -> int:
    return sitting.index(panelist_id) if panelist_id in sitting else len(sitting)
