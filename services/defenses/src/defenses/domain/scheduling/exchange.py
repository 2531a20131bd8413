"""Instances and solutions as the JSON objects of format version 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from defenses.domain.scheduling.instance import (
    Assignment,
    Instance,
    InterpreterPool,
    PanelistSlots,
    PanelRule,
    RoomSlots,
    SchoolRooms,
    Solution,
    StudentWish,
    Unscheduled,
    Weights,
)

FORMAT_VERSION = 1


class UnreadableExchangeError(ValueError):
    """A JSON object is no instance or solution of format version 1; the text names the place."""


def instance_to_wire(instance: Instance) -> dict[str, Any]:
    """Return the instance as a JSON object."""
    rule, weights = instance.rule, instance.weights
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
        "students": [_student_to_wire(student) for student in instance.students],
    }


def instance_from_wire(wire: Mapping[str, Any]) -> Instance:
    """Read an instance.

    Raises:
        UnreadableExchangeError: if it is of another version, or a field is missing or of another type.
    """
    if wire.get("version") != FORMAT_VERSION:
        raise UnreadableExchangeError(f"version: it is not {FORMAT_VERSION}")
    return _read("instance", _instance, wire)


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


def _expand(pairs: Sequence[Sequence[int]]) -> frozenset[int]:
    return frozenset(slot for first, last in pairs for slot in range(first, last + 1))


def _read[T](what: str, reader: Any, wire: Mapping[str, Any]) -> T: ...
