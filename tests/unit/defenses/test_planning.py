"""A run from its request to its end: who gets a place, who does not, and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.defenses.defenses_examples import (
    EAST,
    NOW,
    Memory,
    availability,
    defense,
    panelist,
    ready_candidate,
    window,
)
from tests.unit.defenses.planning_examples import BrokenSolver, GreedySolver, carry_out, desk

from contracts.defenses import DEFENSE_SCHEDULED, DefenseScheduled, Seat
from defenses.clients import SolverProcess
from defenses.domain.availability import FamilyWindows
from defenses.domain.defenses import (
    PanelSeat,
)
from defenses.domain.roster import Staff, UnknownSchoolError
from defenses.domain.runs import (
    APPLIED,
    FAILED,
    QUEUED,
    ScheduleRun,
    Unplaced,
    open_run,
)
from defenses.domain.scheduling.instance import Assignment, Instance, Solution
from defenses.domain.scheduling.limits import MIB
from defenses.domain.scheduling.season import SeasonPolicy
from defenses.use_cases import planning, requesting
from defenses.use_cases.searching import Beat
from defenses.use_cases.seasons import defense_id


class LyingSolver(GreedySolver):
    """Claims a schedule that breaks rules."""

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
        wrong = tuple(Assignment(each.id, 0, "r-1", ("t-1", "x-1")) for each in instance.students)
        return Solution(assignments=wrong, unscheduled=(), cost=0, lower_bound=None, seconds=0.0)


def test_what_takes_the_processor_for_long_is_done_aside() -> None:
    found, done = desk("s-1"), list[object]()

    def aside(work: Callable[[], Any], beat: Beat) -> Any:
        beat(None)
        done.append(work())
        return done[-1]

    run = planning.carry_out(
        "run-1", desks=lambda _: found, solver=GreedySolver(), still_ours=lambda: None, aside=aside
    )

    instance, plan = done
    assert isinstance(instance, Instance)
    assert (run.state, run.plan) == (APPLIED, plan)


def test_a_run_whose_search_outgrows_its_memory_is_failed_with_that_reason_and_can_be_resumed() -> None:
    found = desk("s-1")
    small = SolverProcess(memory_bytes=32 * MIB)

    failed = planning.carry_out("run-1", desks=lambda _: found, solver=small, still_ours=lambda: None)

    assert failed.state == FAILED
    assert failed.failure is not None
    assert "ran out of memory" in failed.failure
    requesting.resume_run("run-1", runs=found.runs)
    assert carry_out(found, GreedySolver()).state == APPLIED


def test_a_request_queues_a_run_once() -> None:
    runs: Memory[ScheduleRun] = Memory()
    schools = Memory({"east": EAST})

    first = requesting.request_run("east", "run-1", schools=schools, runs=runs, now=NOW)
    again = requesting.request_run("east", "run-1", schools=schools, runs=runs, now=NOW + timedelta(days=1))

    assert first == again == open_run("run-1", "east", now=NOW)
    assert first.state == QUEUED
    assert runs.writes == ["run-1"]


def test_a_request_for_an_unknown_school_is_refused_by_its_field() -> None:
    with pytest.raises(UnknownSchoolError, match="there is no school west") as raised:
        requesting.request_run("west", "run-1", schools=Memory({"east": EAST}), runs=Memory(), now=NOW)

    assert raised.value.field == "school_id"


def test_every_ready_student_gets_a_defense_and_it_is_said() -> None:
    found = desk("s-1")

    run = carry_out(found, GreedySolver())

    one = defense_id("s-1", "5", "2026-27")
    assert (run.state, run.finished_at, run.attempts) == (APPLIED, NOW, 1)
    assert run.plan is not None
    assert (run.plan.unplaced, run.plan.lower_bound, run.plan.seconds) == ((), 0.5, 0.25)
    # A day of the outsider, a block each.
    assert run.plan.cost == 4 + 2
    expected = defense(
        one,
        student_id="s-1",
        starts_at=datetime(2027, 4, 5, 12, tzinfo=UTC),
        ends_at=datetime(2027, 4, 5, 12, 30, tzinfo=UTC),
        run_id="run-1",
    )
    assert found.defenses.values == {one: expected}
    [fact] = found.defenses.facts
    assert fact.contract == DEFENSE_SCHEDULED
    assert fact.data == DefenseScheduled(
        defense_id=one,
        revision=1,
        student_id="s-1",
        school_id="east",
        transition="5",
        starts_at=expected.starts_at,
        ends_at=expected.ends_at,
        time_zone="America/Kentucky/Louisville",
        room="Room r-1",
        panel=(Seat(panelist_id="t-1", role="teacher"), Seat(panelist_id="x-1", role="outside")),
    )


def test_who_finds_no_place_is_listed_with_the_reason() -> None:
    found = desk("s-1", "s-2")
    found.families.values["s-2"] = FamilyWindows(student_id="s-2", windows=(), told_at=NOW)

    run = carry_out(found, GreedySolver())

    assert run.plan is not None
    assert [each.student_id for each in run.plan.placements] == ["s-1"]
    assert [(each.student_id, each.reason) for each in run.plan.unplaced] == [
        ("s-2", "not_in_family_windows")
    ]


def test_a_school_without_availability_ends_with_everybody_listed() -> None:
    found = desk("s-2", "s-1")
    del found.availabilities.values["east"]

    run = carry_out(found, GreedySolver())

    detail = "The school has published no availability for the season."
    assert run.state == APPLIED
    assert run.plan is not None
    assert run.plan.unplaced == (
        Unplaced("s-1", "no_availability", detail),
        Unplaced("s-2", "no_availability", detail),
    )


def test_who_has_a_defense_keeps_it_and_the_others_are_placed_around_it() -> None:
    found = desk("s-1")
    carry_out(found, GreedySolver())
    before = dict(found.defenses.values)
    found.candidates.values["s-2"] = ready_candidate("s-2")
    found.runs.values["run-1"] = open_run("run-1", "east", now=NOW)

    carry_out(found, GreedySolver())

    added = defense_id("s-2", "5", "2026-27")
    assert {**found.defenses.values, **before} == found.defenses.values
    assert set(found.defenses.values) == {*before, added}
    assert len({each.starts_at for each in found.defenses.values.values()}) == 2


def test_nothing_is_searched_when_nobody_waits() -> None:
    solver = GreedySolver()

    run = carry_out(desk(), solver)

    assert (run.state, solver.asked) == (APPLIED, [])


def test_knows_defenses_elsewhere_of_its_people_and_of_siblings() -> None:
    found = desk(panelists=(panelist("t-1", "teacher", window()), panelist("x-1", "outside", window())))
    found.candidates.values["s-1"] = ready_candidate("s-1", guardian_ids=("g-1", "g-2"))
    found.candidates.values["s-2"] = ready_candidate("s-2", guardian_ids=("g-2",), school_id="west")
    times = {"school_id": "west", "room_id": "w-1"}
    found.defenses.values["d-sibling"] = defense(
        "d-sibling", student_id="s-2", panel=(PanelSeat("w-1", "teacher"),), **times
    )
    found.defenses.values["d-panelist"] = defense(
        "d-panelist",
        student_id="s-7",
        panel=(PanelSeat("x-1", "outside"),),
        starts_at=datetime(2027, 4, 5, 12, tzinfo=UTC),
        ends_at=datetime(2027, 4, 5, 12, 30, tzinfo=UTC),
        **times,
    )
    solver = GreedySolver()

    carry_out(found, solver)

    [instance] = solver.asked
    # The sibling is at another school from half past eight to nine: neither eight nor nine can be reached.
    assert [slot for slot in sorted(instance.students[0].tiers) if slot < 4] == [3]
    assert sorted(next(each for each in instance.panelists if each.id == "x-1").slots) == [2, 3]


def test_people_who_left_the_roster_sit_on_no_panel() -> None:
    found = desk("s-1", panelists=(*availability().panelists, panelist("t-2", "teacher")))
    found.staff.values.update(
        {
            "t-1": Staff(staff_id="t-1", posts=(), active=False),
            "t-2": Staff(staff_id="t-2", posts=(), active=True),
        }
    )

    carry_out(found, GreedySolver())

    [placed] = found.defenses.values.values()
    assert set(placed.panelist_ids) == {"t-2", "x-1"}


def test_a_schedule_that_breaks_rules_is_not_applied() -> None:
    found = desk("s-1", "s-2")

    run = carry_out(found, LyingSolver())

    assert (run.state, run.finished_at) == (FAILED, NOW)
    assert run.failure.startswith("the schedule breaks 3 rules; the first: r-1: used 2 times in 0")
    assert found.defenses.values == {}


def test_a_search_without_an_answer_fails_the_run() -> None:
    run = carry_out(desk("s-1"), BrokenSolver())

    assert (run.state, run.failure) == (FAILED, "the solver ended with -9")
