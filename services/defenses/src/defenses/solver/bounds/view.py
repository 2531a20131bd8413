"""One school of an instance as arrays: what the bounds reckon with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from defenses.domain.scheduling.instance import Instance, PanelistSlots, SchoolRooms, StudentWish

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

#: In `SchoolView.tiers`: the student cannot defend in this slot.
NEVER = -1

ROOM = "room"
WINDOW = "window"
INTERPRETER = "interpreter"
PANELISTS = "panelists"


@dataclass(frozen=True, kw_only=True, eq=False)
class SchoolView:
    """What one school has and needs; S students, P panelists who serve it, T slots, D days.

    Attributes:
        students: ids, of those who have a slot at all.
        tiers: [S, T] cost of the family's window, NEVER where the student cannot defend.
        rooms: [T] how many are free.
        panelists: ids.
        roles: [P] numbers in `at_least`, its length for every other role.
        free: [P, T].
        most: [P, D] defenses.
        day_cost: [P] for a day on which they serve here.
        target: [P].
        at_least: how many of each role a panel needs.
    """

    id: str
    slots_per_day: int
    panel_size: int
    at_least: tuple[int, ...]
    block: int
    over_target: int
    students: tuple[str, ...]
    tiers: Ints
    rooms: Ints
    panelists: tuple[str, ...]
    roles: Ints
    free: Bools
    most: Ints
    day_cost: Ints
    target: Ints

    @property
    def days(self) -> int:
        """Return the length of the season."""
        return int(self.most.shape[1])

    @cached_property
    def stretch(self) -> Ints:
        """Return a number for each slot: those in a row that suit every student alike have the same; [T]."""
        changes = np.ones(len(self.rooms), dtype=bool)
        changes[1:] = (self.tiers[:, 1:] != self.tiers[:, :-1]).any(axis=0)
        changes[:: self.slots_per_day] = True
        numbers: Ints = np.cumsum(changes) - 1
        return numbers

    @property
    def stretches(self) -> int:
        """Return how many there are."""
        return int(self.stretch.max(initial=-1)) + 1


@dataclass(frozen=True)
class Missing:
    """A student who has no possible slot, with what is missing in how many slots of the family's windows."""

    student: str
    resources: Mapping[str, int]


def views(instance: Instance) -> tuple[tuple[SchoolView, ...], tuple[Missing, ...]]:
    """Return every school, and every student who cannot be scheduled even if nobody else is."""
    found, missing = [], []
    by_school: dict[str, list[StudentWish]] = {school.id: [] for school in instance.schools}
    for student in instance.students:
        by_school[student.school].append(student)
    serving: dict[str, list[PanelistSlots]] = {school.id: [] for school in instance.schools}
    for panelist in instance.panelists:
        for school_id in panelist.serves & serving.keys():
            serving[school_id].append(panelist)
    for school in instance.schools:
        reader = _Reader(instance, school, serving[school.id])
        wishes = {student.id: reader.wishes(student) for student in by_school[school.id]}
        able = {student: tiers for student, (tiers, _) in wishes.items() if (tiers != NEVER).any()}
        missing += [Missing(student, lacks) for student, (_, lacks) in wishes.items() if student not in able]
        found.append(reader.view(tuple(able), np.array(list(able.values()), dtype=int)))
    return tuple(found), tuple(missing)


