"""Slots in the order of time, and what an availability may not say."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import partial

import pytest
from tests.unit.defenses.defenses_examples import (
    EAST,
    EIGHT,
    HALF_PAST,
    LOUISVILLE,
    MONDAY,
    NINE,
    NOW,
    TEN,
    TUESDAY,
    Memory,
    availability,
    panelist,
    ready_candidate,
    room,
    window,
)

from contracts.artifacts import Post, SchoolUpdated, StaffUpdated
from defenses.domain.availability import (
    Availability,
    Day,
    FamilyWindows,
    PublishedAvailability,
    StaleAvailabilityError,
    Window,
    joined,
    slots,
    slots_per_day,
)
from defenses.domain.candidates import Candidate
from defenses.domain.publishing import Fault, InvalidTimesError, faults, window_faults
from defenses.domain.roster import School, UnknownSchoolError, UnknownStudentError
from defenses.use_cases import calendars

#: In Louisville the clocks go forward on 14 March 2027 at two, and back on 7 November at two.
SPRING, AUTUMN = date(2027, 3, 14), date(2027, 11, 7)


def test_slots_are_numbered_by_day_and_time_whatever_their_order() -> None:
    offered = availability(days=(Day(TUESDAY, (NINE, EIGHT)), Day(MONDAY, (EIGHT, HALF_PAST, NINE))))

    found = slots(offered)

    assert slots_per_day(offered) == 3
    assert [(slot.index, slot.window.day, slot.window.start) for slot in found] == [
        (0, MONDAY, EIGHT),
        (1, MONDAY, HALF_PAST),
        (2, MONDAY, NINE),
        (3, TUESDAY, EIGHT),
        (4, TUESDAY, NINE),
    ]


def test_a_slot_is_a_moment_as_well_as_wall_time() -> None:
    [first, *_] = slots(availability())

    assert first.window == Window(MONDAY, EIGHT, HALF_PAST)
    assert first.starts_at == datetime(2027, 4, 5, 12, tzinfo=UTC)
    assert first.ends_at == datetime(2027, 4, 5, 12, 30, tzinfo=UTC)


def test_wall_time_follows_the_clock_change_within_a_season() -> None:
    days = (Day(date(2027, 3, 12), (EIGHT,)), Day(date(2027, 3, 15), (EIGHT,)))

    assert [slot.starts_at.hour for slot in slots(availability(days=days))] == [13, 12]


@pytest.mark.parametrize(
    ("windows", "lies"),
    [
        ((window(),), True),
        ((window(end=HALF_PAST),), True),
        ((window(start=time(8, 5)),), False),
        ((window(end=time(8, 25)),), False),
        ((window(TUESDAY),), False),
        ((window(end=time(8, 10)), window(start=time(8, 10))), True),
        ((window(end=time(8, 10)), window(start=time(8, 11))), False),
        ((), False),
    ],
)
def test_a_slot_lies_in_windows_that_cover_all_of_it(windows: tuple[Window, ...], lies: bool) -> None:
    assert slots(availability())[0].lies_in(windows) is lies


def test_windows_that_touch_are_one() -> None:
    windows = [window(start=NINE), window(TUESDAY), window(end=NINE), window(end=HALF_PAST)]

    assert joined(windows) == (window(), window(TUESDAY))


def test_a_good_availability_has_no_faults() -> None:
    assert faults(availability()) == ()


@pytest.mark.parametrize(
    ("offered", "fault"),
    [
        (
            availability(time_zone="Kentucky"),
            Fault("time_zone", "it is no IANA time zone, such as America/Kentucky/Louisville"),
        ),
        (
            availability(time_zone="/etc/passwd"),
            Fault("time_zone", "it is no IANA time zone, such as America/Kentucky/Louisville"),
        ),
        (availability(rooms=()), Fault("rooms", "it is empty")),
        (availability(panelists=()), Fault("panelists", "it is empty")),
        (
            availability(days=(Day(MONDAY, (EIGHT,)), Day(TUESDAY, ()))),
            Fault("days.1.starts_at", "it is empty"),
        ),
        (
            availability(days=(*availability().days, Day(MONDAY, (EIGHT,)))),
            Fault("days.2.date", "the date is listed twice"),
        ),
        (
            availability(days=(Day(MONDAY, (EIGHT, time(8, 20))), Day(TUESDAY, (EIGHT,)))),
            Fault("days.0.starts_at.1", "it starts within the 30 minutes of the slot at 08:00"),
        ),
        (
            availability(days=(Day(MONDAY, (time(23, 30),)), Day(TUESDAY, (EIGHT,)))),
            Fault("days.0.starts_at.0", "its slot does not end before midnight"),
        ),
        (
            availability(rooms=(room("r-1"), room("r-1"))),
            Fault("rooms.1.room_id", "the room is listed twice"),
        ),
        (
            availability(rooms=(room("r-1", window(start=TEN, end=TEN)),)),
            Fault("rooms.0.open.0", "it ends before it starts"),
        ),
        (
            availability(rooms=(room("r-1", window(date(2027, 4, 7))),)),
            Fault("rooms.0.open.0", "its date is none of the days"),
        ),
        (
            availability(panelists=(panelist("t-1", "teacher"), panelist("t-1", "outside"))),
            Fault("panelists.1.panelist_id", "the panelist is listed twice"),
        ),
        (
            availability(panelists=(panelist("t-1", "principal"),)),
            Fault("panelists.0.role", "it is none of teacher, administrator, outside"),
        ),
        (
            availability(panelists=(panelist("t-1", "teacher", window(), window(start=NINE)),)),
            Fault("panelists.0.available.1", "it overlaps the window at panelists.0.available.0"),
        ),
    ],
)
def test_names_the_field_that_is_wrong_and_why(offered: Availability, fault: Fault) -> None:
    assert faults(offered) == (fault,)


def test_an_availability_of_nothing_says_so() -> None:
    offered = availability(days=(), rooms=(), panelists=(), slot_minutes=0)

    assert [fault.field for fault in faults(offered)] == ["days", "rooms", "panelists", "slot_minutes"]


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (SPRING, "the clock skips this time on that day"),
        (AUTUMN, "the clock shows this time twice on that day"),
    ],
)
def test_refuses_times_that_the_clock_change_makes_unclear(day: date, reason: str) -> None:
    hour = 2 if day == SPRING else 1
    offered = availability(
        days=(Day(day, (time(hour, 30), EIGHT)),),
        rooms=(room("r-1", window(day)),),
        panelists=(panelist("t-1", "teacher", window(day)),),
    )

    assert faults(offered) == (Fault("days.0.starts_at.0", reason),)


def test_windows_are_asked_for_where_they_are_needed() -> None:
    assert tuple(window_faults((), "windows", needed=True)) == (Fault("windows", "it is empty"),)
    assert tuple(window_faults((), "windows")) == ()


def test_publishing_replaces_what_was_published() -> None:
    store: Memory[PublishedAvailability] = Memory()
    schools = Memory({"east": EAST})
    calendars.publish_availability(
        "east", availability(slot_minutes=20), schools=schools, availabilities=store, now=NOW
    )

    published = calendars.publish_availability(
        "east", availability(), schools=schools, availabilities=store, now=NOW
    )

    assert store.values == {"east": published}
    assert published == PublishedAvailability(
        school_id="east", availability=availability(), published_at=NOW, edition=2
    )


def test_of_two_who_publish_at_once_the_second_is_told_that_there_is_another_edition() -> None:
    store: Memory[PublishedAvailability] = Memory()
    publish = partial(
        calendars.publish_availability,
        "east",
        schools=Memory({"east": EAST}),
        availabilities=store,
        now=NOW,
    )
    publish(availability(), seen=0)

    first = publish(availability(slot_minutes=20), seen=1)
    with pytest.raises(
        StaleAvailabilityError, match="is at edition 2, not 1; it was published last at 2027-03-01"
    ):
        publish(availability(), seen=1)
    with pytest.raises(StaleAvailabilityError, match="at edition 0, not 3"):
        calendars.publish_availability(
            "east", availability(), schools=Memory({"east": EAST}), availabilities=Memory(), now=NOW, seen=3
        )

    assert store.values == {"east": first}


def test_publishing_refuses_unknown_schools_and_faults() -> None:
    store: Memory[PublishedAvailability] = Memory()

    with pytest.raises(UnknownSchoolError, match="there is no school west"):
        calendars.publish_availability(
            "west", availability(), schools=Memory({"east": EAST}), availabilities=store, now=NOW
        )
    with pytest.raises(InvalidTimesError, match="rooms: it is empty") as raised:
        calendars.publish_availability(
            "east", availability(rooms=()), schools=Memory({"east": EAST}), availabilities=store, now=NOW
        )

    assert raised.value.faults == (Fault("rooms", "it is empty"),)
    assert store.values == {}


def test_a_family_says_when_it_can_come() -> None:
    families: Memory[FamilyWindows] = Memory()
    candidates = Memory({"s-1": ready_candidate("s-1")})

    told = calendars.tell_family_windows(
        "s-1", (window(),), candidates=candidates, families=families, now=NOW
    )

    assert families.values == {"s-1": told}
    assert told == FamilyWindows(student_id="s-1", windows=(window(),), told_at=NOW)


def test_family_windows_are_refused_for_unknown_students_and_with_faults() -> None:
    candidates: Memory[Candidate] = Memory({"s-1": ready_candidate("s-1")})
    families: Memory[FamilyWindows] = Memory()

    with pytest.raises(UnknownStudentError, match="there is no student s-2"):
        calendars.tell_family_windows("s-2", (window(),), candidates=candidates, families=families, now=NOW)
    with pytest.raises(InvalidTimesError, match="windows: it is empty"):
        calendars.tell_family_windows("s-1", (), candidates=candidates, families=families, now=NOW)


class Copies(Memory[School]):
    """Remembers what it was told to copy."""

    def __init__(self) -> None:
        super().__init__()
        self.applied: list[tuple[str, int, object]] = []

    def apply(self, document_id: str, version: int, fields: object) -> bool:
        self.applied.append((document_id, version, fields))
        return True


def test_copies_of_schools_and_staff_keep_what_planning_needs() -> None:
    copies = Copies()
    school = SchoolUpdated(school_id="east", name="East", time_zone=LOUISVILLE, active=True)
    staff = StaffUpdated(
        staff_id="t-1",
        given_name="Ida",
        family_name="Wells",
        email="ida@example.org",
        posts=(Post(school_id="east", role="teacher"),),
        active=False,
    )

    calendars.copy_school(school, version=3, schools=copies)
    calendars.copy_staff(staff, version=4, staff=copies)  # type: ignore[arg-type]  # it keeps anything

    assert copies.applied == [
        ("east", 3, {"name": "East", "time_zone": LOUISVILLE, "active": True}),
        ("t-1", 4, {"posts": [{"school_id": "east", "role": "teacher"}], "active": False}),
    ]
