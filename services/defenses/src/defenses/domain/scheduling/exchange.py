"""Instances and solutions as the JSON objects of format version 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, TypeVar

from defenses.domain.scheduling.instance import (
    Assignment,
    Instance,
    InterpreterPool,
    PanelistSlots,
    SchoolRooms,
    Solution,
    StudentWish,
    Unscheduled,
)
from defenses.domain.scheduling.reading import (
    FORMAT_VERSION,
    UnreadableExchangeError,
    instance_from_wire,
)

__all__ = [
    "FORMAT_VERSION",
    "UnreadableExchangeError",
    "instance_from_wire",
    "instance_to_wire",
    "ranges",
    "solution_from_wire",
    "solution_to_wire",
]

Read = TypeVar("Read")


def instance_to_wire(instance: Instance) -> dict[str, Any]:
    """Return the instance as a JSON object; conflicts with people who are not in it are left out."""
    rule, weights = instance.rule, instance.weights
    people = {panelist.id for panelist in instance.panelists}
    return {
        "version": FORMAT_VERSION,
        "name": instance.name,
        "days": instance.days,
        "slots_per_day": instance.slots_per_day,
        "rules": {"panel_size": rule.panel_size, "at_least": dict(rule.at_least)},
        "weights": {
            "unscheduled": weights.unscheduled,
            "block": weights.block,
            "over_target": weights.over_target,
            "move": weights.move,
        },
        "schools": [_school_to_wire(school) for school in instance.schools],
        "travel_slots": {school: dict(others) for school, others in instance.travel_slots.items()},
        "panelists": [_panelist_to_wire(panelist) for panelist in instance.panelists],
        "interpreters": [_pool_to_wire(pool) for pool in instance.interpreters],
        "students": [_student_to_wire(student, instance, people) for student in instance.students],
    }


def solution_to_wire(solution: Solution) -> dict[str, Any]:
    """Return the solution as a JSON object."""
    return {
        "assignments": [
            {"student": one.student, "slot": one.slot, "room": one.room, "panel": list(one.panel)}
            for one in solution.assignments
        ],
        "unscheduled": [
            {"student": one.student, "reasons": list(one.reasons)} for one in solution.unscheduled
        ],
        "cost": solution.cost,
        "lower_bound": solution.lower_bound,
        "seconds": solution.seconds,
    }


def solution_from_wire(wire: Mapping[str, Any]) -> Solution:
    """Read a solution.

    Raises:
        UnreadableExchangeError: if a field is missing or of another type.
    """
    return _read("solution", _solution, wire)


def ranges(slots: Iterable[int]) -> list[list[int]]:
    """Return slots as [first, last] ranges, both included."""
    found: list[list[int]] = []
    for slot in sorted(slots):
        if found and found[-1][1] == slot - 1:
            found[-1][1] = slot
        else:
            found.append([slot, slot])
    return found


def _read(what: str, reader: Callable[[Mapping[str, Any]], Read], wire: Mapping[str, Any]) -> Read:
    try:
        return reader(wire)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        # The text of a KeyError is the missing name; others may quote the value, which we do not repeat.
        place = str(error) if isinstance(error, KeyError) else type(error).__name__
        raise UnreadableExchangeError(f"{what}: {place}") from error


def _school_to_wire(school: SchoolRooms) -> dict[str, Any]:
    rooms = [{"id": room.id, "available": ranges(room.slots)} for room in school.rooms]
    return {"id": school.id, "rooms": rooms}


def _panelist_to_wire(panelist: PanelistSlots) -> dict[str, Any]:
    return {
        "id": panelist.id,
        "role": panelist.role,
        "serves": sorted(panelist.serves),
        "available": ranges(panelist.slots),
        "max_per_day": panelist.max_per_day,
        "target": panelist.target,
        "day_cost": panelist.day_cost,
        # Pairs, because the names of a JSON object are strings.
        "booked_per_day": sorted([day, booked] for day, booked in panelist.booked_per_day.items()),
    }


def _pool_to_wire(pool: InterpreterPool) -> dict[str, Any]:
    capacity = [[slot, slot, many] for slot, many in sorted(pool.capacity.items())]
    return {"language": pool.language, "serves": sorted(pool.serves), "capacity": capacity}


def _student_to_wire(student: StudentWish, instance: Instance, people: AbstractSet[str]) -> dict[str, Any]:
    by_tier = {
        tier: [slot for slot, mine in student.tiers.items() if mine == tier]
        for tier in student.tiers.values()
    }
    windows = [
        {"slots": span, "tier": tier} for tier, slots in sorted(by_tier.items()) for span in ranges(slots)
    ]
    return {
        "id": student.id,
        "school": student.school,
        "windows": windows,
        "interpreter": student.interpreter,
        "conflicts": sorted(student.conflicts & people),
        "not_with": sorted(student.not_with & instance.apart.keys()),
    }


def _solution(wire: Mapping[str, Any]) -> Solution:
    return Solution(
        assignments=tuple(
            Assignment(one["student"], one["slot"], one["room"], tuple(one["panel"]))
            for one in wire["assignments"]
        ),
        unscheduled=tuple(Unscheduled(one["student"], tuple(one["reasons"])) for one in wire["unscheduled"]),
        cost=wire["cost"],
        lower_bound=wire["lower_bound"],
        seconds=wire["seconds"],
    )
