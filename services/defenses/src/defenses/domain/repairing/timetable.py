"""The defenses that stand, by everybody and everything they take, and what is in the way of one more."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from defenses.domain.availability import FamilyWindows, Slot
from defenses.domain.defenses import Defense, PanelSeat
from defenses.domain.repairing.offers import SchoolOffer
from defenses.domain.scheduling.season import PanelPolicy, ReadyStudent, SeatRights


@dataclass(frozen=True)
class Obstacle:
    """Why a defense cannot be where it is to be; `field` is the part of its place that is wrong."""

    field: str
    reason: str


class UnfitPlaceError(ValueError):
    """A place breaks rules; `obstacles` says which part of it and why."""

    def __init__(self, obstacles: tuple[Obstacle, ...]) -> None:
        super().__init__("; ".join(f"{each.field}: {each.reason}" for each in obstacles))
        self.obstacles = obstacles


class Timetable:
    """Knows who and what is busy when; it holds no place twice, and looks at moments, not at slot numbers.

    Args:
        offers: by school id; a defense at another school takes people's time only.
        students: what is known of those whose defenses are asked about; an unknown one has no conflicts.
        rights: who may take a seat.
        panels: the district's rules for panels.
        defenses: those that stand.
    """

    def __init__(
        self,
        *,
        offers: Mapping[str, SchoolOffer],
        students: Mapping[str, ReadyStudent],
        rights: SeatRights,
        panels: PanelPolicy,
        defenses: Iterable[Defense],
    ) -> None:
        self.offers = offers
        self.panels = panels
        self._students = students
        self.rights = rights
        self._defenses: dict[str, Defense] = {}
        # By day, because nobody's defense reaches into another one, and most questions are about one day.
        self._rooms: defaultdict[tuple[str, str, date], dict[str, Defense]] = defaultdict(dict)
        self._people: defaultdict[tuple[str, date], dict[str, Defense]] = defaultdict(dict)
        self._by_student: defaultdict[str, dict[str, Defense]] = defaultdict(dict)
        self._interpreted: defaultdict[tuple[str, str, date], dict[str, Defense]] = defaultdict(dict)
        self._load: Counter[str] = Counter()
        for defense in defenses:
            self.put(defense)

    @property
    def defenses(self) -> tuple[Defense, ...]:
        """All that stand, ordered by id."""
        return tuple(self._defenses[each] for each in sorted(self._defenses))

    def put(self, defense: Defense) -> None:
        """Let a defense take its place; what it took before is free."""
        self.take(defense.defense_id)
        self._defenses[defense.defense_id] = defense
        for index, key in self._entries(defense):
            index[key][defense.defense_id] = defense
        self._load.update(defense.panelist_ids)

    def take(self, defense_id: str) -> Defense | None:
        """Free what a defense takes, and return it; None if it took nothing."""
        defense = self._defenses.pop(defense_id, None)
        if defense is not None:
            for index, key in self._entries(defense):
                del index[key][defense_id]
            self._load.subtract(defense.panelist_ids)
        return defense

    def without_calibration(self) -> Timetable:
        """Return the same, for questions only, as if the district asked for no calibration."""
        lenient = copy(self)
        lenient.rights = self.rights.without_calibration()
        return lenient

    def load(self, panelist_id: str) -> int:
        """Return how many defenses a panelist has."""
        return self._load[panelist_id]

    def student(self, student_id: str, transition: str) -> ReadyStudent:
        """Return what is known of a student; nothing stands in the way of an unknown one."""
        return self._students.get(student_id) or ReadyStudent(
            student_id=student_id,
            transition=transition,
            teacher_ids=frozenset(),
            siblings=frozenset(),
            windows=FamilyWindows(student_id=student_id),
        )

    def obstacles(self, defense: Defense) -> tuple[Obstacle, ...]:
        """Return everything that is in the way of a defense at its place; the defense itself is not."""
        offer = self.offers.get(defense.school_id)
        if offer is None:
            return (Obstacle("school_id", "the school has published no availability"),)
        slot = offer.starts.get(defense.starts_at)
        if slot is None or slot.ends_at != defense.ends_at:
            return (Obstacle("starts_at", "the school has no slot at this time"),)
        return (
            *self._family_obstacles(defense, offer, slot),
            *self._room_obstacles(defense, offer, slot),
            *self._panel_obstacles(defense, offer, slot),
        )

    def family_can_come(self, student: ReadyStudent, school_id: str, slot: Slot) -> bool:
        """Whether no sibling defends in the slot; the windows are for the caller to know."""
        return not any(
            self._clash(other, school_id, slot)
            for sibling in student.siblings
            for other in self._by_student.get(sibling, {}).values()
        )

    def is_understood(self, offer: SchoolOffer, slot: Slot, student: ReadyStudent, besides: str) -> bool:
        """Whether somebody can interpret, if the family needs it, as if one defense were not there."""
        if student.interpreter is None:
            return True
        others = self._interpreted.get((offer.school_id, student.interpreter, slot.window.day), {}).values()
        busy = sum(
            slot.overlaps(each.starts_at, each.ends_at) for each in others if each.defense_id != besides
        )
        return busy < offer.interpreters_in.get((student.interpreter, slot.index), 0)

    def free_rooms(self, offer: SchoolOffer, slot: Slot, besides: str) -> list[str]:
        """Return the school's rooms that are open and free, in order, as if one defense were not there."""
        return [
            room_id
            for room_id in sorted(offer.rooms)
            if slot.index in offer.room_slots[room_id] and not self._room_taken(offer, room_id, slot, besides)
        ]

    def free_seats(
        self, offer: SchoolOffer, slot: Slot, student: ReadyStudent, besides: str
    ) -> list[PanelSeat]:
        """Return who could sit on the student's panel, ordered by id, as if one defense were not there."""
        return [
            PanelSeat(panelist_id, offer.panelists[panelist_id].role)
            for panelist_id in offer.panelists_in[slot.index]
            if not self._why_not(panelist_id, offer, slot, student, besides)
        ]

    def _entries(self, defense: Defense) -> Iterator[tuple[defaultdict[Any, dict[str, Defense]], Any]]:
        day = _day(defense.starts_at, defense.time_zone)
        yield self._rooms, (defense.school_id, defense.room_id, day)
        yield self._by_student, defense.student_id
        if defense.interpreter is not None:
            yield self._interpreted, (defense.school_id, defense.interpreter, day)
        for panelist_id in set(defense.panelist_ids):
            yield self._people, (panelist_id, day)

    def _family_obstacles(self, defense: Defense, offer: SchoolOffer, slot: Slot) -> Iterator[Obstacle]:
        student = self.student(defense.student_id, defense.transition)
        if slot.index not in offer.covered(student.windows.windows):
            yield Obstacle("starts_at", "it is in none of the family's windows")
        if not self.family_can_come(student, defense.school_id, slot):
            yield Obstacle("starts_at", "a sibling has a defense then")
        if not self.is_understood(offer, slot, student, defense.defense_id):
            yield Obstacle("starts_at", f"nobody is free to interpret {student.interpreter} then")

    def _room_obstacles(self, defense: Defense, offer: SchoolOffer, slot: Slot) -> Iterator[Obstacle]:
        if defense.room_id not in offer.rooms:
            yield Obstacle("room_id", "the school has no such room")
        elif slot.index not in offer.room_slots[defense.room_id]:
            yield Obstacle("room_id", "the room is not open then")
        elif self._room_taken(offer, defense.room_id, slot, defense.defense_id):
            yield Obstacle("room_id", "another defense is in the room then")

    def _panel_obstacles(self, defense: Defense, offer: SchoolOffer, slot: Slot) -> Iterator[Obstacle]:
        rule, ids = self.panels.rule, defense.panelist_ids
        if len(set(ids)) != rule.panel_size or len(ids) != rule.panel_size:
            yield Obstacle("panel", f"it has {len(set(ids))} people, not {rule.panel_size}")
        roles = [offer.panelists[each].role for each in ids if each in offer.panelists]
        for role, least in rule.at_least.items():
            if roles.count(role) < least:
                yield Obstacle("panel", f"it has {roles.count(role)} {role}, at least {least} are needed")
        student = self.student(defense.student_id, defense.transition)
        for number, panelist_id in enumerate(ids):
            why_not = self._why_not(panelist_id, offer, slot, student, defense.defense_id)
            if why_not:
                yield Obstacle(f"panel.{number}", why_not)

    def _why_not(  # the order is that of the cost of asking
        self, panelist_id: str, offer: SchoolOffer, slot: Slot, student: ReadyStudent, besides: str
    ) -> str:
        """Return why a panelist cannot sit before a student in a slot; empty if they can."""
        if panelist_id not in offer.panelists or panelist_id in self.rights.gone:
            return "they are no panelist of the school"
        if slot.index not in offer.panelist_slots[panelist_id]:
            return "they are not available then"
        if panelist_id in student.conflicts:
            return "they teach the student" if panelist_id in student.teacher_ids else "they have heard them"
        if not self.rights.is_calibrated(panelist_id, slot.window.day):
            return "they are not calibrated for that day"
        return self._why_too_busy(panelist_id, offer, slot, besides)

    def _why_too_busy(self, panelist_id: str, offer: SchoolOffer, slot: Slot, besides: str) -> str:
        today = self._people.get((panelist_id, slot.window.day), {}).values()
        others = [each for each in today if each.defense_id != besides]
        if any(self._clash(other, offer.school_id, slot) for other in others):
            return "they have another defense then, or are on the way to or from one"
        most = offer.panelists[panelist_id].max_per_day or self.panels.max_per_day
        return f"they have {len(others)} defenses that day already" if len(others) >= most else ""

    def _room_taken(self, offer: SchoolOffer, room_id: str, slot: Slot, besides: str) -> bool:
        return any(
            slot.overlaps(other.starts_at, other.ends_at)
            for other in self._rooms.get((offer.school_id, room_id, slot.window.day), {}).values()
            if other.defense_id != besides
        )

    def _clash(self, other: Defense, school_id: str, slot: Slot) -> bool:
        """Whether nobody can be at both; getting to another school takes time."""
        if other.school_id == school_id:
            return slot.overlaps(other.starts_at, other.ends_at)
        return slot.overlaps(other.starts_at - self.panels.travel, other.ends_at + self.panels.travel)


@lru_cache(maxsize=10_000)
def _day(moment: datetime, time_zone: str) -> date:
    """Return the date that a school's clock shows."""
    return moment.astimezone(ZoneInfo(time_zone)).date()
