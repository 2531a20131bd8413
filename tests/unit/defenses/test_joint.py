"""Schools that share panelists, planned as one problem."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.defenses.defenses_examples import (
    EIGHT,
    HALF_PAST,
    HALF_PAST_NINE,
    MONDAY,
    NINE,
    PANELS,
    TEN,
    TUESDAY,
    availability,
    panelist,
    room,
    season,
    student,
    window,
)

from defenses.domain.availability import Availability, Day, Panelist, Window
from defenses.domain.scheduling.checking import faults
from defenses.domain.scheduling.exchange import instance_from_wire, instance_to_wire
from defenses.domain.scheduling.instance import PanelistSlots, Solution, Unscheduled
from defenses.domain.scheduling.joint import JointSeason, areas, fit_together, joined
from defenses.domain.scheduling.planning import plan
from defenses.domain.scheduling.season import SeatRights
from defenses.solver import greedy
from defenses.use_cases.seasons import defense_id

MON, TUE = frozenset(range(4)), frozenset(range(4, 8))


def school(*shared: Panelist, teacher: str) -> Availability:
    return availability(panelists=(panelist(teacher, "teacher"), *shared))


def two_schools(east: Availability, west: Availability) -> JointSeason:
    return joined(
        [
            season(student("s-2"), school_id="west", availability=west),
            season(student("s-1", siblings=frozenset({"s-2"})), availability=east),
        ]
    )


def listed(found: JointSeason, name: str) -> list[PanelistSlots]:
    return [each for each in found.instance().panelists if found.panelists[each.id] == name]


def test_a_panelist_whom_schools_list_alike_is_one_person_who_serves_both() -> None:
    shared = panelist("x-1", "outside", max_per_day=2)
    west = school(replace(shared, max_per_day=1), teacher="t-2")

    found = two_schools(school(shared, teacher="t-1"), west)

    instance = found.instance()
    [one] = listed(found, "x-1")
    assert (one.id, one.serves, one.slots) == ("x-1", frozenset({"east", "west"}), MON | TUE)
    assert (one.max_per_day, one.target) == (1, 1)
    assert instance.travel_slots == {"east": {"west": 1}, "west": {"east": 1}}
    assert [each.id for each in instance.schools] == ["east", "west"]
    assert instance.apart == {"s-1": {"s-2"}, "s-2": {"s-1"}}
    assert instance_from_wire(instance_to_wire(instance)).students == instance.students


def test_a_panelist_whose_days_differ_by_school_is_several_none_of_whom_share_a_day() -> None:
    east = school(panelist("x-1", "outside", window(), window(TUESDAY)), teacher="t-1")
    west = school(panelist("x-1", "outside", window(TUESDAY)), teacher="t-2")
    found = joined(
        [
            season(student("s-2", teacher_ids=frozenset({"x-1"})), school_id="west", availability=west),
            season(student("s-1"), availability=east),
        ]
    )

    assert [(each.id, each.serves, each.slots) for each in listed(found, "x-1")] == [
        ("x-1", frozenset({"east"}), MON),
        ("x-1@1", frozenset({"east", "west"}), TUE),
    ]
    assert found.instance().students[1].conflicts == {"x-1", "x-1@1"}


@pytest.mark.parametrize(
    ("role", "windows", "serves"),
    [
        ("teacher", (window(),), {"east"}),
        ("outside", (window(MONDAY, EIGHT, HALF_PAST),), {"east"}),
        ("outside", (window(MONDAY, EIGHT, HALF_PAST_NINE),), {"east", "west"}),
        ("outside", (), {"east"}),
    ],
)
def test_a_day_belongs_to_the_schools_with_the_most_times_in_common(
    role: str, windows: tuple[Window, ...], serves: set[str]
) -> None:
    east = school(panelist("x-1", "outside", window()), teacher="t-1")
    other = replace(panelist("x-1", role), available=windows)

    [one] = listed(two_schools(east, school(other, teacher="t-2")), "x-1")

    assert one.serves == serves


def test_somebody_who_is_never_there_is_nobody() -> None:
    away = replace(panelist("x-1", "outside"), available=())

    found = two_schools(school(away, teacher="t-1"), school(away, teacher="t-2"))

    assert listed(found, "x-1") == []


def test_times_of_schools_are_numbered_together_and_each_keeps_its_own() -> None:
    late = availability(
        days=(Day(TUESDAY, (TEN, NINE)),),
        rooms=(room("r-1", window(TUESDAY, NINE, TEN.replace(hour=11))),),
        panelists=(panelist("t-2", "teacher", window(TUESDAY, NINE, TEN.replace(hour=11))),),
    )

    found = two_schools(availability(), late)

    instance, west = found.instance(), found.by_school["west"]
    assert (instance.days, instance.slots_per_day) == (2, 5)
    assert [(each.index, each.window.start) for each in west.slots] == [(7, NINE), (9, TEN)]
    assert instance.students[1].tiers == {7: 0, 9: 0}
    assert found.rooms == {"east/r-1": ("east", "r-1"), "west/r-1": ("west", "r-1")}


def test_schools_tied_by_panelists_are_one_area() -> None:
    offers = {
        "a": school(panelist("x-1", "outside"), teacher="t-1"),
        "b": school(panelist("x-2", "outside"), teacher="t-2"),
        "c": school(panelist("x-1", "outside"), panelist("x-3", "outside"), teacher="t-3"),
        "d": school(panelist("x-3", "outside"), teacher="t-4"),
    }

    assert areas(offers) == [("a", "c", "d"), ("b",)]
    assert areas({}) == []


def test_schools_whose_times_do_not_fit_are_planned_one_after_the_other() -> None:
    shared = panelist("x-1", "outside")
    quarter = availability(
        days=(Day(MONDAY, (EIGHT.replace(minute=15),)),), panelists=(panelist("t-2", "teacher"), shared)
    )
    short = replace(school(shared, teacher="t-3"), slot_minutes=20)
    offers = {
        "a": school(shared, teacher="t-1"),
        "b": quarter,
        "c": short,
        "d": school(shared, teacher="t-4"),
    }

    assert areas(offers) == [("a", "d"), ("b",), ("c",)]
    assert not fit_together([offers["a"], offers["b"]])
    assert not fit_together([offers["a"], offers["c"]])


_WINDOWS = st.lists(
    st.sampled_from([window(), window(TUESDAY), window(MONDAY, EIGHT, NINE), window(TUESDAY, NINE, TEN)]),
    max_size=2,
    unique_by=lambda each: each.day,
).map(tuple)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_schools_list_their_joint_schedule_is_one_that_each_of_them_could_hold(
    data: st.DataObject,
) -> None:
    names = ["t-1", "t-2", "x-1", "x-2"]
    seasons = []
    for school_id in ("east", "west", "north"):
        people = tuple(
            replace(
                panelist(name, data.draw(st.sampled_from(["teacher", "outside"]))),
                available=data.draw(_WINDOWS),
                max_per_day=data.draw(st.sampled_from([None, 1])),
            )
            for name in names
        )
        students = [student(f"{school_id}-{n}") for n in range(data.draw(st.integers(1, 3)))]
        seasons.append(season(*students, school_id=school_id, availability=availability(panelists=people)))
    joint = joined(seasons)
    instance = joint.instance()
    found = greedy.schedule(instance)
    left = {each.id for each in instance.students} - {one.student for one in found}
    solution = Solution(
        assignments=found,
        unscheduled=tuple(Unscheduled(each, ()) for each in sorted(left)),
        cost=0,
        lower_bound=None,
        seconds=0.0,
    )

    decided = plan(joint, instance, solution, "2026-27", defense_id)

    assert faults(instance, solution) == ()
    assert {each.student_id for each in decided.unplaced} == left
    busy: dict[tuple[str, date], list[tuple[datetime, str]]] = {}
    for each in decided.placements:
        offered = joint.by_school[each.school_id].availability
        roles = {one.panelist_id: one for one in offered.panelists}
        local = each.starts_at - timedelta(hours=4)
        for seat in each.panel:
            one = roles[seat.panelist_id]
            assert one.role == seat.role
            assert any(w.day == local.date() and w.start <= local.time() < w.end for w in one.available)
            busy.setdefault((seat.panelist_id, local.date()), []).append((each.starts_at, each.school_id))
    for served in busy.values():
        served.sort()
        assert len({at for at, _ in served}) == len(served)
        assert len(served) <= PANELS.max_per_day
        for (before, here), (after, there) in pairwise(served):
            assert here == there or after - before >= timedelta(minutes=60)


def test_the_reason_of_who_is_left_out_is_told_by_their_own_school() -> None:
    east = school(panelist("x-1", "outside"), teacher="t-1")
    west = availability(rooms=(replace(room(), open=()),), panelists=(panelist("x-1", "outside"),))
    nobody = SeatRights(calibrated_until={"t-1": MONDAY})
    joint = joined(
        [
            season(student("s-1"), availability=east, rights=nobody),
            season(student("s-2"), school_id="west", availability=west, rights=nobody),
        ]
    )
    solution = Solution(
        assignments=(),
        unscheduled=(Unscheduled("s-1", ()), Unscheduled("s-2", ())),
        cost=0,
        lower_bound=None,
        seconds=0.0,
    )

    decided = plan(joint, joint.instance(), solution, "2026-27", defense_id)

    assert [(each.student_id, each.reason) for each in decided.unplaced] == [
        ("s-1", "no_calibrated_panel"),
        ("s-2", "no_room"),
    ]
