"""A run from its request to its end, and again from every point at which a process can die."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.unit.defenses.defenses_examples import (
    EAST,
    EIGHT,
    MONDAY,
    NOW,
    Desk,
    Memory,
    availability,
    defense,
    panelist,
    ready_candidate,
    room,
    window,
)

from contracts.defenses import DEFENSE_SCHEDULED, DefenseScheduled, Seat
from defenses.clients import SolverProcess
from defenses.domain.availability import Day, FamilyWindows, PublishedAvailability
from defenses.domain.candidates import Candidate
from defenses.domain.defenses import (
    CANCELLED,
    SCHEDULED,
    UNPLACED,
    Defense,
    PanelSeat,
)
from defenses.domain.roster import Staff, UnknownSchoolError
from defenses.domain.runs import (
    APPLIED,
    APPLYING,
    FAILED,
    QUEUED,
    SOLVING,
    NoRunError,
    ScheduleRun,
    Unplaced,
    open_run,
)
from defenses.domain.scheduling.instance import Assignment, Instance, Solution, Unscheduled
from defenses.domain.scheduling.limits import MIB
from defenses.domain.scheduling.season import SeasonPolicy
from defenses.solver import greedy
from defenses.use_cases import planning, requesting
from defenses.use_cases.searching import Beat, SearchFailedError
from defenses.use_cases.seasons import defense_id


class GreedySolver:
    """Finds a valid schedule at once; a list of what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Instance] = []

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
        self.asked.append(instance)
        found = greedy.schedule(instance)
        left = {student.id for student in instance.students} - {one.student for one in found}
        unscheduled = tuple(Unscheduled(student, ()) for student in sorted(left))
        return Solution(assignments=found, unscheduled=unscheduled, cost=-1, lower_bound=0.5, seconds=0.25)


class LyingSolver(GreedySolver):
    """Claims a schedule that breaks rules."""

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
        wrong = tuple(Assignment(each.id, 0, "r-1", ("t-1", "x-1")) for each in instance.students)
        return Solution(assignments=wrong, unscheduled=(), cost=0, lower_bound=None, seconds=0.0)


class BrokenSolver(GreedySolver):
    """Gives no answer."""

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
        raise SearchFailedError("the solver ended with -9")


class KilledError(Exception):
    """Stands for a process that dies here."""


def desk(*students: str, **availability_changes: object) -> Desk:
    found = Desk()
    found.candidates.values.update({each: ready_candidate(each) for each in students})
    found.candidates.values["s-young"] = Candidate(student_id="s-young")
    offered = PublishedAvailability(
        school_id="east", availability=availability(**availability_changes), published_at=NOW
    )
    found.availabilities.values["east"] = offered
    found.runs.values["run-1"] = open_run("run-1", "east", now=NOW)
    return found


def carry_out(
    found: Desk, solver: GreedySolver, still_ours: Callable[[], None] = lambda: None
) -> ScheduleRun:
    return planning.carry_out("run-1", desks=lambda _: found, solver=solver, still_ours=still_ours)


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


def test_a_process_that_dies_while_searching_is_followed_by_another_one() -> None:
    found = desk("s-1")
    found.runs.values["run-1"] = replace(found.runs.values["run-1"], state=SOLVING, attempts=1)

    run = carry_out(found, GreedySolver())

    assert (run.state, run.attempts) == (APPLIED, 2)


def test_a_run_that_kills_its_processes_is_given_up() -> None:
    found = desk("s-1")
    found.runs.values["run-1"] = replace(found.runs.values["run-1"], state=SOLVING, attempts=3)
    solver = GreedySolver()

    run = carry_out(found, solver)

    assert (run.state, run.failure, solver.asked) == (FAILED, "given up after 3 attempts", [])


@pytest.mark.parametrize("survived", [0, 1, 2])
def test_a_process_that_dies_while_applying_leaves_nothing_lost_or_doubled(survived: int) -> None:
    students = [f"s-{number}" for number in range(3)]
    undisturbed, found = desk(*students), desk(*students)
    carry_out(undisturbed, GreedySolver())
    found.defenses = _DyingDefenses(survived)
    with pytest.raises(KilledError):
        carry_out(found, GreedySolver())
    left_behind = found.runs.values["run-1"].state
    found.defenses.survived = 99

    run = carry_out(found, BrokenSolver())

    assert (left_behind, run.state) == (APPLYING, APPLIED)
    assert found.defenses.values == undisturbed.defenses.values
    assert sorted(fact.data.student_id for fact in found.defenses.facts) == students


class _DyingDefenses(Memory[Defense]):
    """Dies after so many writes."""

    def __init__(self, survived: int) -> None:
        super().__init__()
        self.survived = survived

    def change(self, aggregate_id: str, decide: object) -> Defense | None:
        if len(self.writes) >= self.survived:
            raise KilledError
        return super().change(aggregate_id, decide)  # type: ignore[arg-type]  # as it came


