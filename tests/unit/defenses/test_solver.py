"""The search: whatever it answers keeps the rules, and easy problems are solved to the end."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from defenses.domain.scheduling.checking import cost, faults
from defenses.domain.scheduling.exchange import instance_from_wire, instance_to_wire, solution_from_wire
from defenses.domain.scheduling.instance import (
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
from defenses.solver import greedy, search
from defenses.solver.model import Model
from defenses.solver.panels import split
from defenses.solver.search import Limits

SCHOOL = Path(__file__).parent / "data" / "instance-school.json"
QUICK = Limits(seconds=1.0, workers=1, gap=0.0)
SLOTS = 6
ROLES = ("teacher", "administrator", "outside")


def some_slots(least: int = 0) -> st.SearchStrategy[frozenset[int]]:
    return st.frozensets(st.integers(0, SLOTS - 1), min_size=least)


def person(number: int, role: str, slots: frozenset[int], serves: frozenset[str]) -> PanelistSlots:
    return PanelistSlots(
        id=f"p{number}", role=role, serves=serves, slots=slots, max_per_day=2, target=1, day_cost=2
    )


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


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    """Draw two schools of two days, with few rooms and people, so that hardly anything fits."""
    schools = [
        SchoolRooms(
            id=name, rooms=tuple(RoomSlots(id=f"{name}{n}", slots=draw(some_slots(2))) for n in range(2))
        )
        for name in "AB"
    ]
    people = [
        person(
            n, draw(st.sampled_from(ROLES)), draw(some_slots(2)), draw(st.frozensets(st.sampled_from("AB")))
        )
        for n in range(draw(st.integers(1, 7)))
    ]
    count = draw(st.integers(1, 6))
    students = [
        wish(
            n,
            school=draw(st.sampled_from("AB")),
            tiers={slot: draw(st.integers(0, 2)) for slot in draw(some_slots())},
            interpreter=draw(st.sampled_from([None, None, "L"])),
            conflicts=frozenset(draw(st.sets(st.sampled_from([each.id for each in people]), max_size=2))),
            not_with=frozenset({f"s{n ^ 1}"}) if draw(st.booleans()) and n ^ 1 < count else frozenset(),
        )
        for n in range(count)
    ]
    return Instance(
        name="drawn",
        days=2,
        slots_per_day=SLOTS // 2,
        rule=PanelRule(panel_size=2, at_least={"teacher": 1}),
        weights=Weights(unscheduled=1000, block=1, over_target=3, move=2),
        schools=tuple(schools),
        travel_slots={"A": {"B": 1}, "B": {"A": 1}},
        panelists=tuple(people),
        interpreters=(
            InterpreterPool(language="L", serves=frozenset("AB"), capacity={0: 1, 1: 2}),
            InterpreterPool(language="L", serves=frozenset("A"), capacity={1: 1, 4: 1}),
        ),
        students=tuple(students),
    )


def small(*students: StudentWish, people: int = 4) -> Instance:
    """One school with one room all the time, and pairs of a teacher and an outsider."""
    whole = frozenset(range(SLOTS))
    return Instance(
        name="small",
        days=2,
        slots_per_day=SLOTS // 2,
        rule=PanelRule(panel_size=2, at_least={"teacher": 1}),
        weights=Weights(unscheduled=1000, block=1, over_target=3, move=2),
        schools=(
            SchoolRooms(id="A", rooms=(RoomSlots(id="A0", slots=whole), RoomSlots(id="A1", slots=whole))),
        ),
        travel_slots={},
        panelists=tuple(
            person(n, ("teacher", "outside")[n % 2], whole, frozenset({"A"})) for n in range(people)
        ),
        interpreters=(),
        students=students,
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(instances())
def test_every_answer_keeps_the_rules_and_claims_its_true_cost(instance: Instance) -> None:
    found = search.search(instance, QUICK)

    assert faults(instance, found) == ()
    assert found.cost == cost(instance, found).total
    assert found.lower_bound is None or found.lower_bound <= found.cost + 1e-6


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(instances())
def test_the_greedy_schedule_keeps_the_rules(instance: Instance) -> None:
    assigned = greedy.schedule(instance)

    assert faults(instance, _solution(instance, assigned)) == ()


def _solution(instance: Instance, assigned: Any) -> Solution:
    return search._solution(instance, assigned, None, 0.0)


def test_an_easy_problem_is_solved_to_the_end() -> None:
    instance = small(*(wish(n) for n in range(4)))

    found = search.search(instance, Limits(seconds=20.0, workers=4, gap=0.0))

    assert found.unscheduled == ()
    assert found.lower_bound == pytest.approx(found.cost)


def test_students_who_must_not_meet_are_apart() -> None:
    apart = small(
        wish(0, tiers={0: 0, 1: 5}, not_with=frozenset({"s1"})),
        wish(1, tiers={0: 0, 1: 5}, not_with=frozenset({"s0"})),
    )

    found = search.search(apart, QUICK)

    assert {one.slot for one in found.assignments} == {0, 1}


def test_a_student_without_a_time_is_left_out_and_counts_in_the_bound() -> None:
    instance = small(wish(0, tiers={}), wish(1))

    found = search.search(instance, QUICK)

    assert [one.student for one in found.unscheduled] == ["s0"]
    assert found.lower_bound is not None
    assert found.lower_bound >= 1000


def test_without_time_the_greedy_schedule_is_the_answer() -> None:
    instance = small(wish(0))

    found = search.search(instance, Limits(seconds=0.0, workers=1, gap=0.0))

    assert (len(found.assignments), found.lower_bound) == (1, None)


def test_people_who_cannot_be_split_into_panels_are_not_put_together_again() -> None:
    # Both accept only one of the two teachers, and each panel needs one.
    teachers = [person(n, "teacher", frozenset({0}), frozenset({"A"})) for n in range(2)]
    outsiders = [person(n, "outside", frozenset({0}), frozenset({"A"})) for n in range(2, 4)]
    students = [wish(0, conflicts=frozenset({"p0"})), wish(1, conflicts=frozenset({"p0"}))]
    rule = PanelRule(panel_size=2, at_least={"teacher": 1})

    assert split(students, [*teachers, *outsiders], rule) is None
    assert split(students[:1], [*teachers, *outsiders], rule) == {"s0": ("p1", "p2")}


def test_a_slot_that_cannot_be_split_is_searched_again() -> None:
    # The model sees two teachers before two students and is content; both students need the same one.
    whole = frozenset({0})
    people = tuple(person(n, ("teacher", "outside")[n > 1], whole, frozenset({"A"})) for n in range(4))
    instance = replace(
        small(
            wish(0, tiers={0: 0}, conflicts=frozenset({"p0"})),
            wish(1, tiers={0: 0}, conflicts=frozenset({"p0"})),
        ),
        panelists=people,
    )

    found = search.search(instance, Limits(seconds=5.0, workers=1, gap=0.0))

    assert faults(instance, found) == ()
    assert len(found.assignments) == 1
    assert found.lower_bound == pytest.approx(found.cost)


def test_a_search_that_finds_nothing_better_leaves_the_greedy_schedule_with_its_bound() -> None:
    instance = small(wish(0))
    good = search.search(instance, QUICK)
    worse = replace(good, assignments=(), unscheduled=(Unscheduled("s0", ()),), cost=1000, lower_bound=3.0)
    wrong = replace(good, assignments=(replace(good.assignments[0], room="nowhere"),), cost=0)

    assert search._better(good, worse, instance) == replace(good, lower_bound=3.0)
    assert search._better(good, wrong, instance) == good


def test_the_hint_is_a_schedule_that_the_model_allows() -> None:
    instance = instance_from_wire(json.loads(SCHOOL.read_text()))
    assigned = greedy.schedule(instance)
    model = Model(instance)

    model.hint(assigned)

    assert faults(instance, _solution(instance, assigned)) == ()
    assert all((one.student, one.slot) in model.defends for one in assigned)


def test_the_process_reads_a_request_and_says_a_solution() -> None:
    instance = small(wish(0))
    request = {"instance": instance_to_wire(instance), "seconds": 1.0, "workers": 1, "gap": 0.0}

    ended = subprocess.run(
        [sys.executable, "-m", "defenses.solver"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    found = solution_from_wire(json.loads(ended.stdout))
    assert faults(instance, found) == ()
    assert len(found.assignments) == 1
