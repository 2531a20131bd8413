"""Runs that are disturbed: processes die, leases are lost, others change what a search was about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.unit.defenses.defenses_examples import (
    EIGHT,
    MONDAY,
    NOW,
    Desk,
    Memory,
    defense,
    panelist,
    room,
)
from tests.unit.defenses.planning_examples import BrokenSolver, GreedySolver, carry_out, desk

from defenses.domain.availability import Day
from defenses.domain.defenses import (
    CANCELLED,
    SCHEDULED,
    UNPLACED,
    Defense,
)
from defenses.domain.runs import (
    APPLIED,
    APPLYING,
    FAILED,
    SOLVING,
    NoRunError,
)
from defenses.domain.scheduling.instance import Instance, Solution
from defenses.domain.scheduling.season import SeasonPolicy
from defenses.use_cases import planning
from defenses.use_cases.searching import Beat
from defenses.use_cases.seasons import defense_id


class KilledError(Exception):
    """Stands for a process that dies here."""


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
