"""Turn what a school, its families and earlier runs say into a scheduling problem."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from math import ceil
from zoneinfo import ZoneInfo

from defenses.domain.availability import (
    Availability,
    Day,
    FamilyWindows,
    Interpreters,
    Panelist,
    Slot,
    slots,
    slots_in,
    slots_per_day,
)
from defenses.domain.defenses import Defense
from defenses.domain.scheduling.instance import (
    Instance,
    InterpreterPool,
    PanelistSlots,
    PanelRule,
    RoomSlots,
    SchoolRooms,
    StudentWish,
    Weights,
)


@dataclass(frozen=True, kw_only=True)
class PanelPolicy:
    """One version of a district's rules for panels.

    Attributes:
        max_per_day: defenses of a panelist on a day, where the school does not say.
        day_cost: role -> what a day of service costs.
        travel: between two schools.
    """

    version: str
    rule: PanelRule
    max_per_day: int
    day_cost: Mapping[str, int]
    travel: timedelta


@dataclass(frozen=True, kw_only=True)
class SeasonPolicy:
    """One version of a district's rules for the season and its search.

    Attributes:
        year_starts: month and day of the first day of a school year.
        seconds: wall time of a search, however few students there are.
        seconds_per_thousand: for each thousand students more.
        workers: strategies that the search tries side by side.
        gap: relative distance to the bound at which it stops early.
    """

    version: str
    year_starts: tuple[int, int]
    seconds: float
    workers: int
    gap: float
    weights: Weights
    seconds_per_thousand: float = 0.0

    def seconds_for(self, students: int) -> float:
        """Return how long to search for so many students."""
        return self.seconds + self.seconds_per_thousand * students / 1000


@dataclass(frozen=True, kw_only=True)
class ReadyStudent:
    """A student to be scheduled.

    Attributes:
        siblings: students who share a guardian, of any school of the district.
        attempt: 1 for the defense, above that for a redefense.
        heard_by: who sat in an earlier attempt, and may not sit again.
        defend_by: day until which a redefense is due; later is better than not at all.
    """

    student_id: str
    transition: str
    teacher_ids: frozenset[str]
    siblings: frozenset[str]
    windows: FamilyWindows
    attempt: int = 1
    heard_by: frozenset[str] = frozenset()
    defend_by: date | None = None

    @property
    def interpreter(self) -> str | None:
        """The language in which somebody must interpret; None if none is needed."""
        return self.windows.interpreter

    @property
    def conflicts(self) -> frozenset[str]:
        """Who may not judge the student."""
        return self.teacher_ids | self.heard_by


@dataclass(frozen=True)
class SeatRights:
    """Who may take a seat, beside being available.

    Attributes:
        gone: panelists whom the roster has as staff that left.
        calibrated_until: panelist -> last day on which they may sit; None where the district asks for no
            calibration. Who is not named may not sit.
    """

    gone: frozenset[str] = frozenset()
    calibrated_until: Mapping[str, date] | None = None

    def is_calibrated(self, panelist_id: str, day: date) -> bool:
        """Whether a panelist's calibration holds on a day, if it needs to."""
        if self.calibrated_until is None:
            return True
        return panelist_id in self.calibrated_until and day <= self.calibrated_until[panelist_id]

    def without_calibration(self) -> SeatRights:
        """Return the same, as if the district asked for no calibration."""
        return replace(self, calibrated_until=None)


