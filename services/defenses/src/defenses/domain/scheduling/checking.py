"""Verify a schedule against its instance and compute its cost; no solver's word is taken for either."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from defenses.domain.scheduling.instance import Assignment, Instance, PanelistSlots, Solution, StudentWish


@dataclass(frozen=True, kw_only=True)
class Cost:
    """The parts of a schedule's cost: counts, but for `tier` and `days`, which are weighted already.

    Attributes:
        tier: of the family windows used, summed.
        days: each panelist's `day_cost` for each day on which they serve, summed.
        over_target: defenses above the panelists' fair shares.
        total: everything, in the instance's weights.
    """

    unscheduled: int
    tier: int
    days: int
    blocks: int
    over_target: int
    moves: int
    total: int


@dataclass(frozen=True)
class Seat:
    """One panelist at one defense."""

    slot: int
    school: str


def faults(instance: Instance, solution: Solution) -> tuple[str, ...]:
    """Return every hard rule that a schedule breaks; none when it is valid."""
    students = {student.id: student for student in instance.students}
    known = [one for one in solution.assignments if one.student in students]
    return (
        *_completeness_faults(students, solution),
        *_family_faults(students, known),
        *_room_faults(instance, students, known),
        *_panel_faults(instance, students, known),
        *_panelist_faults(instance, _seats(students, known)),
        *_interpreter_faults(instance, students, known),
    )


def cost(instance: Instance, solution: Solution) -> Cost:
    """Return what a valid schedule costs."""
    students = {student.id: student for student in instance.students}
    weights, people = instance.weights, {panelist.id: panelist for panelist in instance.panelists}
    seats = _seats(students, solution.assignments)
    runs = [
        (panelist_id, day) for panelist_id, mine in seats.items() for day in _by_day(instance, mine).values()
    ]
    unscheduled = len(students) - len(solution.assignments)
    tier = sum(students[one.student].tiers[one.slot] for one in solution.assignments)
    days = sum(people[panelist_id].day_cost for panelist_id, _ in runs)
    blocks = sum(1 + sum(after.slot > before.slot + 1 for before, after in pairwise(day)) for _, day in runs)
    moves = sum(sum(after.school != before.school for before, after in pairwise(day)) for _, day in runs)
    over = sum(max(0, len(mine) - people[panelist_id].target) for panelist_id, mine in seats.items())
    return Cost(
        unscheduled=unscheduled,
        tier=tier,
        days=days,
        blocks=blocks,
        over_target=over,
        moves=moves,
        total=weights.unscheduled * unscheduled
        + tier
        + days
        + weights.block * blocks
        + weights.over_target * over
        + weights.move * moves,
    )


def _completeness_faults(students: Mapping[str, StudentWish], solution: Solution) -> Iterator[str]:
    times = Counter(one.student for one in solution.assignments)
    for student, count in times.items():
        if student not in students or count > 1:
            yield f"{student}: unknown or assigned twice"
    if {one.student for one in solution.unscheduled} != set(students) - set(times):
        yield "the unscheduled students are not exactly those listed"


def _family_faults(students: Mapping[str, StudentWish], assignments: Iterable[Assignment]) -> Iterator[str]:
    slots = {one.student: one.slot for one in assignments}
    for student, slot in slots.items():
        if slot not in students[student].tiers:
            yield f"{student}: slot {slot} is in no family window"
        for other in sorted(students[student].not_with):
            if slots.get(other) == slot:
                yield f"{student} and {other} in the same slot"


def _room_faults(
    instance: Instance, students: Mapping[str, StudentWish], assignments: Iterable[Assignment]
) -> Iterator[str]:
    rooms = {room.id: (school.id, room.slots) for school in instance.schools for room in school.rooms}
    used: Counter[tuple[str, int]] = Counter()
    for one in assignments:
        school, slots = rooms.get(one.room, ("", frozenset[int]()))
        if school != students[one.student].school or one.slot not in slots:
            yield f"{one.student}: room {one.room} is not the school's or not available in {one.slot}"
        used[one.room, one.slot] += 1
    for (room, slot), times in used.items():
        if times > 1:
            yield f"{room}: used {times} times in {slot}"


def _panel_faults(
    instance: Instance, students: Mapping[str, StudentWish], assignments: Iterable[Assignment]
) -> Iterator[str]:
    people = {panelist.id: panelist for panelist in instance.panelists}
    for one in assignments:
        panel = [people[panelist] for panelist in one.panel if panelist in people]
        if len(panel) != len(one.panel):
            yield f"{one.student}: a panelist is unknown"
        if len(one.panel) != instance.rule.panel_size or len(set(one.panel)) != len(one.panel):
            yield f"{one.student}: a panel of {len(set(one.panel))}, not {instance.rule.panel_size}"
        roles = Counter(panelist.role for panelist in panel)
        for role, least in instance.rule.at_least.items():
            if roles[role] < least:
                yield f"{one.student}: {roles[role]} {role}, at least {least}"
        for panelist in panel:
            yield from _seat_faults(students[one.student], panelist, one.slot)


def _seat_faults(student: StudentWish, panelist: PanelistSlots, slot: int) -> Iterator[str]:
    if student.school not in panelist.serves:
        yield f"{student.id}: {panelist.id} does not serve {student.school}"
    if slot not in panelist.slots:
        yield f"{student.id}: {panelist.id} is not available in {slot}"
    if panelist.id in student.conflicts:
        yield f"{student.id}: {panelist.id} is a conflict"


def _panelist_faults(instance: Instance, seats: Mapping[str, list[Seat]]) -> Iterator[str]:
    people = {panelist.id: panelist for panelist in instance.panelists}
    for panelist_id, mine in seats.items():
        if panelist_id not in people:
            continue
        for number, day in _by_day(instance, mine).items():
            if len(day) > people[panelist_id].room_on(number):
                yield f"{panelist_id}: {len(day)} on day {number}"
            for before, after in pairwise(day):
                yield from _travel_faults(instance, panelist_id, before, after)


def _travel_faults(instance: Instance, panelist_id: str, before: Seat, after: Seat) -> Iterator[str]:
    if before.slot == after.slot:
        yield f"{panelist_id}: is in two places in {before.slot}"
    elif before.school != after.school:
        travel = instance.travel_slots.get(before.school, {}).get(after.school, 0)
        if after.slot - before.slot <= travel:
            yield f"{panelist_id}: no time to travel between {before.slot} and {after.slot}"


def _interpreter_faults(
    instance: Instance, students: Mapping[str, StudentWish], assignments: Iterable[Assignment]
) -> Iterator[str]:
    needs: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for one in assignments:
        language = students[one.student].interpreter
        if language is not None:
            needs[language, one.slot].append(students[one.student].school)
    for (language, slot), schools in needs.items():
        units = [
            pool.serves
            for pool in instance.interpreters
            if pool.language == language
            for _ in range(pool.capacity.get(slot, 0))
        ]
        missing = len(schools) - matched(schools, units)
        if missing:
            yield f"{missing} without an interpreter for {language} in {slot}"


def matched(schools: list[str], units: list[frozenset[str]]) -> int:
    """Return how many schools can each have a unit of their own that serves them, by augmenting paths."""
    taken: dict[int, int] = {}

    def augment(need: int, seen: set[int]) -> bool:
        for unit, serves in enumerate(units):
            if schools[need] in serves and unit not in seen:
                seen.add(unit)
                if unit not in taken or augment(taken[unit], seen):
                    taken[unit] = need
                    return True
        return False

    return sum(augment(need, set()) for need in range(len(schools)))


def _seats(students: Mapping[str, StudentWish], assignments: Iterable[Assignment]) -> dict[str, list[Seat]]:
    """Return each panelist's seats in the order of time."""
    seats: defaultdict[str, list[Seat]] = defaultdict(list)
    for one in sorted(assignments, key=lambda one: one.slot):
        for panelist_id in one.panel:
            seats[panelist_id].append(Seat(one.slot, students[one.student].school))
    return seats


def _by_day(instance: Instance, seats: Iterable[Seat]) -> dict[int, list[Seat]]:
    days: defaultdict[int, list[Seat]] = defaultdict(list)
    for seat in seats:
        days[instance.day_of(seat.slot)].append(seat)
    return days
