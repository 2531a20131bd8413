"""What is proven of an instance: never more than the truth, and where it matters, all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from defenses.domain.scheduling.checking import cost, faults
from defenses.domain.scheduling.exchange import instance_from_wire
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
from defenses.domain.scheduling.reasons import Shortage
from defenses.solver.bounds import Evidence, bounds
from defenses.solver.bounds import shortage as shortage_module
from defenses.solver.bounds.coverage import DAYS, least_left_out
from defenses.solver.bounds.prices import Prices, Travelling, least_soft_cost, travelling
from defenses.solver.bounds.relaxation import best_day, prices_of
from defenses.solver.bounds.shortage import group_shortage
from defenses.solver.bounds.view import PANELISTS, ROOM, WINDOW, SchoolView, components, views

SCHOOL = Path(__file__).parent / "data" / "instance-school.json"
SLOTS = 4
WHOLE = frozenset(range(SLOTS))
PLENTY_S = 30.0
PROPERTY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def person(name: str, role: str, **changes: Any) -> PanelistSlots:
    fields: dict[str, Any] = {
        "id": name,
        "role": role,
        "serves": frozenset("A"),
        "slots": WHOLE,
        "max_per_day": 2,
        "target": 9,
        "day_cost": 2,
    }
    return PanelistSlots(**{**fields, **changes})


def wish(name: str, **changes: Any) -> StudentWish:
    fields: dict[str, Any] = {
        "id": name,
        "school": "A",
        "tiers": dict.fromkeys(range(SLOTS), 0),
        "interpreter": None,
        "conflicts": frozenset(),
        "not_with": frozenset(),
    }
    return StudentWish(**{**fields, **changes})


def school(*students: StudentWish, **changes: Any) -> Instance:
    """One school of two days with two slots each, one room, and one pair of a teacher and an outsider."""
    fields: dict[str, Any] = {
        "name": "one school",
        "days": 2,
        "slots_per_day": 2,
        "rule": PanelRule(panel_size=2, at_least={"teacher": 1}),
        "weights": Weights(unscheduled=1000, block=1, over_target=3, move=2),
        "schools": (SchoolRooms(id="A", rooms=(RoomSlots(id="A0", slots=WHOLE),)),),
        "travel_slots": {},
        "panelists": (person("t0", "teacher"), person("o0", "outside")),
        "interpreters": (),
        "students": students,
    }
    return Instance(**{**fields, **changes})


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    """Draw two schools that share people, with so few of everything that all schedules can be tried."""
    names = ("A", "B")

    def some(least: int = 0) -> frozenset[int]:
        return draw(st.frozensets(st.integers(0, SLOTS - 1), min_size=least))

    people = [
        person(
            f"p{number}",
            draw(st.sampled_from(["teacher", "teacher", "outside"])),
            serves=draw(st.frozensets(st.sampled_from(names), min_size=1)),
            slots=some(2),
            max_per_day=draw(st.integers(1, 2)),
            target=draw(st.integers(0, 2)),
            day_cost=draw(st.sampled_from([0, 2, 4])),
            booked_per_day=draw(st.sampled_from([{}, {}, {0: 1}])),
        )
        for number in range(draw(st.integers(2, 4)))
    ]
    count = draw(st.integers(1, 3))
    students = [
        wish(
            f"s{number}",
            school=draw(st.sampled_from(names)),
            tiers={slot: draw(st.integers(0, 3)) for slot in some(1)},
            interpreter=draw(st.sampled_from([None, None, "L"])),
            conflicts=draw(st.frozensets(st.sampled_from([each.id for each in people]), max_size=1)),
            not_with=frozenset({"s0"}) if number and draw(st.booleans()) else frozenset(),
        )
        for number in range(count)
    ]
    travel = draw(st.integers(0, 1))
    return school(
        *students,
        schools=tuple(SchoolRooms(id=name, rooms=(RoomSlots(id=name, slots=some(2)),)) for name in names),
        weights=Weights(unscheduled=1000, block=draw(st.integers(0, 3)), over_target=3, move=2),
        travel_slots={"A": {"B": travel}, "B": {"A": travel}},
        panelists=tuple(people),
        interpreters=(InterpreterPool(language="L", serves=frozenset("AB"), capacity={0: 1, 1: 2, 3: 1}),),
    )


def shortages(instance: Instance, *left_out: str, seconds: float = PLENTY_S) -> tuple[Shortage, ...]:
    return Evidence(instance).shortages(left_out, seconds=seconds)


def schedule(instance: Instance, chosen: tuple[Assignment, ...]) -> Solution:
    left = {each.id for each in instance.students} - {each.student for each in chosen}
    out = tuple(Unscheduled(each, ()) for each in sorted(left))
    return Solution(assignments=chosen, unscheduled=out, cost=0, lower_bound=None, seconds=0.0)


def options(instance: Instance, student: StudentWish) -> Iterator[Assignment]:
    rooms = {each.id: each.rooms[0].id for each in instance.schools}
    names = [each.id for each in instance.panelists]
    for slot, panel in product(sorted(student.tiers), combinations(names, instance.rule.panel_size)):
        yield Assignment(student.id, slot, rooms[student.school], panel)


def schedules(instance: Instance, chosen: tuple[Assignment, ...], number: int) -> Iterator[Solution]:
    """Yield every valid way to go on from the first so many students' assignments."""
    if number == len(instance.students):
        yield schedule(instance, chosen)
        return
    yield from schedules(instance, chosen, number + 1)
    for option in options(instance, instance.students[number]):
        if not faults(instance, schedule(instance, (*chosen, option))):
            yield from schedules(instance, (*chosen, option), number + 1)