class _Reader:
    """Reads one school."""

    def __init__(self, instance: Instance, school: SchoolRooms, people: list[PanelistSlots]) -> None:
        self.instance, self.school, self.people = instance, school, people
        self.total = instance.days * instance.slots_per_day
        self.free = np.zeros((len(people), self.total), dtype=bool)
        self.most = np.array(
            [[panelist.room_on(day) for day in range(instance.days)] for panelist in people], dtype=int
        ).reshape(len(people), instance.days)
        for row, panelist in enumerate(people):
            self.free[row, [slot for slot in panelist.slots if 0 <= slot < self.total]] = True
        self.free &= np.repeat(self.most > 0, instance.slots_per_day, axis=1)
        self.rooms = np.zeros(self.total, dtype=int)
        for room in school.rooms:
            self.rooms[[slot for slot in room.slots if 0 <= slot < self.total]] += 1
        self.role_names = tuple(instance.rule.at_least)
        numbers = {role: number for number, role in enumerate(self.role_names)}
        self.roles = np.array([numbers.get(each.role, len(numbers)) for each in people], dtype=int)
        self.rows = {panelist.id: row for row, panelist in enumerate(people)}

    def wishes(self, student: StudentWish) -> tuple[Ints, Mapping[str, int]]:
        """Return the cost of each slot, NEVER where the student alone does not fit, and what is missing."""
        tiers: Ints = np.full(self.total, NEVER)
        for slot, tier in student.tiers.items():
            if 0 <= slot < self.total:
                tiers[slot] = tier
        wanted = tiers != NEVER
        short: Counter[str] = Counter()
        for resource, lacks in self._lacking(student):
            short[resource] += int((wanted & lacks).sum())
            tiers[lacks] = NEVER
        if not wanted.any():
            short[WINDOW] = 1
        return tiers, {resource: slots for resource, slots in short.items() if slots}

    def _lacking(self, student: StudentWish) -> Iterator[tuple[str, Bools]]:
        yield ROOM, self.rooms == 0
        if student.interpreter is not None:
            yield f"{INTERPRETER} {student.interpreter}", self._without_interpreter(student)
        allowed = self.free.copy()
        allowed[[self.rows[each] for each in student.conflicts if each in self.rows]] = False
        for number, role in enumerate(self.role_names):
            least = self.instance.rule.at_least[role]
            yield role, allowed[self.roles == number].sum(axis=0) < least
        yield PANELISTS, allowed.sum(axis=0) < self.instance.rule.panel_size

    def _without_interpreter(self, student: StudentWish) -> Bools:
        without = np.ones(self.total, dtype=bool)
        for pool in self.instance.interpreters:
            if pool.language == student.interpreter and student.school in pool.serves:
                without[[s for s, many in pool.capacity.items() if many > 0 and 0 <= s < self.total]] = False
        return without

    def view(self, students: tuple[str, ...], tiers: Ints) -> SchoolView:
        """Return the school with those of its students who can be scheduled."""
        instance = self.instance
        return SchoolView(
            id=self.school.id,
            slots_per_day=instance.slots_per_day,
            panel_size=instance.rule.panel_size,
            at_least=tuple(instance.rule.at_least.values()),
            block=instance.weights.block,
            over_target=instance.weights.over_target,
            students=students,
            tiers=tiers.reshape(len(students), self.total),
            rooms=self.rooms,
            panelists=tuple(each.id for each in self.people),
            roles=self.roles,
            free=self.free,
            most=self.most,
            day_cost=np.array([each.day_cost for each in self.people], dtype=int),
            target=np.array([each.target for each in self.people], dtype=int),
        )


def components(instance: Instance) -> tuple[frozenset[str], ...]:
    """Return the schools in groups that share no panelist, no interpreter and no siblings."""
    root = {school.id: school.id for school in instance.schools}

    def find(school: str) -> str:
        while root[school] != school:
            root[school] = root[root[school]]
            school = root[school]
        return school

    home = {student.id: student.school for student in instance.students}
    tied: list[Iterable[str]] = [each.serves for each in instance.panelists]
    tied += [each.serves for each in instance.interpreters]
    tied += [
        [home[each] for each in (student.id, *student.not_with) if each in home]
        for student in instance.students
    ]
    for schools in tied:
        known = [school for school in schools if school in root]
        for one, other in pairwise(known):
            root[find(one)] = find(other)
    groups: dict[str, set[str]] = {}
    for school in root:
        groups.setdefault(find(school), set()).add(school)
    return tuple(frozenset(group) for group in groups.values())