@dataclass(frozen=True, kw_only=True)
class Season:
    """Everything that decides about one school's schedule.

    Attributes:
        students: those who are ready and have no defense yet.
        fixed: defenses that stand: of this school, of siblings, and of these panelists anywhere.
        rights: who may take a seat.
        earliest: nobody is given a time before this.
        grid: the days by which slots are numbered, when other schools' days are numbered with them; it has
            all times of this school. Empty where the school's own days are.
    """

    school_id: str
    availability: Availability
    students: tuple[ReadyStudent, ...]
    fixed: tuple[Defense, ...]
    rights: SeatRights
    panels: PanelPolicy
    policy: SeasonPolicy
    earliest: datetime
    grid: tuple[Day, ...] = ()

    @cached_property
    def numbering(self) -> Availability:
        """The availability with the days by which slots are numbered."""
        return replace(self.availability, days=self.grid) if self.grid else self.availability

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """What is left of the season's slots, in the order of time."""
        own = {(day.date, start) for day in self.availability.days for start in day.starts_at}
        return tuple(
            slot
            for slot in slots(self.numbering)
            if slot.starts_at >= self.earliest and (slot.window.day, slot.window.start) in own
        )

    @cached_property
    def slots_by_index(self) -> dict[int, Slot]:
        """The same by their numbers."""
        return {slot.index: slot for slot in self.slots}

    def family_slots(self, student: ReadyStudent) -> frozenset[int]:
        """Return the slots that lie in the family's windows."""
        windows = student.windows.windows
        return frozenset(self.slots_by_index) if windows is None else slots_in(self.slots, windows)

    def sibling_slots(self, student: ReadyStudent) -> frozenset[int]:
        """Return the slots in which the family is at, or on the way to or from, a sibling's defense."""
        return self._taken_by(defense for defense in self.fixed if defense.student_id in student.siblings)

    def instance(self) -> Instance:
        """Return the problem in format version 1."""
        return self._instance

    @cached_property
    def _instance(self) -> Instance:
        gone = self.rights.gone
        panelists = [each for each in self.availability.panelists if each.panelist_id not in gone]
        return Instance(
            name=self.school_id,
            days=len(self.numbering.days),
            slots_per_day=slots_per_day(self.numbering),
            rule=self.panels.rule,
            weights=self.policy.weights,
            schools=(SchoolRooms(id=self.school_id, rooms=self._rooms()),),
            travel_slots={},
            panelists=tuple(self._panelist(each, panelists) for each in panelists),
            interpreters=tuple(self._pool(each) for each in self.availability.interpreters),
            students=tuple(self._wish(student) for student in self.students),
        )

    def _rooms(self) -> tuple[RoomSlots, ...]:
        used: defaultdict[str, list[Defense]] = defaultdict(list)
        for defense in self.fixed:
            if defense.school_id == self.school_id:
                used[defense.room_id].append(defense)
        return tuple(
            RoomSlots(
                id=room.room_id,
                slots=slots_in(self.slots, room.open) - self._taken_by(used[room.room_id]),
            )
            for room in self.availability.rooms
        )

    def _pool(self, interpreters: Interpreters) -> InterpreterPool:
        here = [
            each
            for each in self.fixed
            if (each.school_id, each.interpreter) == (self.school_id, interpreters.language)
        ]
        capacity = {
            slot.index: interpreters.at_once
            - sum(slot.overlaps(each.starts_at, each.ends_at) for each in here)
            for slot in self.slots
            if slot.lies_in(interpreters.available)
        }
        return InterpreterPool(
            language=interpreters.language,
            serves=frozenset({self.school_id}),
            capacity={slot: left for slot, left in capacity.items() if left > 0},
        )

    @cached_property
    def _fixed_of(self) -> defaultdict[str, list[Defense]]:
        found: defaultdict[str, list[Defense]] = defaultdict(list)
        for defense in self.fixed:
            for panelist_id in set(defense.panelist_ids):
                found[panelist_id].append(defense)
        return found

    def _panelist(self, panelist: Panelist, panelists: list[Panelist]) -> PanelistSlots:
        mine = self._fixed_of[panelist.panelist_id]
        open_slots = frozenset(
            slot
            for slot in slots_in(self.slots, panelist.available)
            if self.rights.is_calibrated(panelist.panelist_id, self.slots_by_index[slot].window.day)
        )
        return PanelistSlots(
            id=panelist.panelist_id,
            role=panelist.role,
            serves=frozenset({self.school_id}),
            slots=open_slots - self._taken_by(mine),
            max_per_day=panelist.max_per_day or self.panels.max_per_day,
            target=max(0, self._fair_share(panelist.role, panelists) - len(mine)),
            day_cost=self.panels.day_cost.get(panelist.role, 0),
            booked_per_day=self._booked(mine),
        )

    def _fair_share(self, role: str, panelists: list[Panelist]) -> int:
        """Return the defenses each would have if all, and all of the role, shared the seats evenly."""
        students = len(self.students) + sum(defense.school_id == self.school_id for defense in self.fixed)
        of_role = sum(each.role == role for each in panelists)
        rule = self.panels.rule
        return max(
            ceil(students * rule.panel_size / len(panelists)),
            ceil(students * rule.at_least.get(role, 0) / of_role),
        )

    def _booked(self, defenses: Iterable[Defense]) -> dict[int, int]:
        """Count a panelist's defenses by day of this season, in this school's wall time."""
        days = {
            day.date: number for number, day in enumerate(sorted(self.numbering.days, key=lambda d: d.date))
        }
        zone = ZoneInfo(self.availability.time_zone)
        dates = Counter(defense.starts_at.astimezone(zone).date() for defense in defenses)
        return {days[date]: count for date, count in dates.items() if date in days}

    def _wish(self, student: ReadyStudent) -> StudentWish:
        others = {other.student_id for other in self.students}
        return StudentWish(
            id=student.student_id,
            school=self.school_id,
            tiers={
                slot: self._lateness(student, slot)
                for slot in sorted(self.family_slots(student) - self.sibling_slots(student))
            },
            interpreter=student.interpreter,
            conflicts=student.conflicts,
            not_with=student.siblings & others,
        )

    def _lateness(self, student: ReadyStudent, slot: int) -> int:
        """Return what it costs to defend in a slot: after the last day half as much as not at all."""
        in_time = student.defend_by is None or self.slots_by_index[slot].window.day <= student.defend_by
        return 0 if in_time else self.policy.weights.unscheduled // 2

    def _taken_by(self, defenses: Iterable[Defense]) -> frozenset[int]:
        """Return the slots that defenses leave no time for; getting to another school takes time too."""
        spans = [self._span(defense) for defense in defenses]
        if not spans:
            return frozenset()
        return frozenset(
            slot.index
            for slot in self.slots
            for starts_at, ends_at in spans
            if slot.overlaps(starts_at, ends_at)
        )

    def _span(self, defense: Defense) -> tuple[datetime, datetime]:
        travel = timedelta(0) if defense.school_id == self.school_id else self.panels.travel
        return defense.starts_at - travel, defense.ends_at + travel
