"""Instances of format version 1, and the judge that comes with the format."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from defenses.domain.scheduling.checking import cost
from defenses.domain.scheduling.exchange import instance_to_wire, solution_to_wire
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

DATA = Path(__file__).parent / "data"
SCHOOL = DATA / "instance-school.json"
CLUSTER = DATA / "instance-cluster.json"

SLOTS = 6
WHOLE = frozenset(range(SLOTS))
ROLES = ("teacher", "administrator", "outside")
WEIGHTS = Weights(unscheduled=1000, block=1, over_target=3, move=2)


@cache
def independent() -> Any:
    """Return the checker that comes with the format; it is data here, not code of ours."""
    loader = SourceFileLoader("season_check", str(DATA / "check.py.txt"))
    spec = spec_from_loader("season_check", loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def judged(wire: dict[str, Any], assignments: Iterable[Assignment]) -> tuple[int, list[str]]:
    """Return what the independent checker finds: the cost, and the faults."""
    placed = tuple(assignments)
    left = {student["id"] for student in wire["students"]} - {one.student for one in placed}
    solution = Solution(
        assignments=placed,
        unscheduled=tuple(Unscheduled(student, ()) for student in sorted(left)),
        cost=0,
        lower_bound=None,
        seconds=0.0,
    )
    parts, faults = independent().check(wire, solution_to_wire(solution))
    return parts["cost"], faults


def as_json(instance: Instance) -> dict[str, Any]:
    wire: dict[str, Any] = json.loads(json.dumps(instance_to_wire(instance)))
    return wire


def costing(instance: Instance, assignments: Iterable[Assignment]) -> int:
    bare = Solution(assignments=tuple(assignments), unscheduled=(), cost=0, lower_bound=None, seconds=0.0)
    return cost(instance, bare).total


def person(number: int, role: str = "teacher", **changes: Any) -> PanelistSlots:
    fields: dict[str, Any] = {
        "id": f"p{number}",
        "role": role,
        "serves": frozenset({"A"}),
        "slots": WHOLE,
        "max_per_day": 2,
        "target": 1,
        "day_cost": 2,
    }
    return PanelistSlots(**{**fields, **changes})


def wish(number: int, **changes: Any) -> StudentWish:
    fields: dict[str, Any] = {
        "id": f"s{number}",
        "school": "A",
        "tiers": dict.fromkeys(range(SLOTS), 0),
        "interpreter": None,
        "conflicts": frozenset(),
        "not_with": frozenset(),
    }
    return StudentWish(**{**fields, **changes})


def small(*students: StudentWish, **changes: Any) -> Instance:
    """One school of two days of three slots, with two rooms, two teachers and two outsiders all the time."""
    instance = Instance(
        name="small",
        days=2,
        slots_per_day=SLOTS // 2,
        rule=PanelRule(panel_size=2, at_least={"teacher": 1}),
        weights=WEIGHTS,
        schools=(
            SchoolRooms(id="A", rooms=(RoomSlots(id="A0", slots=WHOLE), RoomSlots(id="A1", slots=WHOLE))),
        ),
        travel_slots={},
        panelists=tuple(person(n, ("teacher", "outside")[n % 2]) for n in range(4)),
        interpreters=(),
        students=students,
    )
    return replace(instance, **changes)


def some_slots(least: int = 0) -> st.SearchStrategy[frozenset[int]]:
    return st.frozensets(st.integers(0, SLOTS - 1), min_size=least)


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    """Draw two schools of two days, with few rooms and people, so that hardly anything fits."""
    schools = tuple(
        SchoolRooms(
            id=name, rooms=tuple(RoomSlots(id=f"{name}{n}", slots=draw(some_slots(2))) for n in range(2))
        )
        for name in "AB"
    )
    people = tuple(
        person(
            n,
            draw(st.sampled_from(ROLES)),
            slots=draw(some_slots(2)),
            serves=draw(st.frozensets(st.sampled_from("AB"))),
            booked_per_day=draw(st.sampled_from([{}, {0: 1}])),
        )
        for n in range(draw(st.integers(1, 7)))
    )
    count = draw(st.integers(1, 6))
    students = tuple(
        wish(
            n,
            school=draw(st.sampled_from("AB")),
            tiers={slot: draw(st.integers(0, 2)) for slot in draw(some_slots())},
            interpreter=draw(st.sampled_from([None, None, "L"])),
            conflicts=frozenset(draw(st.sets(st.sampled_from([each.id for each in people]), max_size=2))),
            not_with=frozenset({f"s{n ^ 1}"}) if draw(st.booleans()) and n ^ 1 < count else frozenset(),
        )
        for n in range(count)
    )
    return small(
        *students,
        schools=schools,
        travel_slots={"A": {"B": 1}, "B": {"A": 1}},
        panelists=people,
        interpreters=(
            InterpreterPool(language="L", serves=frozenset("AB"), capacity={0: 1, 1: 2}),
            InterpreterPool(language="L", serves=frozenset("A"), capacity={1: 1, 4: 1}),
        ),
    )
