"""Instances from strangers: whatever is wrong is named with its place, and nothing else happens."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.defenses.season_instances import as_json, person, small, wish

from defenses.domain.scheduling.exchange import instance_from_wire, instance_to_wire
from defenses.domain.scheduling.instance import InterpreterPool
from defenses.domain.scheduling.reading import UnreadableExchangeError

Spoil = Callable[[dict[str, Any]], Any]


def good() -> dict[str, Any]:
    pool = InterpreterPool(language="L", serves=frozenset({"A"}), capacity={0: 1})
    return as_json(small(wish(0), wish(1, not_with=frozenset({"s0"})), interpreters=(pool,)))


def put(place: str, value: Any) -> Spoil:
    """Return what replaces the value at a place such as `students.0.windows`; `...` takes it away."""

    def spoil(wire: dict[str, Any]) -> None:
        *path, last = (int(step) if step.isdigit() else step for step in place.split("."))
        target: Any = wire
        for step in path:
            target = target[step]
        if value is ...:
            del target[last]
        else:
            target[last] = value

    return spoil


#: What is wrong -> what is said.
WRONG: dict[str, tuple[Spoil, str]] = {
    "another version": (put("version", 2), "version: it is not 1"),
    "no version": (put("version", ...), "version: it is missing"),
    "no students": (put("students", ...), "students: it is missing"),
    "schools that are no list": (put("schools", 3), "schools: it is not a list"),
    "rules that are no object": (put("rules", []), "rules: it is not an object"),
    "a season without days": (put("days", 0), "days: 0 is not from 1 to 20000"),
    "a season of a million slots": (
        put("slots_per_day", 500_000),
        "slots_per_day: 500000 is not from 1 to 10000",
    ),
    "days that are true": (put("days", True), "days: it is not a whole number"),
    "half a slot": (put("slots_per_day", 2.5), "slots_per_day: it is not a whole number"),
    "an empty panel": (put("rules.panel_size", 0), "rules.panel_size: 0 is not from 1 to 100"),
    "more seats than a panel has": (
        put("rules.at_least", {"teacher": 2, "outside": 1}),
        "rules.at_least: it asks for 3 seats, and a panel has 2",
    ),
    "a negative weight": (put("weights.block", -1), "weights.block: -1 is not from 0 to 1000000"),
    "two schools of one id": (
        lambda wire: wire["schools"].append(wire["schools"][0]),
        "schools[1].id: the school A is already schools[0].id",
    ),
    "two rooms of one id": (
        put("schools.0.rooms.1.id", "A0"),
        "schools[0].rooms[1].id of A: the room A0 is already schools[0].rooms[0].id",
    ),
    "two panelists of one id": (
        put("panelists.2.id", "p0"),
        "panelists[2].id: the panelist p0 is already panelists[0].id",
    ),
    "two students of one id": (
        put("students.1.id", "s0"),
        "students[1].id: the student s0 is already students[0].id",
    ),
    "an id that is a number": (put("students.1.id", 7), "students[1].id: it is not a text, or it is empty"),
    "a room that is open after the season": (
        put("schools.0.rooms.0.available", [[0, 6]]),
        "schools[0].rooms[0].available[0][1] of A0: 6 is not from 0 to 5",
    ),
    "a panelist of an unknown school": (
        put("panelists.1.serves", ["A", "Z"]),
        "panelists[1].serves[1] of p1: there is no school Z",
    ),
    "a travel time to an unknown school": (
        put("travel_slots", {"A": {"Z": 1}}),
        "travel_slots.A: there is no school Z",
    ),
    "a travel time that is longer than the season": (
        put("travel_slots", {"A": {"A": 7}}),
        "travel_slots.A.A: 7 is not from 0 to 6",
    ),
    "a booking that is no pair": (
        put("panelists.0.booked_per_day", [[1]]),
        "panelists[0].booked_per_day[0] of p0: it is not a pair of a day and a number",
    ),
    "a booking on a day outside the season": (
        put("panelists.0.booked_per_day", [[2, 1]]),
        "panelists[0].booked_per_day[0][0] of p0: 2 is not from 0 to 1",
    ),
    "a capacity without a number": (
        put("interpreters.0.capacity", [[0, 1]]),
        "interpreters[0].capacity[0] of L: it has 2 numbers, not 3",
    ),
    "a student of an unknown school": (
        put("students.0.school", "Z"),
        "students[0].school of s0: there is no school Z",
    ),
    "a conflict with an unknown panelist": (
        put("students.0.conflicts", ["p9"]),
        "students[0].conflicts[0] of s0: there is no panelist p9",
    ),
    "an unknown sibling": (
        put("students.0.not_with", ["s9"]),
        "students[0].not_with[0] of s0: there is no student s9",
    ),
    "a student who must not meet themselves": (
        put("students.0.not_with", ["s0"]),
        "students[0].not_with of s0: a student cannot be kept apart from themselves",
    ),
    "a language that is no text": (
        put("students.0.interpreter", 3),
        "students[0].interpreter of s0: it is not a text, or it is empty",
    ),
    "an empty window": (
        put("students.1.windows.0.slots", [4, 3]),
        "students[1].windows[0].slots of s1: it is empty, because 4 is after 3",
    ),
    "a window beyond all memory": (
        put("students.1.windows.0.slots", [0, 10**12]),
        "students[1].windows[0].slots[1] of s1: 1000000000000 is not from 0 to 5",
    ),
    "a million windows": (
        put("students.1.windows", [{"slots": [0, 0], "tier": 0}] * 1_000_000),
        "students[1].windows of s1: 1000000 windows are more than the season's 6 slots",
    ),
    "more panelists than fit into memory": (
        lambda wire: wire.update(days=200, slots_per_day=100, panelists=wire["panelists"] * 1000),
        "panelists: there are too many of them for a season of this length",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_place_of_what_is_wrong_is_named(name: str) -> None:
    spoil, said = WRONG[name]
    wire = good()
    spoil(wire)

    with pytest.raises(UnreadableExchangeError) as caught:
        instance_from_wire(wire)

    assert str(caught.value) == said


@pytest.mark.parametrize("wire", [None, 3, [], "instance"])
def test_what_is_no_object_is_no_instance(wire: Any) -> None:
    with pytest.raises(UnreadableExchangeError, match="instance: it is not an object"):
        instance_from_wire(wire)


def test_a_long_id_is_quoted_by_its_beginning() -> None:
    wire = good()
    wire["students"][0]["school"] = "Z" * 1000

    with pytest.raises(UnreadableExchangeError, match=r"there is no school Z{40}…$"):
        instance_from_wire(wire)


def test_the_best_tier_of_overlapping_windows_counts() -> None:
    wire = good()
    wire["students"][0]["windows"] = [{"slots": [0, 2], "tier": 3}, {"slots": [1, 1], "tier": 0}]

    assert instance_from_wire(wire).students[0].tiers == {0: 3, 1: 0, 2: 3}


def test_an_instance_survives_the_exchange() -> None:
    pool = InterpreterPool(language="L", serves=frozenset({"A"}), capacity={0: 1, 1: 2})
    instance = small(
        wish(0, interpreter="L", conflicts=frozenset({"p1"}), tiers={0: 1, 1: 1, 3: 0}),
        panelists=(person(1, booked_per_day={0: 1}),),
        interpreters=(pool,),
        travel_slots={"A": {"A": 0}},
    )

    assert instance_from_wire(json.loads(json.dumps(instance_to_wire(instance)))) == instance


def test_people_who_are_not_in_the_instance_are_no_conflict_in_it() -> None:
    wire = instance_to_wire(small(wish(0, conflicts=frozenset({"p0", "elsewhere"}))))

    assert wire["students"][0]["conflicts"] == ["p0"]
