"""The rungs of a repair: keep the time, the nearest free slot, others make way, a reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from tests.unit.defenses.defenses_examples import (
    MONDAY,
    NOW,
    PANELS,
    TUESDAY,
    availability,
    defense,
    panelist,
    room,
    student,
    window,
)

from defenses.domain.availability import Availability, FamilyWindows, Window
from defenses.domain.defenses import DRAFT, Defense, PanelSeat
from defenses.domain.repairing.ladder import Repaired, repair
from defenses.domain.repairing.offers import SchoolOffer
from defenses.domain.repairing.placing import Disruption, Search
from defenses.domain.repairing.timetable import Timetable
from defenses.domain.scheduling.season import ReadyStudent, SeatRights

EIGHT = datetime(2027, 4, 5, 12, tzinfo=UTC)
SLOT = timedelta(minutes=30)


def at(defense_id: str, slot: int, **changes: object) -> Defense:
    """A defense of the student s-<id> in one of Monday's slots."""
    starts_at = EIGHT + slot * SLOT
    fields = {"student_id": f"s-{defense_id}", "starts_at": starts_at, "ends_at": starts_at + SLOT}
    return defense(defense_id, **{**fields, **changes})


def can_come(defense_id: str, *windows: Window, siblings: frozenset[str] = frozenset()) -> ReadyStudent:
    student_id = f"s-{defense_id}"
    told = FamilyWindows(student_id=student_id, windows=windows, told_at=NOW)
    return student(student_id, windows=told, siblings=siblings)


def first_slots(count: int) -> Window:
    """The first slots of Monday."""
    return window(MONDAY, time(8), (datetime(2027, 4, 5, 8, tzinfo=UTC) + count * SLOT).time())


def mend(
    hit: list[Defense],
    *others: Defense,
    students: tuple[ReadyStudent, ...] = (),
    offer: Availability | None = None,
) -> Repaired:
    timetable = Timetable(
        offers={"east": SchoolOffer("east", offer or availability())},
        students={each.student_id: each for each in students},
        rights=SeatRights(),
        panels=PANELS,
        defenses=(*hit, *others),
    )
    return repair(Search(timetable, Disruption(time=100, room=20, day=5, seat=10), NOW), hit)


def reason(found: Repaired) -> tuple[str, str]:
    [unplaced] = found.unplaced.values()
    return unplaced.reason, unplaced.detail


def test_a_draft_makes_way_for_one_that_has_no_other_slot() -> None:
    draft = at("b", 0, state=DRAFT, revision=0)

    found = mend([at("a", 2)], draft, students=(can_come("a", first_slots(1)),))

    assert {one: place.starts_at for one, place in found.places.items()} == {"a": EIGHT, "b": EIGHT + SLOT}
    assert found.unplaced == {}


def test_nobody_whose_family_knows_of_it_makes_way_nor_a_locked_draft() -> None:
    for other in (at("b", 0), at("b", 0, state=DRAFT, revision=0, locked=True)):
        found = mend([at("a", 2)], other, students=(can_come("a", first_slots(1)),))

        assert found.places == {}
        assert reason(found) == (
            "no_capacity",
            "1 times would suit this student, but all rooms are taken then.",
        )


def test_a_draft_that_could_go_nowhere_stays() -> None:
    draft = at("b", 0, state=DRAFT, revision=0)
    students = (can_come("a", first_slots(1)), can_come("b", first_slots(1)))

    found = mend([at("a", 2)], draft, students=students)

    assert (found.places, list(found.unplaced)) == ({}, ["a"])


def test_a_draft_whose_people_are_no_use_to_the_other_stays() -> None:
    draft = at("b", 0, state=DRAFT, revision=0)
    taught = replace(can_come("a", first_slots(1)), teacher_ids=frozenset({"t-1"}))

    found = mend([at("a", 2)], draft, students=(taught,))

    assert (found.places, list(found.unplaced)) == ({}, ["a"])


def test_those_hit_make_way_for_each_other() -> None:
    # Both are thrown out of Tuesday; only one of them can come late on Monday.
    tuesday = {"starts_at": EIGHT + timedelta(days=1), "ends_at": EIGHT + timedelta(days=1) + SLOT}
    offer = availability(rooms=(room("r-1", window(MONDAY)),))
    students = (can_come("a", first_slots(2)), can_come("b", first_slots(1)), can_come("c", first_slots(3)))

    found = mend([at(each, 0, **tuesday) for each in "cab"], students=students, offer=offer)

    assert {one: place.starts_at for one, place in found.places.items()} == {
        "b": EIGHT,
        "a": EIGHT + SLOT,
        "c": EIGHT + 2 * SLOT,
    }