def cheapest(instance: Instance) -> dict[int, int]:
    """Try all schedules: number of students left out -> the least soft cost with exactly so many."""
    found: dict[int, int] = {}
    for each in schedules(instance, (), 0):
        parts = cost(instance, each)
        soft = parts.total - instance.weights.unscheduled * parts.unscheduled
        found[parts.unscheduled] = min(soft, found.get(parts.unscheduled, soft))
    return found


@PROPERTY
@given(instances())
def test_no_bound_is_above_what_all_schedules_together_show(instance: Instance) -> None:
    truth = cheapest(instance)
    least = min(truth)
    proven = bounds(instance, seconds=PLENTY_S, known_unscheduled=least)
    assert proven.least_unscheduled <= least
    assert proven.coverage_proven == (proven.least_unscheduled == least)
    assert proven.soft_at_least <= truth[least]
    more = bounds(instance, seconds=PLENTY_S, known_unscheduled=least + 1)
    assert more.soft_at_least <= min(truth[least], truth.get(least + 1, truth[least]))


@PROPERTY
@given(instances(), st.integers(0, 2**32 - 1))
def test_whatever_the_prices_are_the_soft_bound_holds(instance: Instance, seed: int) -> None:
    truth = cheapest(instance)
    numbers = np.random.default_rng(seed)
    schools, missing = views(instance)
    prices = [
        Prices(
            seat=numbers.uniform(-1, 6, SLOTS),
            role=numbers.uniform(0, 2, (1, SLOTS)),
            room=numbers.uniform(0, 2, SLOTS),
            load=numbers.uniform(0, 3, len(view.panelists)),
            presence=numbers.uniform(0, 2, (2, len(view.students), view.stretches)),
        )
        for view in schools
    ]
    for left_out, soft in truth.items():
        further = left_out - len(missing)
        assert least_soft_cost(schools, prices, further, travelling(instance)) <= soft + 1e-9


def test_a_lone_defense_costs_its_panel_and_its_window() -> None:
    instance = school(wish("s0", tiers={0: 3, 2: 1}))
    # Two panelists with a day and a block each, and the better of the two windows.
    assert bounds(instance, seconds=PLENTY_S, known_unscheduled=0).soft_at_least == 7


def test_defenses_above_the_fair_share_are_counted() -> None:
    people = (person("t0", "teacher", target=1, max_per_day=9), person("o0", "outside", max_per_day=9))
    instance = school(*(wish(f"s{n}") for n in range(4)), panelists=people)
    # Two days with a block for each of the two, and three of the teacher's defenses are too many.
    assert bounds(instance, seconds=PLENTY_S, known_unscheduled=0).soft_at_least == 12 + 9


