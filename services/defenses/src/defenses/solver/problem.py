"""An instance as arrays: everything that has an id is a number, everything by slot is a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from defenses.domain.scheduling.instance import Instance, StudentWish

Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.uint8]


class Problem(NamedTuple):
    """One instance; lists of different lengths are laid end to end, list n from first[n] to first[n + 1].

    Attributes:
        panel_size: seats of a panel.
        per_day: slots of a day.
        left_out: cost of an unscheduled student; `block`, `over` and `move` as in the instance's weights.
        least: role -> seats that must be of it.
        school: student -> school.
        wish_first, wish_slot, wish_tier: student -> slots in which a defense is possible at all, ascending.
        conflict_first, conflict: student -> panelists who may not judge.
        apart_first, apart: student -> students who must not be in the same slot.
        need: student -> what interpretation is needed: a language at a school; -1 for none.
        pool_first, pool: need -> pools that can serve it.
        capacity: (pool, slot) -> how many can be interpreted at once.
        role: panelist -> role.
        available: (panelist, slot) -> 1 if they can sit then.
        most: (panelist, day) -> defenses they can have.
        target: panelist -> fair share of defenses in the season.
        day_cost: panelist -> cost of a day.
        roams: panelist -> 1 if they serve several schools.
        serves: (panelist, school) -> 1 if they serve there.
        seat_first, seat: school * slots + slot -> panelists who serve and are available.
        rooms: (school, slot) -> rooms.
        travel: (school, school) -> slots of travel.
        member_first, member: school -> its students.
    """

    panel_size: int
    per_day: int
    left_out: int
    block: int
    over: int
    move: int
    least: Ints
    school: Ints
    wish_first: Ints
    wish_slot: Ints
    wish_tier: Ints
    conflict_first: Ints
    conflict: Ints
    apart_first: Ints
    apart: Ints
    need: Ints
    pool_first: Ints
    pool: Ints
    capacity: Ints
    role: Ints
    available: Flags
    most: Ints
    target: Ints
    day_cost: Ints
    roams: Flags
    serves: Flags
    seat_first: Ints
    seat: Ints
    rooms: Ints
    travel: Ints
    member_first: Ints
    member: Ints


def problem_of(instance: Instance) -> Problem:
    """Return an instance as arrays; numbers follow the order of its tuples."""
    slots = instance.days * instance.slots_per_day
    schools = {school.id: number for number, school in enumerate(instance.schools)}
    people = {panelist.id: number for number, panelist in enumerate(instance.panelists)}
    students = {student.id: number for number, student in enumerate(instance.students)}
    roles = _roles(instance)
    available = np.zeros((len(people), slots), np.uint8)
    serves = np.zeros((len(people), len(schools)), np.uint8)
    most = np.zeros((len(people), instance.days), np.int32)
    for number, panelist in enumerate(instance.panelists):
        most[number] = [panelist.room_on(day) for day in range(instance.days)]
        mine = np.fromiter(panelist.slots, np.int64, len(panelist.slots))
        available[number, mine] = most[number, mine // instance.slots_per_day] > 0
        serves[number, [schools[school] for school in panelist.serves]] = 1
    rooms = np.zeros((len(schools), slots), np.int32)
    for number, school in enumerate(instance.schools):
        for room in school.rooms:
            rooms[number, list(room.slots)] += 1
    seats = _seats(available, serves)
    seated = np.diff(seats[0]).reshape(rooms.shape) >= instance.rule.panel_size
    possible = (rooms > 0) & seated & (sum(instance.rule.at_least.values()) <= instance.rule.panel_size)
    wishes = [_wishes(student, possible[schools[student.school]]) for student in instance.students]
    wish_first, wish_slot = _end_to_end([[slot for slot, _ in mine] for mine in wishes])
    school_of = np.array([schools[student.school] for student in instance.students], np.int32)
    need, needs = _needs(instance, schools)
    return Problem(
        panel_size=instance.rule.panel_size,
        per_day=instance.slots_per_day,
        left_out=instance.weights.unscheduled,
        block=instance.weights.block,
        over=instance.weights.over_target,
        move=instance.weights.move,
        least=np.array([instance.rule.at_least.get(role, 0) for role in roles], np.int32),
        school=school_of,
        wish_first=wish_first,
        wish_slot=wish_slot,
        wish_tier=_end_to_end([[tier for _, tier in mine] for mine in wishes])[1],
        **_lists(
            conflict=[
                [people[each] for each in sorted(student.conflicts) if each in people]
                for student in instance.students
            ],
            apart=[
                sorted(students[other] for other in instance.apart[student.id])
                for student in instance.students
            ],
            pool=[
                [
                    number
                    for number, pool in enumerate(instance.interpreters)
                    if pool.language == language and school in pool.serves
                ]
                for language, school in needs
            ],
            member=[np.flatnonzero(school_of == number).tolist() for number in range(len(schools))],
        ),
        need=need,
        capacity=_capacity(instance, slots),
        role=np.array([roles.index(panelist.role) for panelist in instance.panelists], np.int32),
        available=available,
        most=most,
        target=np.array([panelist.target for panelist in instance.panelists], np.int32),
        day_cost=np.array([panelist.day_cost for panelist in instance.panelists], np.int32),
        roams=(serves.sum(axis=1) > 1).astype(np.uint8),
        serves=serves,
        seat_first=seats[0],
        seat=seats[1],
        rooms=rooms,
        travel=_travel(instance, schools),
    )


def _roles(instance: Instance) -> list[str]:
    return sorted({*instance.rule.at_least, *(panelist.role for panelist in instance.panelists)})


def _seats(available: Flags, serves: Flags) -> tuple[Ints, Ints]:
    """Return for each school and slot the panelists who serve and are available."""
    lists: list[Ints] = []
    for school in range(serves.shape[1]):
        mine = np.flatnonzero(serves[:, school])
        lists.extend(mine[available[mine, slot] > 0] for slot in range(available.shape[1]))
    first = np.zeros(len(lists) + 1, np.int32)
    np.cumsum([len(each) for each in lists], out=first[1:])
    return first, np.concatenate([np.zeros(0, np.int32), *lists]).astype(np.int32)


def _wishes(student: StudentWish, possible: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    return [(slot, tier) for slot, tier in sorted(student.tiers.items()) if possible[slot]]


def _needs(instance: Instance, schools: dict[str, int]) -> tuple[Ints, list[tuple[str, str]]]:
    wanted = [
        None if student.interpreter is None else (student.interpreter, student.school)
        for student in instance.students
    ]
    needs = sorted(
        {each for each in wanted if each is not None}, key=lambda each: (each[0], schools[each[1]])
    )
    numbers = {each: number for number, each in enumerate(needs)}
    return np.array([-1 if each is None else numbers[each] for each in wanted], np.int32), needs


def _capacity(instance: Instance, slots: int) -> Ints:
    capacity = np.zeros((len(instance.interpreters), slots), np.int32)
    for number, pool in enumerate(instance.interpreters):
        capacity[number, list(pool.capacity.keys())] = list(pool.capacity.values())
    return capacity


def _travel(instance: Instance, schools: dict[str, int]) -> Ints:
    travel = np.zeros((len(schools), len(schools)), np.int32)
    for here, others in instance.travel_slots.items():
        for there, needed in others.items():
            # A table that is not symmetric is read in both directions, which is safe for either.
            for one, other in ((schools[here], schools[there]), (schools[there], schools[here])):
                travel[one, other] = max(needed, travel[one, other])
    return travel


def _lists(**lists: Sequence[Sequence[int]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, mine in lists.items():
        fields[f"{name}_first"], fields[name] = _end_to_end(mine)
    return fields


def _end_to_end(lists: Sequence[Iterable[int]]) -> tuple[Ints, Ints]:
    rows = [list(each) for each in lists]
    first = np.zeros(len(rows) + 1, np.int32)
    np.cumsum([len(each) for each in rows], out=first[1:])
    return first, np.fromiter(chain.from_iterable(rows), np.int32, int(first[-1]))
