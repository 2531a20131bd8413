"""From an instance to a checked solution with its proof, however the proof ends."""

from __future__ import annotations

import sys
import time

import pytest
from bench.scheduling import generate
from tests.unit.defenses.season_instances import small, wish

from defenses.domain.scheduling.exchange import instance_from_wire
from defenses.solver import proving
from defenses.solver.proving import Proof, Prover
from defenses.solver.search import Limits, Progress
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


def test_a_schedule_that_is_good_enough_ends_the_search() -> None:
    said: list[Progress] = []

    solved = solve(small(wish(0)), Limits(seconds=None, moves=10**9), good_enough=1.0, report=said.append)

    assert solved.proof is not None
    # Minutes before its last round.
    assert len(said) < 120


def test_a_proof_that_dies_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "_prove", sys.exit)

    with Prover(small(wish(0))) as prover:
        prover.start((), 30.0)
        started = time.monotonic()

        assert prover.wait() is None
        assert time.monotonic() - started < 30
        assert prover.proof() is None


def test_a_proof_that_was_never_begun_is_not_waited_for() -> None:
    with Prover(small(wish(0))) as prover:
        assert prover.wait() is None
