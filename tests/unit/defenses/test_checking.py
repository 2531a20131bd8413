"""Our check of schedules, against examples and against the independent one that comes with the format."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.defenses.season_instances import SCHOOL, independent

from defenses.domain.scheduling.checking import cost, faults
from defenses.domain.scheduling.exchange import (
    UnreadableExchangeError,
    instance_from_wire,
    instance_to_wire,
    ranges,
    solution_from_wire,
    solution_to_wire,
)
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
from defenses.solver import greedy

WHOLE = frozenset(range(8))


@cache
def school() -> Instance:
    return instance_from_wire(json.loads(SCHOOL.read_text()))


def person(panelist_id: str, role: str, **changes: Any) -> PanelistSlots:
    fields: dict[str, Any] = {
        "id": panelist_id,
        "role": role,
        "serves": frozenset({"A", "B"}),
        "slots": WHOLE,
        "max_per_day": 2,
        "target": 1,
        "day_cost": 2,
    }
    return PanelistSlots(**{**fields, **changes})


def wish(student_id: str, **changes: Any) -> StudentWish:
    fields: dict[str, Any] = {
        "id": student_id,
        "school": "A",
        "tiers": dict.fromkeys(WHOLE, 0),
        "interpreter": None,
        "conflicts": frozenset(),
        "not_with": frozenset(),
    }
    return StudentWish(**{**fields, **changes})


#: Two schools, two days of four slots; one slot of travel.
SMALL = Instance(
    name="small",
    days=2,
    slots_per_day=4,
    rule=PanelRule(panel_size=2, at_least={"teacher": 1}),
    weights=Weights(unscheduled=1000, block=1, over_target=3, move=2),
    schools=(
        SchoolRooms(
            id="A", rooms=(RoomSlots(id="a1", slots=WHOLE), RoomSlots(id="a2", slots=frozenset({0})))
        ),
        SchoolRooms(id="B", rooms=(RoomSlots(id="b1", slots=WHOLE),)),
    ),
    travel_slots={"A": {"B": 1}, "B": {"A": 1}},
    panelists=(
        person("t", "teacher"),
        person("u", "teacher", serves=frozenset({"A"}), slots=WHOLE - {7}),
        person("x", "outside"),
        person("y", "outside"),
    ),
    interpreters=(InterpreterPool(language="L", serves=frozenset({"A"}), capacity={0: 1, 1: 1}),),
    students=(
        wish("1", not_with=frozenset({"2"})),
        wish("2", not_with=frozenset({"1"}), conflicts=frozenset({"y"})),
        wish("3", school="B", tiers={1: 3, 2: 0, 3: 1}),
    ),
)
GOOD = (
    Assignment("1", 0, "a1", ("t", "x")),
    Assignment("2", 1, "a1", ("u", "x")),
    Assignment("3", 2, "b1", ("t", "y")),
)


def solution(*assignments: Assignment, instance: Instance = SMALL) -> Solution:
    left = {student.id for student in instance.students} - {one.student for one in assignments}
    return Solution(
        assignments=assignments,
        unscheduled=tuple(Unscheduled(student, ()) for student in sorted(left)),
        cost=0,
        lower_bound=None,
        seconds=0.0,
    )


def change(number: int, **changes: Any) -> Solution:
    changed = list(GOOD)
    changed[number] = replace(changed[number], **changes)
    return solution(*changed)


def test_a_valid_schedule_has_no_faults_and_its_cost_is_counted_by_parts() -> None:
    found = cost(SMALL, solution(*GOOD))

    assert faults(SMALL, solution(*GOOD)) == ()
    # t serves twice with a gap and a move, u and y once, x twice in a row; t and x are one above target.
    assert (found.unscheduled, found.tier, found.days, found.blocks, found.over_target, found.moves) == (
        0,
        0,
        8,
        5,
        2,
        1,
    )
    assert found.total == 8 + 5 + 3 * 2 + 2 * 1


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        (solution(*GOOD, GOOD[0]), "1: unknown or assigned twice"),
        (solution(*GOOD, Assignment("9", 0, "a2", ("t", "x"))), "9: unknown or assigned twice"),
        (
            replace(solution(*GOOD[:2]), unscheduled=()),
            "the unscheduled students are not exactly those listed",
        ),
        (change(2, slot=0), "3: slot 0 is in no family window"),
        (change(1, slot=0, room="a2", panel=("u", "y")), "1 and 2 in the same slot"),
        (change(0, room="b1"), "1: room b1 is not the school's or not available in 0"),
        (change(0, room="nowhere"), "1: room nowhere is not the school's or not available in 0"),
        (change(0, room="a2", slot=4), "1: room a2 is not the school's or not available in 4"),
        (change(1, slot=0), "a1: used 2 times in 0"),
        (change(0, panel=("t",)), "1: a panel of 1, not 2"),
        (change(0, panel=("t", "t")), "1: a panel of 1, not 2"),
        (change(0, panel=("x", "y")), "1: 0 teacher, at least 1"),
        (change(0, panel=("t", "nobody")), "1: a panelist is unknown"),
        (change(2, panel=("u", "y")), "3: u does not serve B"),
        (change(1, slot=7), "2: u is not available in 7"),
        (change(1, panel=("u", "y")), "2: y is a conflict"),
        (change(1, slot=0, room="a2"), "x: is in two places in 0"),
        (change(2, slot=1), "t: no time to travel between 0 and 1"),
    ],
)
def test_names_each_broken_rule(wrong: Solution, fault: str) -> None:
    assert fault in faults(SMALL, wrong)


def test_what_a_panelist_has_elsewhere_counts_against_the_day() -> None:
    booked = replace(SMALL.panelists[0], booked_per_day={0: 1})
    instance = replace(SMALL, panelists=(booked, *SMALL.panelists[1:]))

    assert faults(instance, solution(*GOOD)) == ("t: 2 on day 0",)


@pytest.mark.parametrize(
    ("interpreters", "expected"),
    [
        (SMALL.interpreters, ()),
        ((), ("1 without an interpreter for L in 0", "1 without an interpreter for L in 1")),
        ((replace(SMALL.interpreters[0], serves=frozenset({"B"})),), None),
    ],
)
def test_students_who_need_an_interpreter_have_one_each(
    interpreters: tuple[InterpreterPool, ...], expected: tuple[str, ...] | None
) -> None:
    students = (*(replace(student, interpreter="L") for student in SMALL.students[:2]), SMALL.students[2])
    instance = replace(SMALL, students=students, interpreters=interpreters)
    none = ("1 without an interpreter for L in 0", "1 without an interpreter for L in 1")

    assert faults(instance, solution(*GOOD)) == (none if expected is None else expected)


def test_interpreters_are_shared_out_so_that_as_many_as_possible_have_one() -> None:
    pools = (
        InterpreterPool(language="L", serves=frozenset({"A", "B"}), capacity={2: 1}),
        InterpreterPool(language="L", serves=frozenset({"A"}), capacity={2: 1}),
    )
    students = (replace(SMALL.students[0], interpreter="L"), replace(SMALL.students[2], interpreter="L"))
    instance = replace(SMALL, students=students, interpreters=pools)
    both = solution(
        Assignment("1", 2, "a1", ("u", "x")), Assignment("3", 2, "b1", ("t", "y")), instance=instance
    )

    assert faults(instance, both) == ()


def test_instances_and_solutions_survive_the_exchange() -> None:
    booked = replace(
        SMALL,
        students=(*SMALL.students, wish("4", tiers={0: 1, 1: 1, 5: 0}, interpreter="L")),
        panelists=(replace(SMALL.panelists[0], booked_per_day={0: 1}), *SMALL.panelists[1:]),
    )
    found = replace(solution(*GOOD[:2]), lower_bound=1.5)

    assert instance_from_wire(json.loads(json.dumps(instance_to_wire(booked)))) == booked
    assert instance_from_wire(instance_to_wire(school())) == school()
    assert solution_from_wire(json.loads(json.dumps(solution_to_wire(found)))) == found


def test_slots_become_ranges() -> None:
    assert ranges([5, 1, 2, 3, 7, 8]) == [[1, 3], [5, 5], [7, 8]]
    assert ranges([]) == []


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda: instance_from_wire({"version": 2}), "version: it is not 1"),
        (lambda: instance_from_wire({"version": 1}), "days: it is missing"),
        (lambda: instance_from_wire({**instance_to_wire(SMALL), "schools": 3}), "schools: it is not a list"),
        (lambda: solution_from_wire({"assignments": []}), "solution: 'unscheduled'"),
    ],
)
def test_what_is_no_exchange_is_refused_by_the_place(read: Callable[[], object], text: str) -> None:
    with pytest.raises(UnreadableExchangeError, match=text):
        read()


@settings(deadline=None)
@given(st.randoms(), st.integers(0, 6))
def test_agrees_with_the_independent_checker_on_the_example_school(
    numbers: random.Random, disturbances: int
) -> None:
    wire = _disturbed(numbers, disturbances)
    mine = solution_from_wire(wire)
    source = json.loads(SCHOOL.read_text())

    parts, found = independent().check(source, wire)

    assert bool(faults(school(), mine)) == bool(found)
    if not found:
        assert cost(school(), mine).total == parts["cost"]


@cache
def _greedy() -> tuple[Assignment, ...]:
    return greedy.schedule(school())


def _disturbed(numbers: random.Random, disturbances: int) -> dict[str, Any]:
    """Return the greedy schedule with some students moved, left out or before other people."""
    instance = school()
    chosen = {one.student: one for one in _greedy()}
    for student in numbers.sample(sorted(chosen), disturbances):
        one = chosen[student]
        kind = numbers.randrange(4)
        if kind == 0:
            del chosen[student]
        elif kind == 1:
            chosen[student] = replace(one, slot=numbers.randrange(instance.days * instance.slots_per_day))
        elif kind == 2:
            chosen[student] = replace(one, room=numbers.choice(instance.schools[0].rooms).id)
        else:
            panel = numbers.sample([each.id for each in instance.panelists], 3)
            chosen[student] = replace(one, panel=tuple(panel))
    return solution_to_wire(solution(*chosen.values(), instance=instance))