def test_a_day_of_several_runs_is_found_where_it_pays() -> None:
    [view], _ = views(school(wish("s0"), days=1, slots_per_day=4, panelists=(*_many(1),)))
    nothing = np.zeros(view.stretches)
    assert best_day(view, 0, 0, np.array([5.0, 0.5, 0.0, 5.0]), nothing) == (0, 3)
    assert best_day(view, 0, 0, np.zeros(4), nothing)[1:] == ()


def test_being_there_is_earned_once_in_a_stretch() -> None:
    [view], _ = views(school(wish("s0", tiers={0: 0, 1: 0, 2: 1, 3: 1}), days=1, slots_per_day=4))
    assert view.stretch.tolist() == [0, 0, 1, 1]
    assert best_day(view, 0, 0, np.full(4, 0.1), np.array([3.0, 3.0])) == (1, 2)


def test_a_panel_comes_as_a_whole_even_for_one_student_who_could_come_at_two_times() -> None:
    # Half a defense in each of two slots would need but half a day of each panelist.
    instance = school(wish("s0", tiers={0: 0, 1: 0}))
    assert bounds(instance, seconds=PLENTY_S, known_unscheduled=0).soft_at_least == 6


def test_in_a_larger_school_nothing_is_asked_of_lone_students() -> None:
    [view], _ = views(school(*(wish(f"s{n}") for n in range(49))))
    prices = prices_of(view, seconds=PLENTY_S, unscheduled=1000)
    assert prices is not None
    assert not prices.presence.any()


def test_days_of_several_runs_make_the_relaxation_of_a_school_cheaper() -> None:
    # The families can come only first and last, and the two days of a run each would be too many.
    tiers = [{0: 0}, {3: 0}]
    instance = school(*(wish(f"s{n}", tiers=tiers[n]) for n in range(2)), days=1, slots_per_day=4)
    assert bounds(instance, seconds=PLENTY_S, known_unscheduled=0).soft_at_least == 8


def test_without_time_the_soft_bound_is_nothing_and_still_true() -> None:
    proven = bounds(school(wish("s0"), wish("s1")), seconds=0.0, known_unscheduled=0)
    assert (proven.least_unscheduled, proven.coverage_proven, proven.soft_at_least) == (0, True, 0.0)


def test_a_program_that_has_no_time_gives_no_prices() -> None:
    [view], _ = views(school(wish("s0")))
    assert prices_of(view, seconds=0.0, unscheduled=1000) is None


@pytest.mark.parametrize(
    ("student", "resource"),
    [
        (wish("s0", tiers={}), WINDOW),
        (wish("s0", conflicts=frozenset({"t0"})), "teacher"),
        (wish("s0", conflicts=frozenset({"o0"})), PANELISTS),
        (wish("s0", interpreter="L"), "interpreter L"),
        (wish("s0", tiers={3: 0}), ROOM),
    ],
)
def test_a_student_who_fits_nowhere_is_left_out_for_what_is_missing(
    student: StudentWish, resource: str
) -> None:
    rooms = (SchoolRooms(id="A", rooms=(RoomSlots(id="A0", slots=frozenset({0, 1})),)),)
    instance = school(student, schools=rooms)
    if resource == ROOM:
        instance = replace(instance, panelists=(*instance.panelists, person("t1", "teacher")))
    proven = bounds(instance, seconds=PLENTY_S, known_unscheduled=1)
    assert (proven.least_unscheduled, proven.coverage_proven, proven.soft_at_least) == (1, True, 0.0)
    assert shortages(instance, "s0") == (Shortage(("s0",), resource),)


def test_students_who_do_not_fit_together_are_a_smallest_group_with_what_they_compete_for() -> None:
    rivals = [wish(f"s{n}", tiers={0: 0, 1: 0}) for n in range(3)]
    instance = school(wish("s9", tiers={2: 0}), *rivals, panelists=_many())
    assert bounds(instance, seconds=PLENTY_S).least_unscheduled == 1
    [shortage] = shortages(instance, "s1")
    assert set(shortage.students) == {"s0", "s1", "s2"}
    assert shortage.resource == ROOM


def test_a_day_can_be_too_short_for_the_people() -> None:
    instance = school(
        *(wish(f"s{n}", tiers={0: 0, 1: 0}) for n in range(2)), panelists=_many(1, max_per_day=1)
    )
    [shortage] = shortages(instance, "s1")
    assert (set(shortage.students), shortage.resource) == ({"s0", "s1"}, DAYS)