def test_a_lost_seat_is_filled_by_the_least_busy() -> None:
    people = (*availability().panelists, panelist("t-2", "teacher"), panelist("t-3", "teacher"))
    people = tuple(replace(each, available=()) if each.panelist_id == "t-1" else each for each in people)
    busy = at("b", 3, panel=(PanelSeat("t-2", "teacher"), PanelSeat("x-1", "outside")))

    found = mend([at("a", 0)], busy, offer=availability(panelists=people))

    assert found.places["a"].panelist_ids == ("x-1", "t-3")
    assert found.places["a"].starts_at == EIGHT


@pytest.mark.parametrize(
    ("students", "offer", "expected"),
    [
        (
            (can_come("a"),),
            availability(),
            ("not_in_family_windows", "None of the school's times lies within the family's windows."),
        ),
        (
            (can_come("a", first_slots(1), siblings=frozenset({"s-b"})),),
            availability(),
            (
                "sibling_at_the_same_time",
                "In all 1 times of the family's windows a sibling has a defense.",
            ),
        ),
        (
            (can_come("a", first_slots(1)),),
            availability(rooms=(room("r-1", window(TUESDAY)),)),
            ("no_room", "No room is open in any of the 1 times at which the family can come."),
        ),
        (
            (can_come("a", first_slots(2)),),
            availability(panelists=(panelist("x-1", "outside"),)),
            ("no_panel", "No panel is free in the 1 times that are left; most often missing: teacher."),
        ),
    ],
)
def test_who_finds_no_place_learns_what_is_short(
    students: tuple[ReadyStudent, ...], offer: Availability, expected: tuple[str, str]
) -> None:
    sibling = at("b", 0)

    found = mend([at("a", 2)], sibling, students=students, offer=offer)

    assert reason(found) == expected


def test_too_few_panelists_of_the_right_roles_are_named_as_such() -> None:
    panels = replace(PANELS, rule=replace(PANELS.rule, panel_size=3))
    timetable = Timetable(
        offers={"east": SchoolOffer("east", availability())},
        students={},
        rights=SeatRights(),
        panels=panels,
        defenses=(),
    )

    found = repair(Search(timetable, Disruption(time=1, room=1, day=1, seat=1), NOW), [at("a", 0)])

    assert reason(found)[1].endswith("most often missing: enough panelists.")


def test_a_defense_at_a_school_that_offers_nothing_any_more_has_no_place() -> None:
    found = mend([at("a", 0, school_id="west")])

    assert reason(found) == ("no_availability", "The school has published no availability for the season.")


def test_who_others_made_way_for_keeps_its_time_if_that_set_its_people_free() -> None:
    people = (
        panelist("t-1", "teacher", window(TUESDAY)),
        panelist("t-2", "teacher", max_per_day=1),
        panelist("x-1", "outside"),
    )
    draft = at(
        "b", 2, state=DRAFT, revision=0, panel=(PanelSeat("t-2", "teacher"), PanelSeat("x-1", "outside"))
    )
    hit = at("a", 0)

    found = mend(
        [hit], draft, students=(can_come("a", first_slots(4)),), offer=availability(panelists=people)
    )

    assert (found.places["a"].starts_at, found.places["a"].panelist_ids) == (EIGHT, ("x-1", "t-2"))
    assert found.places["b"].starts_at.date() == TUESDAY


OTHERS = (
    panelist("t-1", "teacher", window(TUESDAY)),
    panelist("t-2", "teacher"),
    panelist("t-3", "teacher"),
    panelist("x-1", "outside"),
    panelist("x-2", "outside"),
)


def lost_teacher(**changes: object) -> tuple[Defense, Defense, Availability]:
    """The teacher of the defense a is lost; the one who could step in sits on b, in the next room."""
    b = at(
        "b",
        0,
        room_id="r-2",
        room="Room r-2",
        panel=(PanelSeat("t-2", "teacher"), PanelSeat("x-2", "outside")),
        **changes,
    )
    offer = availability(panelists=OTHERS, rooms=(room("r-1"), room("r-2")))
    return at("a", 0), b, offer


