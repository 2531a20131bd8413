"""The values of format version 1: a scheduling problem and its solution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class PanelRule:
    """How many sit on a panel, and how many of a role it needs at least; others may fill the rest."""

    panel_size: int
    at_least: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What each imperfection costs, without a unit; a student left out counts before all others.

    Attributes:
        block: for each run of consecutive slots of one panelist.
        over_target: for each defense above a panelist's fair share.
        move: for each change of school of a panelist within a day.
    """

    unscheduled: int
    block: int
    over_target: int
    move: int


@dataclass(frozen=True, kw_only=True)
class RoomSlots:
    """A room with the slots in which it may be used."""

    id: str
    slots: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class SchoolRooms:
    """A school with its rooms."""

    id: str
    rooms: tuple[RoomSlots, ...]


@dataclass(frozen=True, kw_only=True)
class PanelistSlots:
    """A panelist as the solver sees them.

    Attributes:
        serves: ids of the schools.
        slots: when they are available.
        target: defenses in the season that are a fair share.
        day_cost: for each day on which they serve.
        booked_per_day: number of the day -> defenses they already have that day outside this instance;
            our optional addition to format version 1, counted against `max_per_day`.
    """

    id: str
    role: str
    serves: frozenset[str]
    slots: frozenset[int]
    max_per_day: int
    target: int
    day_cost: int
    booked_per_day: Mapping[int, int] = field(default_factory=dict)

    def room_on(self, day: int) -> int:
        """Return how many more defenses the panelist may have on a day."""
        return max(0, self.max_per_day - self.booked_per_day.get(day, 0))


@dataclass(frozen=True, kw_only=True)
class InterpreterPool:
    """Interpreters of one language: how many can work at once in each slot."""

    language: str
    serves: frozenset[str]
    capacity: Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class StudentWish:
    """A student who is to be scheduled.

    Attributes:
        tiers: slot -> cost of using it; the family can come in these slots and in no other.
        interpreter: language, None if none is needed.
        conflicts: panelists who may not judge this student.
        not_with: students who must not be in the same slot.
    """

    id: str
    school: str
    tiers: Mapping[int, int]
    interpreter: str | None
    conflicts: frozenset[str]
    not_with: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One problem: a school, a cluster of schools that share panelists, or a district.

    Attributes:
        travel_slots: school -> school -> slots of travel between them.
    """

    name: str
    days: int
    slots_per_day: int
    rule: PanelRule
    weights: Weights
    schools: tuple[SchoolRooms, ...]
    travel_slots: Mapping[str, Mapping[str, int]]
    panelists: tuple[PanelistSlots, ...]
    interpreters: tuple[InterpreterPool, ...]
    students: tuple[StudentWish, ...]

    @cached_property
    def apart(self) -> dict[str, set[str]]:
        """Student -> those in whose slot they must not be, whichever of the two says so."""
        known: dict[str, set[str]] = {student.id: set() for student in self.students}
        for student in self.students:
            for other in student.not_with & known.keys():
                known[student.id].add(other)
                known[other].add(student.id)
        return known

    def day_of(self, slot: int) -> int:
        """Return the number of the day that a slot belongs to."""
        return slot // self.slots_per_day


@dataclass(frozen=True)
class Assignment:
    """One student's slot, room and panel."""

    student: str
    slot: int
    room: str
    panel: tuple[str, ...]


@dataclass(frozen=True)
class Unscheduled:
    """A student without a place, and what a coordinator can do about it."""

    student: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Solution:
    """What a solver found.

    Attributes:
        cost: of the schedule, in the instance's weights.
        lower_bound: no schedule with as few unscheduled students costs less; None if nothing is proven.
        seconds: wall time of the search.
    """

    assignments: tuple[Assignment, ...]
    unscheduled: tuple[Unscheduled, ...]
    cost: int
    lower_bound: float | None
    seconds: float