def test_a_group_may_lack_more_than_one_thing() -> None:
    instance = school(*(wish(f"s{n}", tiers={0: 0}) for n in range(2)))
    [shortage] = shortages(instance, "s1")
    assert (set(shortage.students), shortage.resource) == ({"s0", "s1"}, "")


def test_schools_without_anybody_left_out_are_not_searched_for_a_shortage() -> None:
    instance = school(wish("s0"), wish("s1", tiers={}))
    assert [each.students for each in shortages(instance, "s1")] == [("s1",)]


def test_an_interpreter_can_be_what_a_group_competes_for() -> None:
    instance = school(
        *(wish(f"s{n}", interpreter="L") for n in range(2)),
        schools=(SchoolRooms(id="A", rooms=tuple(RoomSlots(id=f"A{n}", slots=WHOLE) for n in range(2))),),
        panelists=_many(),
        interpreters=(InterpreterPool(language="L", serves=frozenset("A"), capacity={0: 1}),),
    )
    [shortage] = shortages(instance, "s1")
    assert (set(shortage.students), shortage.resource) == ({"s0", "s1"}, "interpreter L")


def test_a_group_that_was_found_too_large_is_made_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = school(wish("s9", tiers={2: 0}), *(wish(f"s{n}", tiers={0: 0}) for n in range(2)))
    monkeypatch.setattr(shortage_module, "_core", lambda *_: ["s9", "s0", "s1"])
    found = group_shortage(instance, views(instance)[0], seconds=PLENTY_S)
    assert found is not None
    assert found.students == ("s0", "s1")


def test_slots_beyond_the_season_are_nobodys() -> None:
    [missing] = views(school(wish("s0", tiers={SLOTS: 0})))[1]
    assert missing.resources == {WINDOW: 1}


def test_without_time_no_group_is_named() -> None:
    instance = school(*(wish(f"s{n}", tiers={0: 0}) for n in range(2)))
    assert shortages(instance, "s1", seconds=0.0) == ()


def test_people_who_must_travel_cannot_serve_two_schools_in_a_row() -> None:
    shared = tuple(replace(each, serves=frozenset("AB")) for each in school().panelists)
    instance = school(
        wish("s0", tiers={0: 0}),
        wish("s1", school="B", tiers={1: 0}),
        schools=tuple(SchoolRooms(id=name, rooms=(RoomSlots(id=name, slots=WHOLE),)) for name in "AB"),
        panelists=shared,
        travel_slots={"A": {"B": 1}, "B": {"A": 1}},
    )
    assert bounds(instance, seconds=PLENTY_S, left_out=["s1"]).coverage_proven


def test_a_short_cut_leads_around_a_long_way() -> None:
    # From A to B takes too long for the next slot but one, and by way of C it does not.
    shared = tuple(replace(each, serves=frozenset("ABC"), max_per_day=3) for each in school().panelists)
    instance = school(
        wish("s0", tiers={0: 0}),
        wish("s1", school="C", tiers={1: 0}),
        wish("s2", school="B", tiers={2: 0}),
        days=1,
        slots_per_day=4,
        schools=tuple(SchoolRooms(id=name, rooms=(RoomSlots(id=name, slots=WHOLE),)) for name in "ABC"),
        panelists=shared,
        travel_slots={"A": {"B": 2}, "B": {"A": 2}},
    )
    both = tuple(Assignment(f"s{n}", n, "ACB"[n], ("t0", "o0")) for n in range(3))
    assert faults(instance, schedule(instance, both)) == ()
    assert bounds(instance, seconds=PLENTY_S).least_unscheduled == 0
    assert bounds(replace(instance, students=instance.students[::2]), seconds=PLENTY_S).least_unscheduled == 1


def test_two_groups_of_one_school_are_both_named() -> None:
    morning = [wish(f"m{n}", tiers={0: 0}) for n in range(2)]
    instance = school(*morning, *(wish(f"s{n}", tiers={2: 0}) for n in range(2)))
    named = shortages(instance, "m0", "s1")
    assert [set(each.students) for each in named] in [
        [{"m0", "m1"}, {"s0", "s1"}],
        [{"s0", "s1"}, {"m0", "m1"}],
    ]


