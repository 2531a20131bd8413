"""One problem from its instance to a checked solution, with what is proven about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from defenses.domain.scheduling.checking import cost, faults
from defenses.domain.scheduling.instance import Assignment, Instance, Solution, Unscheduled
from defenses.domain.scheduling.reasons import reasons
from defenses.solver.proving import Proof, Prover
from defenses.solver.search import Limits, Progress, Report, never, nobody_asks, search

#: Kept of the time for checking and explaining; measured, with room to spare.
_KEPT_S_PER_STUDENT = 1e-4
#: Of the time, how much the search has for itself before the proof starts from what it has found.
_HEAD_START = 0.08
#: How long a proof may go on where only the work of the search is limited.
_PROOF_S = 60.0


class InvalidSolutionError(RuntimeError):
    """The search has broken a hard rule, which is a fault of ours; the text says which."""


@dataclass(frozen=True, kw_only=True)
class Solved:
    """A valid solution with its two gaps.

    Attributes:
        solution: checked; with reasons for everybody who is left out.
        soft_cost: its cost without the students who are left out.
        proof: None if nothing was proven in time.
    """

    solution: Solution
    soft_cost: int
    proof: Proof | None

    @property
    def soft_gap(self) -> float | None:
        """Return how much of the soft cost is not proven to be needed, from 0 to 1; None without a proof."""
        return None if self.proof is None else self.proof.soft_gap(self.soft_cost)


def solve(
    instance: Instance,
    limits: Limits,
    *,
    good_enough: float = 0.0,
    report: Report = nobody_asks,
    is_cancelled: Callable[[], bool] = never,
) -> Solved:
    """Return the best schedule found within the limits.

    Args:
        instance: the problem.
        limits: when to end; checking and explaining are within its time.
        good_enough: the search ends as soon as the fewest possible are left out and the soft gap is this.
        report: told about each round.
        is_cancelled: asked between rounds; the answer is then the best so far.

    Raises:
        InvalidSolutionError: if the schedule found is not valid.
    """
    started = time.monotonic()
    limits = _searching(limits, instance)
    weight = instance.weights.unscheduled
    with Prover(instance) as prover:
        so_far: list[Progress] = []

        def watch(progress: Progress) -> None:
            so_far[:] = [progress]
            if progress.seconds >= _HEAD_START * (limits.seconds or 0.0):
                left = _PROOF_S if limits.seconds is None else limits.seconds - progress.seconds
                prover.start(progress.left_out, max(0.0, left))
            report(progress)

        def is_over() -> bool:
            if is_cancelled():
                return True
            proof = prover.proof()
            return proof is not None and bool(so_far) and _is_enough(so_far[0], weight, proof, good_enough)

        found = search(instance, limits, watch, is_over)
        proof = prover.proof() if is_cancelled() else prover.wait()
    return _checked(instance, found, proof, started)


def _searching(limits: Limits, instance: Instance) -> Limits:
    if limits.seconds is None:
        return limits
    return replace(limits, seconds=max(0.0, limits.seconds - _KEPT_S_PER_STUDENT * len(instance.students)))


def _is_enough(progress: Progress, weight: int, proof: Proof, gap: float) -> bool:
    unscheduled = len(progress.left_out)
    soft_cost = progress.cost - weight * unscheduled
    return unscheduled <= proof.least_unscheduled and proof.soft_gap(soft_cost) <= gap


def _checked(
    instance: Instance, found: tuple[Assignment, ...], proof: Proof | None, started: float
) -> Solved:
    why = reasons(instance, found)
    left_out = tuple(Unscheduled(student, why[student]) for student in sorted(why))
    solution = Solution(
        assignments=found, unscheduled=left_out, cost=0, lower_bound=None, seconds=time.monotonic() - started
    )
    broken = faults(instance, solution)
    if broken:
        raise InvalidSolutionError(f"the schedule breaks {len(broken)} rules; the first: {broken[0]}")
    total, weight = cost(instance, solution).total, instance.weights.unscheduled
    bound = None if proof is None else weight * proof.least_unscheduled + proof.soft_at_least
    return Solved(
        solution=replace(solution, cost=total, lower_bound=bound, seconds=time.monotonic() - started),
        soft_cost=total - weight * len(left_out),
        proof=proof,
    )
