"""One problem from its instance to a checked solution, with what is proven about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from defenses.domain.scheduling.checking import cost, faults
from defenses.domain.scheduling.instance import Assignment, Instance, Solution, Unscheduled
from defenses.domain.scheduling.reasons import Shortage, reasons
from defenses.solver.proving import Finish, Proof, Prover
from defenses.solver.search import Limits, Progress, Report, never, nobody_asks, search

#: Kept of the time for checking and explaining; measured, with room to spare.
_KEPT_S_PER_STUDENT = 1e-4
#: Of the time, how much the search has for itself before the proof starts from what it has found.
_HEAD_START = 0.08
#: How long a proof may go on where only the work of the search is limited.
_PROOF_S = 60.0
#: Of the time, but at most so many seconds, for proving why students are left out.
_EXPLAINING, _MOST_EXPLAINING_S = 0.02, 3.0
#: So many students are also polished as a whole, and the search has only this part of the time, and so many
#: changes a student: CP-SAT makes better use of what is left.
_POLISHED_STUDENTS = 60
_SEARCHED, _SEARCHED_MOVES = 0.4, 50_000
#: Where the work is limited, how many units CP-SAT has for each change that the search tries for a student;
#: what is less than one unit is none. And how long one may take before a machine is thought to hang.
_POLISH_PER_MOVE, _MOST_S_PER_POLISH = 4e-4, 60.0


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
    times = _Times(instance, limits)
    weight = instance.weights.unscheduled
    with Prover(instance) as prover:
        so_far: list[Progress] = []

        def watch(progress: Progress) -> None:
            so_far[:] = [progress]
            if progress.seconds >= times.head_start_s:
                prover.start(progress.left_out, times.proof_s)
            report(progress)

        def is_enough() -> bool:
            proof = prover.proof()
            return proof is not None and bool(so_far) and _is_enough(so_far[0], weight, proof, good_enough)

        found = search(instance, times.searching, watch, lambda: is_cancelled() or is_enough())
        left_out = _left_out(instance, found)
        if times.proof_s > 0 and not is_cancelled():
            # A search that has run out of work may have ended before its head start.
            prover.start(left_out, times.proof_s)
        request = Finish(
            left_out=left_out,
            polish=found if times.may_polish and not is_enough() else None,
            work=times.polish,
            gap=good_enough,
            explain_s=times.explain_s,
            until=times.until,
        )
        finished = prover.finish(request, is_cancelled)
        proof = prover.proof()
    if finished is None:
        return _checked(instance, prover.best or found, proof, (), times.seconds)
    best = found if finished.polished is None else finished.polished
    return _checked(instance, best, finished.proof, finished.shortages, times.seconds)


def _left_out(instance: Instance, found: tuple[Assignment, ...]) -> tuple[str, ...]:
    scheduled = {one.student for one in found}
    return tuple(student.id for student in instance.students if student.id not in scheduled)


class _Times:
    """How the time is shared out.

    Attributes:
        searching: the limits of the search itself.
        head_start_s: how long it has everything for itself before the proof starts from what it has found.
        may_polish: whether there is time left after the search for making its schedule better.
        polish: work for that, None if only the time limits it.
        explain_s: for proving why students are left out.
        until: when all of it is over, on the monotonic clock.
    """

    def __init__(self, instance: Instance, limits: Limits) -> None:
        self._started = time.monotonic()
        self.polish = None if limits.is_time_only else limits.moves * _POLISH_PER_MOVE
        is_worth_it = self.polish is None or self.polish >= 1
        self.may_polish = len(instance.students) <= _POLISHED_STUDENTS and is_worth_it
        self.searching, self.head_start_s, self.explain_s = limits, 0.0, _MOST_EXPLAINING_S
        self.until = self._proof_until = self._started + _PROOF_S
        if limits.seconds is not None:
            whole_s = max(0.0, limits.seconds - _KEPT_S_PER_STUDENT * len(instance.students))
            self.explain_s = min(_EXPLAINING * whole_s, _MOST_EXPLAINING_S)
            search_s = (whole_s - self.explain_s) * (_SEARCHED if self.may_polish else 1.0)
            self.searching = replace(limits, seconds=search_s)
            self.head_start_s = _HEAD_START * search_s
            self.until = self._started + whole_s
            self._proof_until = self._started + (search_s if self.may_polish else whole_s)
        elif self.may_polish and self.polish is not None:
            self.until += self.polish * _MOST_S_PER_POLISH
        if self.may_polish:
            self.searching = replace(self.searching, moves=min(limits.moves, _SEARCHED_MOVES))

    @property
    def seconds(self) -> float:
        """Return how long it has taken so far."""
        return time.monotonic() - self._started

    @property
    def proof_s(self) -> float:
        """Return what is left for the bounds."""
        return max(0.0, self._proof_until - time.monotonic())


def _is_enough(progress: Progress, weight: int, proof: Proof, gap: float) -> bool:
    unscheduled = len(progress.left_out)
    soft_cost = progress.cost - weight * unscheduled
    return unscheduled <= proof.least_unscheduled and proof.soft_gap(soft_cost) <= gap


def _checked(
    instance: Instance,
    found: tuple[Assignment, ...],
    proof: Proof | None,
    shortages: tuple[Shortage, ...],
    seconds: float,
) -> Solved:
    why = reasons(instance, found, shortages)
    left_out = tuple(Unscheduled(student, why[student]) for student in sorted(why))
    solution = Solution(assignments=found, unscheduled=left_out, cost=0, lower_bound=None, seconds=seconds)
    broken = faults(instance, solution)
    if broken:
        raise InvalidSolutionError(f"the schedule breaks {len(broken)} rules; the first: {broken[0]}")
    total, weight = cost(instance, solution).total, instance.weights.unscheduled
    bound = None if proof is None else weight * proof.least_unscheduled + proof.soft_at_least
    return Solved(
        solution=replace(solution, cost=total, lower_bound=bound),
        soft_cost=total - weight * len(left_out),
        proof=proof,
    )
