"""From the arrays back to assignments, which is where the rooms get their names."""

from __future__ import annotations

from collections import defaultdict

from defenses.domain.scheduling.instance import Assignment, Instance
from defenses.solver.state import State


def assignments_of(instance: Instance, state: State) -> tuple[Assignment, ...]:
    """Return the schedule in the order of time and room."""
    free = {place: iter(rooms) for place, rooms in rooms_of(instance).items()}
    people = [panelist.id for panelist in instance.panelists]
    found = [
        Assignment(
            student=student.id,
            slot=slot,
            room=next(free[student.school, slot]),
            panel=tuple(people[who] for who in panel),
        )
        for student, slot, panel in zip(
            instance.students, state.slot.tolist(), state.panel.tolist(), strict=True
        )
        if slot >= 0
    ]
    return tuple(sorted(found, key=lambda one: (one.slot, one.room)))


def rooms_of(instance: Instance) -> dict[tuple[str, int], list[str]]:
    """Return each school's rooms of a slot: any of them will do."""
    rooms: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for school in instance.schools:
        for room in school.rooms:
            for slot in room.slots:
                rooms[school.id, slot].append(room.id)
    return rooms
