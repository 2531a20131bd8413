"""Repairs: shown before they are made, made as a whole, and again after every kind of death."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.defenses.changing_examples import ChangeDesk, change_desk, note
from tests.unit.defenses.defenses_examples import (
    MONDAY,
    NOW,
    TUESDAY,
    Memory,
    defense,
    panelist,
    ready_candidate,
    room,
    window,
)

from contracts.defenses import (
    DEFENSE_CANCELLED,
    DEFENSE_MOVED,
    DEFENSE_RESEATED,
    DEFENSE_SCHEDULED,
)
from defenses.domain.availability import FamilyWindows
from defenses.domain.candidates import Candidate
from defenses.domain.defenses import (
    CANCELLED,
    DRAFT,
    SCHEDULED,
    UNPLACED,
    Defense,
    NoDefenseError,
    PanelSeat,
    StaleEditionError,
)
from defenses.domain.repairing.disturbances import (
    DAY_LOST,
    FAMILY_ASKED,
    PANELIST_LOST,
    ROOM_LOST,
    STUDENT_READY,
    Disturbance,
)
from defenses.domain.repairing.repairs import (
    APPLIED,
    APPLYING,
    PROPOSED,
    NoRepairError,
    Repair,
    StaleRepairError,
    Told,
)
from defenses.domain.repairing.timetable import UnfitPlaceError
from defenses.use_cases import repairs
from defenses.use_cases.changes import Order, Wish, move
from defenses.use_cases.repair_cases import NothingToPlaceError, UnknownSubjectError
from defenses.use_cases.seasons import defense_id

NINE = datetime(2027, 4, 5, 13, tzinfo=UTC)
PEOPLE = (panelist("t-1", "teacher"), panelist("t-2", "teacher"), panelist("x-1", "outside"))
TEACHER_ILL = Disturbance(kind=PANELIST_LOST, panelist_id="t-1")
SNOW = Disturbance(kind=DAY_LOST, school_id="east", day=MONDAY)


def propose(desk: ChangeDesk, disturbance: Disturbance, **options: Any) -> Repair:
    return repairs.propose("rep-1", disturbance, note(disturbance.kind), desk, **options)


def make(desk: ChangeDesk) -> Repair:
    return repairs.complete(repairs.begin("rep-1", desk), desk)


def contracts(desk: ChangeDesk) -> list[Any]:
    return [fact.contract for fact in desk.defenses.facts]


def test_a_lost_panelist_is_replaced_at_the_same_time_and_no_family_is_told() -> None:
    desk = change_desk(defense(), panelists=PEOPLE)

    shown = propose(desk, TEACHER_ILL)

    assert (shown.state, shown.unplaced) == (PROPOSED, ())
    assert shown.told == (Told("panelist", "t-1", "d-1", "leaves"), Told("panelist", "t-2", "d-1", "joins"))
    assert desk.defenses.writes == []
    made = make(desk)
    after = desk.defenses.values["d-1"]
    assert (made.state, made.applied_at) == (APPLIED, NOW)
    assert after.panelist_ids == ("x-1", "t-2")
    assert (after.starts_at, after.room_id, after.revision) == (defense().starts_at, "r-1", 1)
    assert contracts(desk) == [DEFENSE_RESEATED]
    assert desk.defenses.facts[0].data.cause == PANELIST_LOST
    assert desk.school.panelists[0].available == ()


def test_a_panelist_who_is_away_for_a_day_keeps_the_others() -> None:
    tuesday = {"starts_at": NINE + timedelta(days=1), "ends_at": NINE + timedelta(days=1, minutes=30)}
    desk = change_desk(defense(), defense("d-2", student_id="s-8", **tuesday), panelists=PEOPLE)

    shown = propose(desk, replace(TEACHER_ILL, day=MONDAY))
    make(desk)

    assert [each.defense_id for each in shown.steps] == ["d-1"]
    assert desk.school.panelists[0].available == (window(TUESDAY),)


def test_a_lost_room_is_changed_for_another_one_at_the_same_time() -> None:
    desk = change_desk(defense(), rooms=(room("r-1"), room("r-2")))

    shown = propose(desk, Disturbance(kind=ROOM_LOST, school_id="east", room_id="r-1"))
    make(desk)

    after = desk.defenses.values["d-1"]
    assert {(each.kind, each.what) for each in shown.told} == {("family", "moved"), ("panelist", "moved")}
    assert (after.room_id, after.starts_at, after.revision) == ("r-2", defense().starts_at, 2)
    assert contracts(desk) == [DEFENSE_MOVED]
    assert [each.open for each in desk.school.rooms] == [(), (window(), window(TUESDAY))]


def test_a_lost_day_moves_everybody_to_another_one_and_tells_each_family_once() -> None:
    monday = [
        defense(f"d-{n}", student_id=f"s-{n}", starts_at=at, ends_at=at + timedelta(minutes=30))
        for n, at in enumerate((NINE - timedelta(hours=1), NINE))
    ]
    desk = change_desk(*monday)

    propose(desk, SNOW)
    make(desk)

    assert {each.starts_at.date() for each in desk.defenses.values.values()} == {TUESDAY}
    assert sorted(fact.data.student_id for fact in desk.defenses.facts) == ["s-0", "s-1"]
    assert all(each.open == (window(TUESDAY),) for each in desk.school.rooms)


def test_who_finds_no_place_loses_it_with_a_reason_and_is_told() -> None:
    desk = change_desk(defense())
    desk.families.values["s-9"] = FamilyWindows(student_id="s-9", windows=(window(),), told_at=NOW)

    shown = propose(desk, SNOW)
    make(desk)

    [unplaced] = shown.unplaced
    assert (unplaced.student_id, unplaced.reason) == ("s-9", "no_room")
    assert shown.told[0] == Told("family", "s-9", "d-1", "cancelled")
    assert desk.defenses.values["d-1"].state == UNPLACED
    assert contracts(desk) == [DEFENSE_CANCELLED]


def test_a_draft_that_loses_its_place_is_told_to_nobody() -> None:
    desk = change_desk(defense(state=DRAFT, revision=0))
    desk.families.values["s-9"] = FamilyWindows(student_id="s-9", windows=(window(),), told_at=NOW)

    shown = propose(desk, SNOW)
    make(desk)

    assert shown.told == ()
    assert desk.defenses.values["d-1"].state == UNPLACED
    assert contracts(desk) == []


def test_a_family_that_asks_for_another_day_gets_the_nearest() -> None:
    desk = change_desk(defense())
    desk.candidates.values["s-9"] = ready_candidate("s-9")

    propose(desk, Disturbance(kind=FAMILY_ASKED, student_id="s-9", day=MONDAY))
    make(desk)

    assert desk.defenses.values["d-1"].starts_at.date() == TUESDAY
    told = desk.families.values["s-9"]
    assert [each.day for each in told.windows or ()] == [TUESDAY]


def test_what_a_family_said_before_stays_but_for_the_day() -> None:
    desk = change_desk(defense())
    desk.candidates.values["s-9"] = ready_candidate("s-9")
    said = (window(), window(TUESDAY))
    desk.families.values["s-9"] = FamilyWindows(student_id="s-9", windows=said, told_at=NOW)

    propose(desk, Disturbance(kind=FAMILY_ASKED, student_id="s-9", day=MONDAY))
    make(desk)

    assert desk.families.values["s-9"].windows == (window(TUESDAY),)


@pytest.mark.parametrize("publish", [True, False])
def test_a_student_who_becomes_ready_late_gets_the_first_free_place(publish: bool) -> None:
    desk = change_desk(defense(starts_at=NINE - timedelta(hours=1), ends_at=NINE - timedelta(minutes=30)))
    desk.candidates.values["s-1"] = ready_candidate("s-1")

    shown = propose(desk, Disturbance(kind=STUDENT_READY, student_id="s-1"), publish=publish)
    make(desk)

    after = desk.defenses.values[defense_id("s-1", "5", "2026-27")]
    assert after.starts_at == NINE - timedelta(minutes=30)
    assert (after.state, after.revision) == ((SCHEDULED, 1) if publish else (DRAFT, 0))
    assert contracts(desk) == ([DEFENSE_SCHEDULED] if publish else [])
    assert [each.what for each in shown.told] == (["scheduled", "joins", "joins"] if publish else [])


@pytest.mark.parametrize("state", [UNPLACED, CANCELLED])
def test_a_defense_without_a_place_gets_one_again_under_a_higher_revision(state: str) -> None:
    one = defense_id("s-1", "5", "2026-27")
    desk = change_desk(defense(one, student_id="s-1", state=state, revision=2))
    desk.candidates.values["s-1"] = ready_candidate("s-1")

    propose(desk, Disturbance(kind=STUDENT_READY, student_id="s-1"))
    make(desk)

    after = desk.defenses.values[one]
    assert (after.state, after.revision, after.edition) == (SCHEDULED, 3, 2)
    assert contracts(desk) == [DEFENSE_SCHEDULED]


def test_a_student_for_whom_nothing_is_free_is_listed() -> None:
    desk = change_desk(panelists=(panelist("t-1", "teacher"), panelist("t-2", "teacher")))
    desk.candidates.values["s-1"] = ready_candidate("s-1")

    shown = propose(desk, Disturbance(kind=STUDENT_READY, student_id="s-1"))
    made = make(desk)

    assert (shown.steps, [each.reason for each in shown.unplaced]) == ((), ["no_panel"])
    assert "most often missing: outside" in shown.unplaced[0].detail
    assert made.state == APPLIED


def test_who_is_not_ready_or_has_a_place_is_not_placed() -> None:
    desk = change_desk(defense(defense_id("s-1", "5", "2026-27"), student_id="s-1"))
    desk.candidates.values["s-1"] = ready_candidate("s-1")
    desk.candidates.values["s-2"] = replace(ready_candidate("s-2"), decision=None)

    with pytest.raises(NothingToPlaceError, match="has a defense already"):
        propose(desk, Disturbance(kind=STUDENT_READY, student_id="s-1"))
    with pytest.raises(NothingToPlaceError, match="not ready"):
        propose(desk, Disturbance(kind=STUDENT_READY, student_id="s-2"))


@pytest.mark.parametrize(
    ("disturbance", "field"),
    [
        (Disturbance(kind=PANELIST_LOST, panelist_id="z-9"), "panelist_id"),
        (Disturbance(kind=DAY_LOST, school_id="west", day=MONDAY), "school_id"),
        (Disturbance(kind=FAMILY_ASKED, student_id="s-0", day=MONDAY), "student_id"),
        (Disturbance(kind=FAMILY_ASKED, student_id="s-gone", day=MONDAY), "student_id"),
    ],
)
def test_what_nobody_knows_is_refused_by_its_field(disturbance: Disturbance, field: str) -> None:
    desk = change_desk()
    desk.candidates.values["s-gone"] = Candidate(student_id="s-gone")

    with pytest.raises(UnknownSubjectError) as raised:
        propose(desk, disturbance)

    assert raised.value.field == field


def test_defenses_that_have_begun_are_left_alone() -> None:
    desk = change_desk(defense(), now=defense().starts_at, panelists=PEOPLE)

    assert propose(desk, TEACHER_ILL).steps == ()
    assert make(desk).state == APPLIED


def test_the_same_request_is_the_same_repair() -> None:
    desk = change_desk(defense(), panelists=PEOPLE)

    first = propose(desk, TEACHER_ILL)
    make(desk)

    assert propose(desk, TEACHER_ILL).steps == first.steps
    assert make(desk).state == APPLIED
    assert len(desk.defenses.writes) == 1


def test_a_repair_for_a_schedule_that_has_changed_is_refused() -> None:
    moved = change_desk(defense(), panelists=PEOPLE)
    propose(moved, TEACHER_ILL)
    move(Order(defense_id="d-1", edition=1, note=note()), Wish(starts_at=NINE), moved)
    hit_since = change_desk(defense(), panelists=PEOPLE)
    propose(hit_since, TEACHER_ILL)
    hit_since.defenses.values["d-2"] = defense(
        "d-2", student_id="s-8", starts_at=NINE, ends_at=NINE + timedelta(minutes=30)
    )
    taken = change_desk(defense(), panelists=PEOPLE)
    propose(taken, TEACHER_ILL)
    taken.defenses.values["d-2"] = defense(
        "d-2", student_id="s-8", room_id="r-2", panel=(PanelSeat("t-2", "teacher"),)
    )

    for desk in (moved, hit_since, taken):
        with pytest.raises(StaleRepairError, match="ask for the repair again"):
            repairs.begin("rep-1", desk)
        assert desk.repairs.values["rep-1"].state == PROPOSED


def test_an_unknown_repair_is_not_found() -> None:
    with pytest.raises(NoRepairError, match="there is no repair rep-1"):
        repairs.begin("rep-1", change_desk())


class KilledError(Exception):
    """Stands for a process that dies here."""


class _Dying(Memory[Defense]):
    """Dies after so many writes."""

    def __init__(self, values: dict[str, Defense], survived: int) -> None:
        super().__init__(values)
        self.survived = survived

    def change(self, aggregate_id: str, decide: Any) -> Defense | None:
        if len(self.writes) >= self.survived:
            raise KilledError
        return super().change(aggregate_id, decide)


@pytest.mark.parametrize("survived", [0, 1, 2])
def test_a_repair_that_a_process_died_in_is_made_by_the_next_without_doubling(survived: int) -> None:
    monday = [
        defense(f"d-{n}", student_id=f"s-{n}", starts_at=at, ends_at=at + timedelta(minutes=30))
        for n, at in enumerate((NINE - timedelta(hours=1), NINE))
    ]
    desk = change_desk(*monday)
    desk.defenses = _Dying(dict(desk.defenses.values), survived)
    propose(desk, SNOW)
    begun = repairs.begin("rep-1", desk)
    if survived < len(monday):
        with pytest.raises(KilledError):
            repairs.complete(begun, desk)
    else:
        repairs.complete(begun, desk)
    desk.defenses.survived = 99

    again = repairs.complete(begun, desk)

    assert again.state == APPLIED
    assert sorted(fact.data.student_id for fact in desk.defenses.facts) == ["s-0", "s-1"]
    assert [each.edition for each in desk.defenses.values.values()] == [2, 2]


def two(desk_state: str = SCHEDULED) -> ChangeDesk:
    other = {"starts_at": NINE, "ends_at": NINE + timedelta(minutes=30), "room_id": "r-2", "room": "Room r-2"}
    return change_desk(
        defense(state=desk_state),
        defense("d-2", student_id="s-8", state=desk_state, **other),
        rooms=(room("r-1"), room("r-2")),
    )


def swap(desk: ChangeDesk, edition: int = 1, other: str = "d-2") -> Repair:
    first = Order(defense_id="d-1", edition=1, note=note("swapped"))
    second = Order(defense_id=other, edition=edition, note=note("swapped"))
    return repairs.swap("rep-1", first, second, desk)


def test_two_defenses_trade_their_places_as_a_whole() -> None:
    desk = two()
    before = dict(desk.defenses.values)

    begun = swap(desk)

    assert (begun.state, desk.defenses.writes) == (APPLYING, [])
    assert repairs.complete(begun, desk).state == APPLIED
    assert desk.defenses.values["d-1"].place == before["d-2"].place
    assert desk.defenses.values["d-2"].place == before["d-1"].place
    assert contracts(desk) == [DEFENSE_MOVED, DEFENSE_MOVED]
    assert swap(desk).state == APPLIED


def test_a_swap_that_does_not_fit_or_is_stale_is_refused() -> None:
    desk = two()
    desk.families.values["s-8"] = FamilyWindows(student_id="s-8", windows=(window(TUESDAY),), told_at=NOW)

    with pytest.raises(UnfitPlaceError, match="none of the family's windows"):
        swap(desk)
    with pytest.raises(StaleEditionError):
        swap(two(), edition=2)
    with pytest.raises(NoDefenseError, match="there is no defense d-7"):
        swap(two(), other="d-7")
    assert desk.repairs.values == {}