def test_losing_the_lease_ends_our_part_before_anything_is_created() -> None:
    found = desk("s-1")

    def lost() -> None:
        raise KilledError

    with pytest.raises(KilledError):
        carry_out(found, GreedySolver(), lost)

    assert found.defenses.values == {}


def test_the_first_plan_counts_when_two_processes_made_one() -> None:
    found = desk("s-1")
    carry_out(found, GreedySolver())
    done = found.runs.values["run-1"]
    assert done.plan is not None

    assert done.planned(replace(done.plan, cost=0), now=NOW) is done
    assert done.begun(now=NOW) is done
    assert done.applied(lost={}, again=True, now=NOW) is done
    assert done.failed("late", now=NOW) is done


def test_a_run_that_nobody_asked_for_is_refused() -> None:
    with pytest.raises(NoRunError, match="there is no run run-1"):
        planning.carry_out("run-1", desks=lambda _: Desk(), solver=GreedySolver(), still_ours=lambda: None)


def test_large_plans_are_applied_in_batches_with_the_lease_renewed_before_each() -> None:
    students = [f"s-{number:03}" for number in range(60)]
    people = [panelist(f"t-{n}", "teacher", max_per_day=4) for n in range(15)]
    people += [panelist(f"x-{n}", "outside", max_per_day=4) for n in range(15)]
    found = desk(*students, rooms=tuple(room(f"r-{n}") for n in range(15)), panelists=tuple(people))
    renewed: list[int] = []

    run = carry_out(found, GreedySolver(), lambda: renewed.append(len(found.defenses.values)))

    assert run.plan is not None
    assert (len(run.plan.placements), renewed) == (60, [0, 0, 50])
    assert MONDAY in {each.starts_at.date() for each in found.defenses.values.values()}


class MeddlingSolver(GreedySolver):
    """Finds a schedule while somebody else takes a place of it."""

    def __init__(self, found: Desk) -> None:
        super().__init__()
        self.found = found

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
        solution = super().solve(instance, policy, beat)
        self.found.defenses.values["d-9"] = defense(
            "d-9",
            starts_at=datetime(2027, 4, 5, 12, tzinfo=UTC),
            ends_at=datetime(2027, 4, 5, 12, 30, tzinfo=UTC),
        )
        return solution


def test_a_place_that_was_taken_while_the_run_searched_is_not_taken_twice_but_another_one_searched() -> None:
    found = desk("s-1")

    first = carry_out(found, MeddlingSolver(found))
    second = carry_out(found, GreedySolver())

    assert first.plan is not None
    assert second.plan is not None
    assert (first.state, first.plan.placements) == (SOLVING, ())
    assert [(each.student_id, each.reason) for each in first.plan.unplaced] == [("s-1", "taken_meanwhile")]
    assert (second.state, second.plan.unplaced, second.finished_at) == (APPLIED, (), NOW)
    assert [each.student_id for each in second.plan.placements] == ["s-1"]
    assert {each.student_id for each in found.defenses.values.values()} == {"s-1", "s-9"}


def test_who_loses_the_second_place_as_well_is_listed() -> None:
    found = desk("s-1", days=(Day(MONDAY, (EIGHT,)),))
    carry_out(found, MeddlingSolver(found))

    run = carry_out(found, GreedySolver())

    assert run.plan is not None
    assert (run.state, [(each.student_id, each.reason) for each in run.plan.unplaced]) == (
        APPLIED,
        [("s-1", "no_room")],
    )


class CancellingSolver(GreedySolver):
    """Finds a schedule while a coordinator calls off for good what it finds a place for."""

    def __init__(self, found: Desk) -> None:
        super().__init__()
        self.found = found

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
        for one, each in self.found.defenses.values.items():
            self.found.defenses.values[one] = replace(each, state=CANCELLED)
        return super().solve(instance, policy, beat)


def test_who_was_cancelled_while_the_run_searched_stays_so() -> None:
    one = defense_id("s-1", "5", "2026-27")
    found = desk("s-1")
    found.defenses.values[one] = defense(one, student_id="s-1", state=UNPLACED, revision=2)

    run = carry_out(found, CancellingSolver(found))

    assert (run.state, found.defenses.values[one].state) == (APPLIED, CANCELLED)
    assert found.defenses.facts == []


@pytest.mark.parametrize("state", [UNPLACED, CANCELLED])
def test_who_lost_their_place_gets_another_one_and_who_was_cancelled_does_not(state: str) -> None:
    one = defense_id("s-1", "5", "2026-27")
    found = desk("s-1")
    found.defenses.values[one] = defense(one, student_id="s-1", state=state, revision=2)

    carry_out(found, GreedySolver())

    after = found.defenses.values[one]
    assert (after.state, after.revision) == ((SCHEDULED, 3) if state == UNPLACED else (CANCELLED, 2))
    assert [fact.data.revision for fact in found.defenses.facts] == ([3] if state == UNPLACED else [])
