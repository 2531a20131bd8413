"""A first schedule in milliseconds: what the search starts from, and falls back to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from defenses.domain.scheduling.checking import matched
from defenses.domain.scheduling.instance import Assignment, Instance, PanelistSlots, StudentWish
from defenses.solver.panels import panels_for


@dataclass
class _Book:
    """What is taken so far."""

    instance: Instance
    rooms: set[tuple[str, int]] = field(default_factory=set)
    seats: dict[str, dict[int, str]] = field(default_factory=dict)
    slots: dict[str, int] = field(default_factory=dict)
    interpreted: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def is_free(self, panelist: PanelistSlots, school: str, slot: int) -> bool:
        """Whether a panelist can sit at a school in a slot, besides what they have already."""
        mine = self.seats.get(panelist.id, {})
        day = self.instance.day_of(slot)
        today = {other: where for other, where in mine.items() if self.instance.day_of(other) == day}
        return (
            school in panelist.serves
            and slot in panelist.slots
            and slot not in mine
            and len(today) < panelist.room_on(day)
            and all(self._can_travel(other, where, slot, school) for other, where in today.items())
        )

    def _can_travel(self, other: int, where: str, slot: int, school: str) -> bool:
        travel = self.instance.travel_slots.get(where, {}).get(school, 0)
        return where == school or abs(other - slot) > travel

    def has_interpreter(self, student: StudentWish, slot: int) -> bool:
        """Whether the pools can serve one more student in a slot."""
        if student.interpreter is None:
            return True
        schools = [*self.interpreted.get((student.interpreter, slot), []), student.school]
        units = [
            pool.serves
            for pool in self.instance.interpreters
            if pool.language == student.interpreter
            for _ in range(pool.capacity.get(slot, 0))
        ]
        return matched(schools, units) == len(schools)

    def take(self, student: StudentWish, found: Assignment) -> None:
        """Enter one assignment."""
        self.slots[student.id] = found.slot
        self.rooms.add((found.room, found.slot))
        for panelist in found.panel:
            self.seats.setdefault(panelist, {})[found.slot] = student.school
        if student.interpreter is not None:
            self.interpreted.setdefault((student.interpreter, found.slot), []).append(student.school)


def schedule(instance: Instance) -> tuple[Assignment, ...]:
    """Return a valid schedule of as many students as fit, those with the fewest slots first."""
    book = _Book(instance)
    rooms = {school.id: school.rooms for school in instance.schools}
    found: list[Assignment] = []
    for student in sorted(instance.students, key=lambda student: (len(student.tiers), student.id)):
        for slot in _slots_by_cost(book, student):
            room = next(
                (
                    r.id
                    for r in rooms.get(student.school, ())
                    if slot in r.slots and (r.id, slot) not in book.rooms
                ),
                None,
            )
            panel = None if room is None else _panel(book, student, slot)
            if room is not None and panel is not None and book.has_interpreter(student, slot):
                found.append(Assignment(student.id, slot, room, panel))
                book.take(student, found[-1])
                break
    return tuple(found)


def _slots_by_cost(book: _Book, student: StudentWish) -> list[int]:
    """Return the slots in which nobody defends who must not be there, days that are in use already first."""
    taken = {book.slots[other] for other in book.instance.apart[student.id] if other in book.slots}
    days = Counter(book.instance.day_of(slot) for slot in book.slots.values())
    free = [slot for slot in student.tiers if slot not in taken]
    return sorted(free, key=lambda slot: (student.tiers[slot], -days[book.instance.day_of(slot)], slot))


def _panel(book: _Book, student: StudentWish, slot: int) -> tuple[str, ...] | None:
    """Return a panel of those who serve on the same day already, then of those with the fewest seats."""
    day = book.instance.day_of(slot)

    def strain(panelist: PanelistSlots) -> tuple[bool, int]:
        mine = book.seats.get(panelist.id, {})
        return (not any(book.instance.day_of(other) == day for other in mine), len(mine) - panelist.target)

    free = [panelist for panelist in book.instance.panelists if book.is_free(panelist, student.school, slot)]
    panel = next(panels_for(student, sorted(free, key=strain), book.instance.rule), None)
    return None if panel is None else tuple(panelist.id for panelist in panel)