#: The student of a is taught by the only teacher who is free.
TAUGHT = replace(can_come("a", window(), window(TUESDAY)), teacher_ids=frozenset({"t-3"}))


def test_a_panel_of_the_same_time_gives_one_away_and_nobody_has_to_come_at_another_time() -> None:
    hit, other, offer = lost_teacher()

    found = mend([hit], other, students=(TAUGHT,), offer=offer)

    assert {one: place.starts_at for one, place in found.places.items()} == {"a": EIGHT, "b": EIGHT}
    assert found.places["a"].panelist_ids == ("x-1", "t-2")
    assert found.places["b"].panelist_ids == ("x-2", "t-3")
    assert found.places["b"].tells_families_the_same_as(other.place)


@pytest.mark.parametrize("changes", [{"locked": True}, {"school_id": "west"}])
def test_a_locked_panel_and_one_of_another_school_stay_as_they_are(changes: dict[str, object]) -> None:
    hit, other, offer = lost_teacher(**changes)

    found = mend([hit], other, students=(TAUGHT,), offer=offer)

    assert list(found.places) == ["a"]
    assert found.places["a"].starts_at != EIGHT


def test_a_panel_that_could_not_meet_any_more_gives_nobody_away() -> None:
    hit, other, offer = lost_teacher()
    also_taught = replace(can_come("b", window()), teacher_ids=frozenset({"t-3"}))

    found = mend([hit], other, students=(TAUGHT, also_taught), offer=offer)

    assert list(found.places) == ["a"]
    assert found.places["a"].starts_at != EIGHT


def test_a_panel_about_to_begin_gives_nobody_away() -> None:
    hit, other, offer = lost_teacher()
    timetable = Timetable(
        offers={"east": SchoolOffer("east", offer)},
        students={"s-a": TAUGHT},
        rights=SeatRights(),
        panels=PANELS,
        defenses=(hit, other),
    )
    soon = Search(timetable, Disruption(time=100, room=20, day=5, seat=10), EIGHT + SLOT)

    found = repair(soon, [hit])

    assert list(found.places) == ["a"]
    assert found.places["a"].starts_at > EIGHT


def test_two_who_compete_for_one_seat_are_looked_at_together() -> None:
    # Whoever takes t-2 first: only one of the two students is not taught by t-3.
    people = tuple(each for each in OTHERS if each.panelist_id != "t-1")
    offer = availability(panelists=people, rooms=(room("r-1"), room("r-2")))
    free = can_come("b", window(), window(TUESDAY))
    a = at("a", 0)
    b = at(
        "b",
        0,
        room_id="r-2",
        room="Room r-2",
        panel=(PanelSeat("t-1", "teacher"), PanelSeat("x-2", "outside")),
    )

    for hit in ([a, b], [b, a]):
        found = mend(hit, students=(TAUGHT, free), offer=offer)

        assert {place.starts_at for place in found.places.values()} == {EIGHT}
        assert "t-2" in found.places["a"].panelist_ids
        assert "t-3" in found.places["b"].panelist_ids


def test_of_many_who_are_hit_those_who_lose_are_looked_at_with_who_is_in_their_way() -> None:
    people = tuple(each for each in OTHERS if each.panelist_id != "t-1")
    offer = availability(panelists=people, rooms=(room("r-1"), room("r-2")))
    in_the_way = at(
        "b",
        0,
        room_id="r-2",
        room="Room r-2",
        panel=(PanelSeat("t-1", "teacher"), PanelSeat("x-2", "outside")),
    )
    monday = [at(each, slot) for each, slot in (("a", 0), ("c", 1), ("d", 2))]
    tuesday = [at(each, 48 + slot) for each, slot in (("e", 0), ("f", 1), ("g", 2))]

    found = mend([in_the_way, *monday, *tuesday], students=(TAUGHT,), offer=offer)

    # Who was first took the only one who may sit before the student of a.
    assert "t-2" in found.places["a"].panelist_ids
    assert "t-3" in found.places["b"].panelist_ids
    assert all(found.places[each.defense_id].starts_at == each.starts_at for each in (*monday, *tuesday))


def test_two_for_whom_there_is_one_place_are_not_bettered_by_looking_at_them_together() -> None:
    families = (can_come("a", first_slots(1)), can_come("b", first_slots(1)))

    found = mend([at("a", 0), at("b", 0)], students=families, offer=availability(rooms=(room("r-1"),)))

    assert len(found.unplaced) == 1
