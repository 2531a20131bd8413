"""From an instance to a checked solution with its proof, however the proof ends."""

from __future__ import annotations

import sys
import time
from multiprocessing.context import SpawnProcess
from typing import Any

import pytest
from bench.scheduling import generate
from tests.unit.defenses.season_instances import person, small, wish

from defenses.domain.scheduling.exchange import instance_from_wire
from defenses.domain.scheduling.instance import Assignment
from defenses.solver import proving, solving
from defenses.solver.proving import Finish, Finished, Proof, Prover
from defenses.solver.search import Limits, Progress, never
from defenses.solver.solving import solve

pytestmark = pytest.mark.timeout(400)


def test_the_soft_gap_is_the_part_of_the_cost_that_is_not_proven() -> None:
    proof = Proof(least_unscheduled=2, soft_at_least=90.0, coverage_proven=True)

    assert proof.soft_gap(100) == pytest.approx(0.1)
    assert proof.soft_gap(90) == proof.soft_gap(0) == 0.0


def test_the_bound_has_the_students_who_must_be_left_out_in_it() -> None:
    solved = solve(small(wish(0, tiers={}), wish(1)), Limits(seconds=None, moves=50))

    assert solved.proof is not None
    assert solved.proof.coverage_proven
    assert solved.solution.lower_bound == 1000 + solved.proof.soft_at_least
    assert solved.solution.lower_bound <= solved.solution.cost
    assert solved.soft_cost == solved.solution.cost - 1000
    assert [one.student for one in solved.solution.unscheduled] == ["s0"]


def test_a_cancelled_run_waits_for_no_proof() -> None:
    solved = solve(
        instance_from_wire(generate.cluster(1, (40,))), Limits(seconds=None), is_cancelled=lambda: True
    )

    assert (solved.proof, solved.soft_gap, solved.solution.lower_bound) == (None, None, None)
    assert solved.solution.assignments


def test_a_schedule_that_is_good_enough_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "_POLISHED_STUDENTS", 0)
    said: list[Progress] = []

    solved = solve(small(wish(0)), Limits(seconds=None, moves=10**9), good_enough=1.0, report=said.append)

    assert solved.proof is not None
    # Minutes before its last round.
    assert len(said) < 120


def finish(prover: Prover, *, within_s: float = 60.0) -> Finished | None:
    request = Finish(left_out=(), polish=None, explain_s=5.0, until=time.monotonic() + within_s)
    return prover.finish(request, never)


def test_a_proof_that_dies_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "_prove", sys.exit)

    with Prover(small(wish(0))) as prover:
        prover.start((), 30.0)
        started = time.monotonic()

        assert finish(prover) is None
        assert time.monotonic() - started < 60
        assert prover.proof() is None
        assert finish(prover) is None


def test_a_proof_that_cannot_be_started_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise OSError

    monkeypatch.setattr(SpawnProcess, "start", refuse)

    solved = solve(small(wish(0)), Limits(seconds=None, moves=20))

    assert solved.proof is None
    assert len(solved.solution.assignments) == 1


def test_a_proof_that_was_never_begun_is_not_waited_for() -> None:
    with Prover(small(wish(0))) as prover:
        assert finish(prover) is None


def test_nobody_waits_for_a_proof_that_takes_too_long() -> None:
    with Prover(small(wish(0))) as prover:
        prover.start((), 30.0)

        assert finish(prover, within_s=0.0) is None


def test_a_schedule_that_was_finished_knows_why_students_are_left_out() -> None:
    rivals = small(
        *(wish(n, tiers={0: 0}) for n in range(2)),
        panelists=(person(0), person(1, "outside")),
    )

    solved = solve(rivals, Limits(seconds=None, moves=20))

    [left_out] = solved.solution.unscheduled
    assert left_out.reasons[0].startswith("impossible: no schedule has places for all of s0, s1; ")
    assert solved.proof is not None
    assert solved.proof.coverage_proven


def test_a_small_problem_is_solved_to_the_end_and_proven() -> None:
    solved = solve(small(*(wish(n) for n in range(4))), Limits(seconds=120.0))

    assert solved.soft_cost == 24
    assert (solved.soft_gap, solved.solution.lower_bound) == (0.0, 24)


@pytest.mark.parametrize("seed", [3, 5, 8])
def test_a_small_problem_leaves_out_no_more_than_must_be(seed: int) -> None:
    instance = instance_from_wire(generate.small(seed))

    solved = solve(instance, Limits(seconds=120.0), good_enough=1.0)

    assert solved.proof is not None
    assert len(solved.solution.unscheduled) == solved.proof.least_unscheduled


def test_who_cancels_the_polishing_has_the_best_schedule_so_far() -> None:
    with Prover(small(wish(0), wish(1))) as prover:
        prover.start((), 30.0)
        request = Finish(left_out=(), polish=(), explain_s=5.0, until=time.monotonic() + 120.0)

        finished = prover.finish(request, lambda: prover.best is not None)

        assert finished is None
        assert prover.best


def test_what_was_polished_until_the_end_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = small(wish(0))
    place = Assignment("s0", 0, "A0", ("p0", "p1"))

    def ends_too_early(prover: Prover, *_: Any) -> None:
        prover.best = (place,)

    monkeypatch.setattr(solving, "search", lambda *_: ())
    monkeypatch.setattr(Prover, "finish", ends_too_early)

    assert solve(instance, Limits(seconds=None, moves=1)).solution.assignments == (place,)


def test_a_small_problem_is_the_same_each_time_and_proven_where_only_the_work_is_limited() -> None:
    instance = small(*(wish(n) for n in range(4)))

    one, other = (solve(instance, Limits(seconds=None, moves=100_000, threads=1)) for _ in range(2))

    assert one.solution.assignments == other.solution.assignments
    assert one.proof == other.proof
    assert (one.soft_cost, one.soft_gap) == (24, 0.0)


def test_polishing_mends_what_the_search_has_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def finds_nothing(*arguments: Any) -> tuple[Assignment, ...]:
        arguments[2](Progress(60.0, 2000, ("s0", "s1")))
        return ()

    monkeypatch.setattr(solving, "search", finds_nothing)

    solved = solve(small(wish(0), wish(1)), Limits(seconds=60.0))

    assert len(solved.solution.assignments) == 2
    assert solved.soft_gap == 0.0
