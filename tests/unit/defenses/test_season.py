"""From calendars and standing defenses to a scheduling problem, and why somebody has no place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from tests.unit.defenses.defenses_examples import (
    HALF_PAST,
    NINE,
    PANELS,
    POLICY,
    TUESDAY,
    availability,
    defense,
    panelist,
    room,
    season,
    student,
    window,
)

from defenses.domain.availability import FamilyWindows
from defenses.domain.defenses import PanelSeat, school_year
from defenses.domain.runs import Unplaced
from defenses.domain.scheduling.instance import PanelistSlots, PanelRule
from defenses.domain.scheduling.reasons import explain, without_availability
from defenses.domain.scheduling.season import Season, SeatRights

ALL = frozenset(range(8))
#: On Tuesday from nine to half past, in another school.
ELSEWHERE = defense(
    school_id="west",
    starts_at=datetime(2027, 4, 6, 13, tzinfo=UTC),
    ends_at=datetime(2027, 4, 6, 13, 30, tzinfo=UTC),
)


def _person(found: Season, panelist_id: str = "t-1") -> PanelistSlots:
    return next(each for each in found.instance().panelists if each.id == panelist_id)


def _come(*windows: Any) -> FamilyWindows:
    return FamilyWindows(student_id="s-1", windows=windows)


def test_an_open_school_gives_every_slot_to_everybody() -> None:
    instance = season().instance()

    assert (instance.name, instance.days, instance.slots_per_day) == ("east", 2, 4)
    assert [(each.id, each.slots) for each in instance.schools[0].rooms] == [("r-1", ALL)]
    assert [(each.id, each.role, each.slots) for each in instance.panelists] == [
        ("t-1", "teacher", ALL),
        ("x-1", "outside", ALL),
    ]
    assert instance.students[0].tiers == dict.fromkeys(ALL, 0)
    assert instance.rule == PANELS.rule


def test_limits_and_costs_come_from_the_school_and_else_from_the_policy() -> None:
    people = (panelist("t-1", "teacher"), panelist("x-1", "outside", max_per_day=5))
    found = season(availability=availability(panelists=people)).instance().panelists

    assert [(each.max_per_day, each.day_cost) for each in found] == [(3, 0), (5, 4)]


def test_a_fair_share_counts_everybody_and_those_of_a_scarce_role() -> None:
    people = (*(panelist(f"t-{number}", "teacher") for number in range(3)), panelist("x-1", "outside"))
    found = season(
        *(student(f"s-{number}") for number in range(5)),
        availability=availability(panelists=people),
        fixed=(defense(panel=(PanelSeat("t-0", "teacher"), PanelSeat("x-1", "outside"))),),
    )

    # Six defenses of two seats for four people; all six need the one outsider.
    assert {each.id: each.target for each in found.instance().panelists} == {
        "t-0": 2,
        "t-1": 3,
        "t-2": 3,
        "x-1": 5,
    }


def test_a_standing_defense_takes_its_room_and_its_people() -> None:
    found = season(fixed=(defense(),))

    assert found.instance().schools[0].rooms[0].slots == ALL - {1}
    assert _person(found).slots == ALL - {1}
    assert _person(found).booked_per_day == {0: 1}
    assert _person(found).room_on(0) == 2


def test_a_defense_elsewhere_takes_its_people_with_their_travel_but_no_room() -> None:
    found = season(fixed=(ELSEWHERE,))

    assert found.instance().schools[0].rooms[0].slots == ALL
    assert _person(found).slots == ALL - {5, 6, 7}
    assert _person(found).booked_per_day == {1: 1}


def test_a_defense_before_the_season_counts_for_no_day() -> None:
    before = defense(
        starts_at=datetime(2027, 3, 1, 13, tzinfo=UTC), ends_at=datetime(2027, 3, 1, 14, tzinfo=UTC)
    )

    assert _person(season(fixed=(before,))).booked_per_day == {}


def test_people_who_left_the_roster_are_not_asked() -> None:
    assert [each.id for each in season(rights=SeatRights(frozenset({"t-1"}))).instance().panelists] == ["x-1"]


def test_a_family_comes_in_its_windows_and_not_while_a_sibling_defends() -> None:
    wanted = student(windows=_come(window()), siblings=frozenset({"s-9", "s-2"}))
    found = season(wanted, student("s-2"), fixed=(defense(), defense("d-2", student_id="s-8", room_id="r-2")))

    [mine, _] = found.instance().students
    assert mine.tiers == {0: 0, 2: 0, 3: 0}
    assert mine.not_with == {"s-2"}


def test_those_who_teach_a_student_are_in_conflict() -> None:
    [mine] = season(student(teacher_ids=frozenset({"t-1"}))).instance().students

    assert mine.conflicts == {"t-1"}


@pytest.mark.parametrize(
    ("found", "reason", "detail"),
    [
        (
            season(student(windows=_come(window(date(2027, 5, 3))))),
            "not_in_family_windows",
            "None of the school's times lies within the family's windows.",
        ),
        (
            season(
                student(windows=_come(window(start=HALF_PAST, end=NINE)), siblings=frozenset({"s-9"})),
                fixed=(defense(),),
            ),
            "sibling_at_the_same_time",
            "In all 1 times of the family's windows a sibling has a defense.",
        ),
        (
            season(
                student(windows=_come(window(TUESDAY))),
                availability=availability(rooms=(room("r-1", window()),)),
            ),
            "no_room",
            "No room is free in any of the 4 times at which the family can come.",
        ),
        (
            season(student(teacher_ids=frozenset({"t-1"}))),
            "no_panel",
            (
                "No panel can meet in any of the 8 times that are left; "
                "most often missing: teacher who does not teach the student."
            ),
        ),
        (
            season(panels=replace(PANELS, rule=PanelRule(panel_size=3, at_least={"teacher": 1}))),
            "no_panel",
            "No panel can meet in any of the 8 times that are left; most often missing: enough panelists.",
        ),
        (
            season(
                availability=availability(
                    panelists=(panelist("t-1", "teacher"), panelist("x-1", "outside", window()))
                )
            ),
            "no_capacity",
            "4 times would suit this student, but rooms or panelists are taken by others.",
        ),
    ],
)
def test_says_why_a_student_has_no_place(found: Season, reason: str, detail: str) -> None:
    explained = explain(found, found.instance(), found.students[0])

    assert explained == Unplaced("s-1", reason, detail)


def test_a_panelist_whose_day_is_full_is_no_panelist() -> None:
    fixed = tuple(
        defense(
            f"d-{number}",
            starts_at=datetime(2027, 4, 5, 11 + number, tzinfo=UTC),
            ends_at=datetime(2027, 4, 5, 11 + number, 30, tzinfo=UTC),
            room_id="r-9",
        )
        for number in range(3)
    )
    found = season(student(windows=_come(window())), fixed=fixed)

    assert explain(found, found.instance(), found.students[0]).reason == "no_panel"


def test_a_school_without_availability_places_nobody() -> None:
    assert without_availability(["s-1"]) == (
        Unplaced("s-1", "no_availability", "The school has published no availability for the season."),
    )


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2027, 4, 5), "2026-27"),
        (date(2027, 6, 30), "2026-27"),
        (date(2027, 7, 1), "2027-28"),
        (date(2099, 9, 1), "2099-00"),
    ],
)
def test_a_day_belongs_to_a_school_year(day: date, year: str) -> None:
    assert school_year(day, starts=(7, 1)) == year


def test_more_students_are_searched_for_longer() -> None:
    policy = replace(POLICY, seconds=6.0, seconds_per_thousand=5.0)

    assert (policy.seconds_for(0), policy.seconds_for(22_000)) == (6.0, 116.0)
