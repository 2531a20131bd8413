"""A redefense is a defense of its own, before people who have not heard the student."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.unit.defenses.changing_examples import ChangeDesk, change_desk, note
from tests.unit.defenses.defenses_examples import (
    MONDAY,
    NOW,
    TUESDAY,
    defense,
    panelist,
    ready_candidate,
)
from tests.unit.defenses.hearing_examples import hearing, matter
from tests.unit.defenses.planning_examples import GreedySolver

from contracts.defenses import DEFENSE_SCHEDULED
from defenses.domain.availability import Panelist
from defenses.domain.defenses import CANCELLED, SCHEDULED, UNPLACED, PanelSeat
from defenses.domain.hearings.hearing import ADJOURNED, ANNULLED, DECIDED, OPEN, Hearing, Record
from defenses.domain.hearings.outcomes import NOT_YET, READY, Outcome
from defenses.domain.hearings.redefenses import Redefense
from defenses.domain.readiness import Clause
from defenses.domain.repairing.disturbances import STUDENT_READY, Disturbance
from defenses.domain.repairing.timetable import UnfitPlaceError
from defenses.domain.runs import ScheduleRun, open_run, plan_of_nothing
from defenses.domain.scheduling.waiting import Attempt, redefense
from defenses.use_cases import planning, repairs
from defenses.use_cases.changes import Order, Wish, move
from defenses.use_cases.repair_cases import NothingToPlaceError
from defenses.use_cases.seasons import defense_id

FIRST = defense_id("s-1", "5", "2026-27")
SECOND = defense_id("s-1", "5", "2026-27", 2)
PEOPLE = (
    panelist("t-1", "teacher"),
    panelist("t-2", "teacher"),
    panelist("x-1", "outside"),
    panelist("x-2", "outside"),
)
AGAIN = Disturbance(kind=STUDENT_READY, student_id="s-1")


def record(status: str, *, defend_by: date = TUESDAY, excluded: tuple[str, ...] = ("t-1", "x-1")) -> Record:
    due = Redefense(indicators=("claim",), plan_due_on=MONDAY, defend_by=defend_by, excluded=excluded)
    outcome = Outcome(
        status=status,
        rule_version="1",
        levels=(),
        unmet=("claim",) if status == NOT_YET else (),
        explanation=Clause(id="outcome", met=status == READY, observed=0, required=1),
        input_hash="",
    )
    return Record(version=1, outcome=outcome, redefense=due if status == NOT_YET else None, decided_at=NOW)


def heard(number: int, status: str = NOT_YET, **changes: object) -> Hearing:
    """The hearing of one attempt, decided; the panels are others each time."""
    about = matter(
        student_id="s-1",
        attempt=number,
        follows=f"h-{number - 1}" if number > 1 else None,
        excluded=("t-1", "x-1") if number > 1 else (),
    )
    fields = {"matter": about, "state": DECIDED, "records": (record(status),), **changes}
    return hearing(hearing_id=f"h-{number}", **fields)


def desk(*hearings: Hearing, panelists: tuple[Panelist, ...] = PEOPLE) -> ChangeDesk:
    """The student s-1 has had a defense in March, which these hearings heard."""
    held = defense(FIRST, student_id="s-1", starts_at=NOW, ends_at=NOW)
    found = change_desk(held, panelists=panelists)
    found.candidates.values["s-1"] = ready_candidate("s-1")
    found.hearings.values.update({each.hearing_id: each for each in hearings})
    found.runs.values["run-1"] = open_run("run-1", "east", now=NOW)
    return found


def run(found: ChangeDesk) -> ScheduleRun:
    return planning.carry_out("run-1", desks=lambda _: found, solver=GreedySolver(), still_ours=lambda: None)


def make(found: ChangeDesk) -> None:
    repairs.propose("rep-1", AGAIN, note(), found)
    repairs.complete(repairs.begin("rep-1", found), found)


def test_a_run_places_a_redefense_before_another_panel() -> None:
    found = desk(heard(1))

    done = run(found)

    again = found.defenses.values[SECOND]
    assert done.plan is not None
    assert [each.attempt for each in done.plan.placements] == [2]
    assert (again.attempt, again.state, again.revision) == (2, SCHEDULED, 1)
    assert set(again.panelist_ids) == {"t-2", "x-2"}
    assert found.defenses.values[FIRST].history == ()
    assert [fact.contract for fact in found.defenses.facts] == [DEFENSE_SCHEDULED]


def test_late_placement_places_a_redefense_before_another_panel() -> None:
    found = desk(heard(1))

    make(found)

    again = found.defenses.values[SECOND]
    assert (again.attempt, set(again.panelist_ids)) == (2, {"t-2", "x-2"})
    with pytest.raises(NothingToPlaceError, match="has a defense already"):
        repairs.propose("rep-2", AGAIN, note(), found)


def test_a_redefense_is_not_moved_before_somebody_who_has_heard_the_student() -> None:
    found = desk(heard(1))
    run(found)
    order = Order(defense_id=SECOND, edition=1, note=note())

    with pytest.raises(UnfitPlaceError, match="they have heard them"):
        move(order, Wish(panelist_ids=("t-1", "x-2")), found)


def test_without_other_people_there_is_no_redefense_and_the_reason_is_told() -> None:
    found = desk(heard(1), panelists=(PEOPLE[0], PEOPLE[2]))

    done = run(found)

    assert done.plan is not None
    assert [(each.student_id, each.reason) for each in done.plan.unplaced] == [("s-1", "no_panel")]
    assert SECOND not in found.defenses.values


@pytest.mark.parametrize("state", [UNPLACED, CANCELLED])
def test_a_redefense_that_lost_its_place_gets_one_again_unless_it_was_cancelled(state: str) -> None:
    found = desk(heard(1))
    panel = (PanelSeat("t-2", "teacher"), PanelSeat("x-2", "outside"))
    found.defenses.values[SECOND] = defense(
        SECOND, student_id="s-1", attempt=2, state=state, revision=2, panel=panel
    )

    run(found)

    after = found.defenses.values[SECOND]
    assert (after.state, after.revision) == ((SCHEDULED, 3) if state == UNPLACED else (CANCELLED, 2))


def test_a_redefense_that_is_late_already_is_held_all_the_same() -> None:
    late = replace(heard(1), records=(record(NOT_YET, defend_by=date(2027, 4, 2)),))
    found = desk(late)

    run(found)

    assert found.defenses.values[SECOND].state == SCHEDULED


@pytest.mark.parametrize(
    ("hearings", "expected"),
    [
        ((), None),
        ((heard(1, state=OPEN, records=()),), None),
        ((heard(1, READY),), None),
        ((heard(1), heard(2, READY)), None),
        ((heard(1, state=ANNULLED),), None),
        ((heard(1),), (2, {"t-1", "x-1"}, TUESDAY)),
        ((heard(2), heard(1)), (3, {"t-1", "x-1"}, TUESDAY)),
        # A redefense that was interrupted is repeated; nobody new is excluded.
        ((heard(1), heard(2, state=ADJOURNED, records=())), (2, {"t-1", "x-1"}, TUESDAY)),
        # The outcome that asked for it was annulled meanwhile.
        ((heard(1, state=ANNULLED), heard(2, state=ADJOURNED, records=())), None),
    ],
)
def test_which_redefense_a_student_has_ahead_follows_from_the_hearings(
    hearings: tuple[Hearing, ...], expected: tuple[int, set[str], date] | None
) -> None:
    found = redefense(hearings)

    if expected is None:
        assert found is None
    else:
        number, people, day = expected
        assert found == Attempt(number=number, heard_by=frozenset(people), defend_by=day)


def test_hearings_of_another_year_or_transition_ask_for_nothing_now() -> None:
    other_year = replace(heard(1), matter=replace(heard(1).matter, school_year="2025-26"))
    other_grade = replace(heard(1), matter=replace(heard(1).matter, transition="8"))

    for each in (other_year, other_grade):
        assert run(desk(each)).plan == plan_of_nothing(())
        with pytest.raises(NothingToPlaceError):
            make(desk(each))


def test_a_time_after_the_last_day_costs_half_of_no_time_at_all() -> None:
    found = desk(heard(1))
    found.hearings.values["h-1"] = replace(heard(1), records=(record(NOT_YET, defend_by=MONDAY),))
    solver = GreedySolver()
    planning.carry_out("run-1", desks=lambda _: found, solver=solver, still_ours=lambda: None)

    [wish] = solver.asked[0].students
    assert {wish.tiers[slot] for slot in wish.tiers if slot < 4} == {0}
    assert {wish.tiers[slot] for slot in wish.tiers if slot >= 4} == {500}


def test_a_redefense_and_a_first_defense_are_placed_side_by_side() -> None:
    found = desk(heard(1))
    found.candidates.values["s-2"] = ready_candidate("s-2")

    done = run(found)

    assert done.plan is not None
    assert {each.attempt for each in done.plan.placements} == {1, 2}
    assert len({each.starts_at for each in found.defenses.values.values()}) == 3
