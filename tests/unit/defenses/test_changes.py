"""What coordinators change: each change is refused with its reason, or made, noted and said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.defenses.changing_examples import ChangeDesk, change_desk, note
from tests.unit.defenses.defenses_examples import NOW, defense, panelist, ready_candidate, window

from contracts.base import Contract
from contracts.defenses import DEFENSE_CANCELLED, DEFENSE_MOVED, DEFENSE_RESEATED
from defenses.domain.availability import FamilyWindows
from defenses.domain.defenses import (
    CANCELLED,
    DRAFT,
    LOCKED,
    MOVED,
    RESEATED,
    UNLOCKED,
    UNPLACED,
    Defense,
    NoDefenseError,
    NotStandingError,
    PanelSeat,
    ProtectedDefenseError,
    StaleEditionError,
)
from defenses.domain.repairing.timetable import UnfitPlaceError
from defenses.domain.roster import Staff
from defenses.use_cases import changes
from defenses.use_cases.changes import Order, Wish

NINE = datetime(2027, 4, 5, 13, tzinfo=UTC)
EIGHT = datetime(2027, 4, 5, 12, tzinfo=UTC)


def order(edition: int = 1, *, override: bool = False, defense_id: str = "d-1") -> Order:
    return Order(defense_id=defense_id, edition=edition, note=note(), override=override)


def said(desk: ChangeDesk) -> list[tuple[Contract[Any], int]]:
    return [(fact.contract, fact.data.revision) for fact in desk.defenses.facts]


def obstacles(change: Callable[[], object]) -> list[tuple[str, str]]:
    with pytest.raises(UnfitPlaceError) as raised:
        change()
    assert str(raised.value)
    return [(each.field, each.reason) for each in raised.value.obstacles]


def test_a_move_to_a_free_slot_is_noted_and_the_family_is_told() -> None:
    desk = change_desk(defense())

    moved = changes.move(order(), Wish(starts_at=NINE), desk)

    assert (moved.starts_at, moved.ends_at) == (NINE, NINE + timedelta(minutes=30))
    assert (moved.revision, moved.edition) == (2, 2)
    [change] = moved.history
    assert (change.kind, change.note, change.revision, change.before) == (MOVED, note(), 2, defense().place)
    assert said(desk) == [(DEFENSE_MOVED, 2)]
    [fact] = desk.defenses.facts
    assert (fact.data.previous_starts_at, fact.data.cause) == (defense().starts_at, "coordinator")
    assert desk.defenses.values["d-1"] == moved


def test_a_move_to_where_it_is_changes_nothing() -> None:
    desk = change_desk(defense())

    assert changes.move(order(), Wish(), desk) == defense()
    assert desk.defenses.writes == []


def test_a_move_of_a_draft_is_told_to_nobody() -> None:
    desk = change_desk(defense(state=DRAFT, revision=0))

    moved = changes.move(order(), Wish(starts_at=NINE), desk)

    assert (moved.revision, moved.edition, moved.state) == (0, 2, DRAFT)
    assert said(desk) == []


def test_what_the_school_does_not_have_is_refused_by_its_field() -> None:
    desk = change_desk(defense())

    assert obstacles(lambda: changes.move(order(), Wish(starts_at=NINE + timedelta(minutes=5)), desk)) == [
        ("starts_at", "the school has no slot at this time")
    ]
    assert obstacles(lambda: changes.move(order(), Wish(room_id="r-9"), desk)) == [
        ("room_id", "the school has no such room")
    ]
    assert obstacles(lambda: changes.move(order(), Wish(panelist_ids=("t-1", "z-9")), desk)) == [
        ("panel", "it has 0 outside, at least 1 are needed"),
        ("panel.1", "they are no panelist of the school"),
    ]
    assert obstacles(lambda: changes.move(order(), Wish(panelist_ids=("t-1",)), desk))[0] == (
        "panel",
        "it has 1 people, not 2",
    )


def test_a_room_or_a_person_is_never_taken_twice() -> None:
    other = defense("d-2", student_id="s-8", starts_at=NINE, ends_at=NINE + timedelta(minutes=30))
    desk = change_desk(defense(), other)

    assert obstacles(lambda: changes.move(order(), Wish(starts_at=NINE), desk)) == [
        ("room_id", "another defense is in the room then"),
        ("panel.0", "they have another defense then, or are on the way to or from one"),
        ("panel.1", "they have another defense then, or are on the way to or from one"),
    ]


def test_closed_rooms_and_absent_people_are_refused() -> None:
    desk = change_desk(
        defense(),
        rooms=(replace(change_desk().school.rooms[0], open=(window(end=NINE_LOCAL),)),),
        panelists=(panelist("t-1", "teacher", window(end=NINE_LOCAL)), panelist("x-1", "outside")),
    )

    assert obstacles(lambda: changes.move(order(), Wish(starts_at=NINE), desk)) == [
        ("room_id", "the room is not open then"),
        ("panel.0", "they are not available then"),
    ]


NINE_LOCAL = (NINE - timedelta(hours=4)).time()


def test_travel_daily_caps_teachers_and_those_who_left_count() -> None:
    away = defense(
        "d-2", student_id="s-8", school_id="west", room_id="w", panel=(PanelSeat("t-1", "teacher"),)
    )
    away = replace(away, starts_at=EIGHT - timedelta(minutes=45), ends_at=EIGHT - timedelta(minutes=15))
    desk = change_desk(
        defense(), away, panelists=(panelist("t-1", "teacher", max_per_day=1), panelist("x-1", "outside"))
    )
    desk.candidates.values["s-9"] = ready_candidate("s-9", teacher_ids=("x-1",))

    assert obstacles(lambda: changes.move(order(), Wish(starts_at=EIGHT), desk)) == [
        ("panel.0", "they have another defense then, or are on the way to or from one"),
        ("panel.1", "they teach the student"),
    ]
    assert obstacles(lambda: changes.move(order(), Wish(starts_at=NINE), desk)) == [
        ("panel.0", "they have 1 defenses that day already"),
        ("panel.1", "they teach the student"),
    ]
    desk.staff.values["t-1"] = Staff(staff_id="t-1", posts=(), active=False)
    assert obstacles(lambda: changes.move(order(), Wish(starts_at=NINE), desk))[0] == (
        "panel.0",
        "they are no panelist of the school",
    )


def test_family_windows_and_siblings_count() -> None:
    desk = change_desk(defense(), defense("d-2", student_id="s-8", school_id="west", room_id="w", panel=()))
    desk.candidates.values["s-9"] = ready_candidate("s-9", guardian_ids=("g-1",))
    desk.candidates.values["s-8"] = ready_candidate("s-8", guardian_ids=("g-1",), school_id="west")
    desk.families.values["s-9"] = FamilyWindows(
        student_id="s-9", windows=(window(end=NINE_LOCAL),), told_at=NOW
    )

    assert obstacles(lambda: changes.move(order(), Wish(starts_at=NINE), desk)) == [
        ("starts_at", "it is in none of the family's windows"),
        ("starts_at", "a sibling has a defense then"),
    ]


def test_a_school_without_availability_takes_no_change() -> None:
    desk = change_desk(defense())
    desk.availabilities.values.clear()

    assert obstacles(lambda: changes.move(order(), Wish(starts_at=NINE), desk)) == [
        ("school_id", "the school has published no availability")
    ]
    assert obstacles(lambda: changes.replace_panelist(order(), "t-1", None, desk)) == [
        ("joining", "nobody can take the seat at this time")
    ]


def test_a_stale_edition_names_who_changed_it() -> None:
    desk = change_desk(defense())
    changes.move(order(), Wish(starts_at=NINE), desk)

    with pytest.raises(StaleEditionError) as raised:
        changes.move(order(), Wish(starts_at=EIGHT), desk)

    assert str(raised.value) == "the defense is at edition 2, not 1; c-1 moved it at 2027-03-01 12:00 UTC"
    with pytest.raises(StaleEditionError, match=r"^the defense is at edition 1, not 7$"):
        changes.move(order(7), Wish(), change_desk(defense()))


def test_a_frozen_or_locked_defense_changes_only_when_overridden() -> None:
    soon = defense().starts_at - timedelta(hours=23)
    frozen, locked = change_desk(defense(), now=soon), change_desk(defense(locked=True))

    for desk, why in ((frozen, "about to begin"), (locked, "locked")):
        with pytest.raises(ProtectedDefenseError, match=why) as raised:
            changes.move(order(), Wish(starts_at=NINE), desk)
        assert raised.value.field == "override"
        assert changes.move(order(override=True), Wish(starts_at=NINE), desk).starts_at == NINE


def test_drafts_are_never_frozen() -> None:
    desk = change_desk(defense(state=DRAFT), now=defense().starts_at - timedelta(hours=1))

    assert changes.move(order(), Wish(starts_at=NINE), desk).starts_at == NINE


def test_a_panelist_is_replaced_without_the_family_being_told() -> None:
    people = (panelist("t-1", "teacher"), panelist("t-2", "teacher"), panelist("x-1", "outside"))
    desk = change_desk(defense(accepted_at=NOW), panelists=people)

    after = changes.replace_panelist(order(), "t-1", None, desk)

    assert after.panelist_ids == ("x-1", "t-2")
    assert (after.revision, after.accepted_at, after.history[0].kind) == (1, NOW, RESEATED)
    assert said(desk) == [(DEFENSE_RESEATED, 1)]
    back = changes.replace_panelist(order(2), "t-2", "t-1", desk)
    assert back.panel == (PanelSeat("x-1", "outside"), PanelSeat("t-1", "teacher"))


def test_a_seat_that_nobody_can_take_stays() -> None:
    desk = change_desk(defense())

    assert obstacles(lambda: changes.replace_panelist(order(), "t-1", None, desk)) == [
        ("joining", "nobody can take the seat at this time")
    ]
    assert obstacles(lambda: changes.replace_panelist(order(), "t-7", None, desk)) == [
        ("leaving", "they do not sit on the panel")
    ]
    assert obstacles(lambda: changes.replace_panelist(order(), "t-1", "x-1", desk)) == [
        ("panel", "it has 1 people, not 2"),
        ("panel", "it has 0 teacher, at least 1 are needed"),
    ]


def test_a_defense_is_locked_and_unlocked_once() -> None:
    desk = change_desk(defense())

    locked = changes.guard(order(), desk, locked=True)
    again = changes.guard(order(2), desk, locked=True)
    unlocked = changes.guard(order(2), desk, locked=False)

    assert locked == again
    assert (locked.locked, unlocked.locked) == (True, False)
    assert [each.kind for each in unlocked.history] == [LOCKED, UNLOCKED]
    assert said(desk) == []


@pytest.mark.parametrize(("reschedule", "state"), [(True, UNPLACED), (False, CANCELLED)])
def test_a_cancellation_frees_the_place_and_is_told(reschedule: bool, state: str) -> None:
    desk = change_desk(defense(), defense("d-2", student_id="s-8", starts_at=NINE, ends_at=_half_past(NINE)))

    gone = changes.cancel(order(), desk, reschedule=reschedule)

    assert (gone.state, gone.revision, gone.stands) == (state, 2, False)
    assert said(desk) == [(DEFENSE_CANCELLED, 2)]
    assert desk.defenses.facts[0].data.to_be_rescheduled is reschedule
    moved = changes.move(order(defense_id="d-2"), Wish(starts_at=defense().starts_at), desk)
    assert moved.starts_at == defense().starts_at
    for change in (_move_it, _lock_it, _cancel_it):
        with pytest.raises(NotStandingError, match=f"the defense is {state}"):
            change(desk)


def test_a_cancelled_draft_is_told_to_nobody() -> None:
    desk = change_desk(defense(state=DRAFT, revision=0))

    assert changes.cancel(order(), desk, reschedule=True).revision == 0
    assert said(desk) == []


def test_an_unknown_defense_is_not_found() -> None:
    with pytest.raises(NoDefenseError, match="there is no defense d-1"):
        _move_it(change_desk(), edition=1)
    with pytest.raises(NoDefenseError, match="there is no defense d-1"):
        changes.cancel(order(), change_desk(), reschedule=True)


def _half_past(moment: datetime) -> datetime:
    return moment + timedelta(minutes=30)


def _move_it(desk: ChangeDesk, edition: int = 2) -> Defense:
    return changes.move(order(edition), Wish(starts_at=NINE), desk)


def _lock_it(desk: ChangeDesk) -> Defense:
    return changes.guard(order(2), desk, locked=True)


def _cancel_it(desk: ChangeDesk) -> Defense:
    return changes.cancel(order(2), desk, reschedule=True)