def test_schools_that_compete_for_people_are_one_group() -> None:
    shared = tuple(replace(each, serves=frozenset("AB")) for each in school().panelists)
    rooms = tuple(SchoolRooms(id=name, rooms=(RoomSlots(id=name, slots=WHOLE),)) for name in "AB")
    instance = school(
        wish("s0", tiers={0: 0}), wish("s1", school="B", tiers={0: 0}), schools=rooms, panelists=shared
    )
    [shortage] = shortages(instance, "s1")
    assert (set(shortage.students), shortage.resource) == ({"s0", "s1"}, "")


def test_knowing_who_is_left_out_proves_the_coverage_of_schools_that_compete() -> None:
    shared = tuple(replace(each, serves=frozenset("AB")) for each in school().panelists)
    rooms = tuple(SchoolRooms(id=name, rooms=(RoomSlots(id=name, slots=WHOLE),)) for name in "AB")
    instance = school(
        wish("s0", tiers={0: 0}), wish("s1", school="B", tiers={0: 0}), schools=rooms, panelists=shared
    )
    proven = bounds(instance, seconds=PLENTY_S, left_out=["s1"])
    assert (proven.least_unscheduled, proven.coverage_proven) == (1, True)
    assert bounds(instance, seconds=PLENTY_S).least_unscheduled == 1


def test_a_schedule_that_leaves_out_too_many_is_not_called_proven() -> None:
    proven = bounds(school(wish("s0")), seconds=PLENTY_S, left_out=["s0"])
    assert (proven.least_unscheduled, proven.coverage_proven, proven.soft_at_least) == (0, False, 0.0)


def test_a_coverage_proof_without_time_claims_nothing() -> None:
    instance = instance_from_wire(json.loads(SCHOOL.read_text()))
    schools, _ = views(instance)
    least = least_left_out(instance, schools, known=None, seconds=0.0)
    assert (least.students, least.exact) == (0, False)


def test_the_shared_school_is_proven_to_fit_and_to_cost_what_its_people_cost() -> None:
    instance = instance_from_wire(json.loads(SCHOOL.read_text()))
    proven = bounds(instance, seconds=PLENTY_S, known_unscheduled=0)
    assert (proven.least_unscheduled, proven.coverage_proven) == (0, True)
    assert proven.soft_at_least == 331


def test_schools_are_tied_by_people_interpreters_and_siblings() -> None:
    rooms = tuple(SchoolRooms(id=name, rooms=()) for name in "ABCDEFG")
    instance = school(
        wish("s0", school="C", not_with=frozenset({"s1", "unknown"})),
        wish("s1", school="D"),
        schools=rooms,
        panelists=(person("t0", "teacher", serves=frozenset({"A", "B", "unknown"})),),
        interpreters=(InterpreterPool(language="L", serves=frozenset("EF"), capacity={}),),
    )
    assert {"".join(sorted(group)) for group in components(instance)} == {"AB", "CD", "EF", "G"}


@pytest.mark.parametrize(
    ("travel", "move", "expected"),
    [
        (1, 2, Travelling(move=2, block=1)),
        (0, 2, Travelling(move=1, block=1)),
        (0, 0, Travelling(move=0, block=0)),
    ],
)
def test_without_travel_a_run_may_go_on_at_the_next_school(
    travel: int, move: int, expected: Travelling
) -> None:
    instance = school(
        weights=Weights(unscheduled=1000, block=1, over_target=3, move=move),
        travel_slots={"A": {"B": travel}, "B": {"A": travel}},
        panelists=(person("t0", "teacher", serves=frozenset("AB")),),
    )
    assert travelling(instance) == expected


def _many(count: int = 4, **changes: Any) -> tuple[PanelistSlots, ...]:
    return tuple(
        person(f"{role}{number}", role, **changes)
        for role in ("teacher", "outside")
        for number in range(count)
    )


def test_a_school_without_people_or_rooms_has_no_prices() -> None:
    instance = school(panelists=(), schools=(SchoolRooms(id="A", rooms=()),))
    [view], missing = views(instance)
    assert isinstance(view, SchoolView)
    assert (missing, bounds(instance, seconds=PLENTY_S).soft_at_least) == ((), 0.0)
