"""Families who need an interpreter defend when one is free: in runs, repairs and moves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from tests.unit.defenses.changing_examples import ChangeDesk, change_desk, note
from tests.unit.defenses.defenses_examples import (
    EIGHT,
    HALF_PAST,
    MONDAY,
    NINE,
    NOW,
    TUESDAY,
    Memory,
    availability,
    defense,
    panelist,
    ready_candidate,
    room,
    season,
    student,
    window,
)
from tests.unit.defenses.planning_examples import GreedySolver

from defenses.domain.availability import FamilyWindows, Interpreters
from defenses.domain.defenses import UNPLACED
from defenses.domain.publishing import Fault, faults
from defenses.domain.repairing.disturbances import DAY_LOST, STUDENT_READY, Disturbance
from defenses.domain.repairing.least import every_option
from defenses.domain.repairing.timetable import UnfitPlaceError
from defenses.domain.runs import open_run
from defenses.domain.scheduling.reasons import explain
from defenses.use_cases import calendars, planning, repairs
from defenses.use_cases.changes import Order, Wish, move
from defenses.use_cases.seasons import defense_id
from defenses.use_cases.timetables import search_in, timetable_around

SOMALI = Interpreters(language="so", at_once=1, available=(window(MONDAY, HALF_PAST, NINE), window(TUESDAY)))
PEOPLE = tuple(
    panelist(f"{kind}-{number}", role)
    for number in (1, 2)
    for kind, role in (("t", "teacher"), ("x", "outside"))
)
ONE, TWO = (defense_id(each, "5", "2026-27") for each in ("s-1", "s-2"))
HALF_PAST_EIGHT = datetime.fromisoformat("2027-04-05T12:30:00+00:00")


def somali(student_id: str) -> FamilyWindows:
    return FamilyWindows(student_id=student_id, interpreter="so")


def desk(*interpreters: Interpreters, **changes: Any) -> ChangeDesk:
    """Two students whose families need somebody who interprets Somali; rooms and people for both at once."""
    offer = {"rooms": (room(), room("r-2")), "panelists": PEOPLE, "interpreters": interpreters or (SOMALI,)}
    found = change_desk(**{**offer, **changes})
    for each in ("s-1", "s-2"):
        found.candidates.values[each] = ready_candidate(each)
        found.families.values[each] = somali(each)
    found.runs.values["run-1"] = open_run("run-1", "east", now=NOW)
    return found


def run(found: ChangeDesk) -> Any:
    return planning.carry_out("run-1", desks=lambda _: found, solver=GreedySolver(), still_ours=lambda: None)


def test_a_run_gives_each_family_a_time_at_which_somebody_interprets() -> None:
    found = desk()

    run(found)

    placed = list(found.defenses.values.values())
    assert {each.interpreter for each in placed} == {"so"}
    assert len({each.starts_at for each in placed}) == 2
    offered = {HALF_PAST_EIGHT} | {each.starts_at for each in placed if each.starts_at.day == 6}
    assert {each.starts_at for each in placed} <= offered


def test_what_stands_takes_an_interpreter() -> None:
    taken = defense(interpreter="so")
    family = replace(student(), windows=somali("s-1"))

    found = season(family, availability=availability(interpreters=(SOMALI,)), fixed=(taken,)).instance()

    assert dict(found.interpreters[0].capacity) == dict.fromkeys(range(4, 8), 1)
    assert found.students[0].interpreter == "so"


@pytest.mark.parametrize("language", ["so", "ar"])
def test_a_school_without_interpreters_says_so(language: str) -> None:
    busy = Interpreters(language=language, at_once=1, available=(window(MONDAY, HALF_PAST, NINE),))
    found = season(
        replace(student(), windows=somali("s-1")),
        availability=availability(interpreters=(busy,)),
        fixed=(defense(interpreter="so", room_id="r-9"),),
    )

    why = explain(found, found.instance(), found.students[0])

    assert (why.reason, why.detail) == (
        "no_interpreter",
        "Nobody interprets so in any of the 8 times that have a room.",
    )


def test_who_is_ready_late_gets_a_time_at_which_an_interpreter_is_left() -> None:
    found = desk()
    run(found)
    del found.defenses.values[TWO]
    taken = found.defenses.values[ONE].starts_at

    repairs.propose("rep-1", Disturbance(kind=STUDENT_READY, student_id="s-2"), note(), found)
    repairs.complete(repairs.begin("rep-1", found), found)

    assert found.defenses.values[TWO].interpreter == "so"
    assert found.defenses.values[TWO].starts_at != taken


def test_who_is_placed_again_has_the_interpreter_that_is_needed_now() -> None:
    found = desk()
    found.defenses.values[TWO] = defense(TWO, student_id="s-2", state=UNPLACED)

    repairs.propose("rep-1", Disturbance(kind=STUDENT_READY, student_id="s-2"), note(), found)
    repairs.complete(repairs.begin("rep-1", found), found)

    assert found.defenses.values[TWO].interpreter == "so"


def test_a_repair_without_a_free_interpreter_says_why() -> None:
    found = desk(replace(SOMALI, available=(window(MONDAY, EIGHT, HALF_PAST),)))
    run(found)
    left = next(
        each for each in ("s-1", "s-2") if defense_id(each, "5", "2026-27") not in found.defenses.values
    )

    made = repairs.propose("rep-1", Disturbance(kind=STUDENT_READY, student_id=left), note(), found)

    assert [each.reason for each in made.unplaced] == ["no_interpreter"]


def test_no_coordinator_moves_a_family_to_where_nobody_interprets() -> None:
    found = desk()
    run(found)
    one = found.defenses.values[ONE]
    order = Order(defense_id=ONE, edition=one.edition, note=note())

    with pytest.raises(UnfitPlaceError, match="nobody is free to interpret so then"):
        move(order, Wish(starts_at=datetime.fromisoformat("2027-04-05T13:00:00+00:00")), found)


def test_faults_of_interpreters_are_named() -> None:
    wrong = Interpreters(language="so", at_once=1, available=(window(MONDAY.replace(day=7)),))

    assert faults(availability(interpreters=(SOMALI, wrong))) == (
        Fault("interpreters.1.language", "the language is listed twice"),
        Fault("interpreters.1.available.0", "its date is none of the days"),
    )


def test_a_need_is_kept_until_another_one_is_told() -> None:
    candidates = Memory({"s-1": ready_candidate("s-1")})
    families: Memory[FamilyWindows] = Memory()

    def tell(**told: Any) -> str | None:
        return calendars.tell_family_windows(
            "s-1", (window(),), candidates=candidates, families=families, now=NOW, **told
        ).interpreter

    assert [tell(), tell(interpreter="so"), tell(), tell(interpreter=None), tell()] == [
        None,
        "so",
        "so",
        None,
        None,
    ]


def test_two_families_hit_at_once_get_the_interpreter_one_after_the_other() -> None:
    found = desk()
    run(found)
    before = {one: each.starts_at for one, each in found.defenses.values.items()}

    repairs.propose("rep-1", Disturbance(kind=DAY_LOST, school_id="east", day=MONDAY), note(), found)
    repairs.complete(repairs.begin("rep-1", found), found)

    after = {one: each.starts_at for one, each in found.defenses.values.items() if each.stands}
    assert set(after) == set(before)
    assert len(set(after.values())) == 2
    assert {each.date() for each in after.values()} == {TUESDAY}


def test_where_nobody_interprets_there_is_no_option_at_all() -> None:
    found, one = desk(), defense(ONE, student_id="s-1", interpreter="so")
    found.defenses.values[ONE] = one
    search = search_in(timetable_around([one], found), found)
    offer = search.timetable.offers["east"]

    options = [list(every_option(search, one, slot, offer, fresh=False)) for slot in offer.slots]

    assert [bool(each) for each in options] == [False, True, False, False, True, True, True, True]
