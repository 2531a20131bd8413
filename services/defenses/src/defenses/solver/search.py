"""The search: a greedy schedule, annealed on all cores within a limit of time or work; always an answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle

import numpy as np

from defenses.domain.scheduling.instance import Assignment, Instance
from defenses.solver import greedy
from defenses.solver.annealing import anneal
from defenses.solver.panels import Draft, draft_of, whole_share
from defenses.solver.problem import Problem, problem_of
from defenses.solver.rooms import assignments_of
from defenses.solver.sharing import Part, Sharing
from defenses.solver.state import State, cost_of, empty_state

#: Temperatures, in units of what a panelist's day costs: at first nearly everything goes, at last nothing.
_HOT, _COLD = 0.3, 0.042
#: The last part of the work takes only what is better.
_QUENCH = 0.04
_FROZEN = 1e-3
#: Temperatures between the first and the last.
_ROUNDS = 160
#: Changes a student after which nobody has seen anything become better.
_MOST_MOVES = 1_000_000
_FIRST_EFFORT = 20
#: With fewer schools than this for each thread, what two of them share would freeze too much.
_SCHOOLS_PER_THREAD = 4


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How hard to search; what is reached first ends it.

    Attributes:
        seconds: wall time; None for no limit, and then the same seed and threads give the same schedule.
        moves: changes tried for each student.
        threads: of this process.
        seed: of everything that is drawn.
    """

    seconds: float | None
    moves: int = _MOST_MOVES
    threads: int = 2
    seed: int = 1

    @property
    def is_time_only(self) -> bool:
        """Whether only the time ends it, so that what is done in it may depend on how fast the machine is."""
        return self.seconds is not None and self.moves >= _MOST_MOVES


@dataclass(frozen=True)
class Progress:
    """How far a search is.

    Attributes:
        seconds: since its start.
        cost: of the best schedule so far, in the instance's weights.
        left_out: students whom it leaves out.
    """

    seconds: float
    cost: int
    left_out: tuple[str, ...]


Report = Callable[[Progress], None]


def nobody_asks(_: Progress) -> None:
    """Leave progress to itself."""


def never() -> bool:
    """Search to the end."""
    return False


def search(
    instance: Instance, limits: Limits, report: Report = nobody_asks, is_cancelled: Callable[[], bool] = never
) -> tuple[Assignment, ...]:
    """Return the best schedule found within the limits.

    Args:
        instance: the problem.
        limits: when to end.
        report: told about each round.
        is_cancelled: asked between rounds; the answer is then the best so far.
    """
    clock = _Clock(limits, is_cancelled)
    problem = problem_of(instance)
    state = empty_state(problem)
    greedy.fill(problem, state)
    team = _Replicas if len(instance.schools) < _SCHOOLS_PER_THREAD * limits.threads else _Parts
    with ThreadPoolExecutor(limits.threads) as threads:

        def say(best: State, cost: int) -> None:
            left_out = tuple(instance.students[n].id for n in np.flatnonzero(best.slot < 0))
            report(Progress(clock.seconds, cost, left_out))

        best = _anneal(team(problem, state, limits, threads), problem, copied(state), clock, say)
    return assignments_of(instance, best)


class _Clock:
    """Knows how much of the time or of the work is done, and how much work comes next."""

    def __init__(self, limits: Limits, is_cancelled: Callable[[], bool]) -> None:
        self._started = time.monotonic()
        self._limits = limits
        self._is_cancelled = is_cancelled
        self._done = 0
        self._since = self._started
        self._speed = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    def share(self) -> float:
        """Return how much of the limit is used up, 1 if all of it is."""
        if self._is_cancelled():
            return 1.0
        by_work = self._done / max(1, self._limits.moves)
        if self._limits.seconds is None:
            return min(1.0, by_work)
        return min(1.0, max(by_work, self.seconds / max(self._limits.seconds, 1e-9)))

    def effort(self) -> int:
        """Return how many changes a student to try in the next round, which begins now."""
        self._since = time.monotonic()
        if self._limits.seconds is None:
            return max(1, self._limits.moves // _ROUNDS)
        if not self._speed:
            return _FIRST_EFFORT
        return max(1, min(int(self._speed * self._limits.seconds), self._limits.moves) // _ROUNDS)

    def done(self, effort: int) -> None:
        """Count a round."""
        self._done += effort
        self._speed = effort / max(1e-9, time.monotonic() - self._since)


class _Parts:
    """One schedule, of which each thread anneals the schools of its own part."""

    def __init__(self, problem: Problem, state: State, limits: Limits, threads: ThreadPoolExecutor) -> None:
        self._problem = problem
        self._state = state
        self._threads = threads
        self._sharing = Sharing(problem, limits.threads)
        self._numbers = np.random.default_rng(limits.seed)
        self._drafts = [draft_of(problem, limits.seed, n) for n in range(limits.threads)]
        self._fills = limits.seconds is not None

    def round(self, effort: int, temperature: float) -> State:
        """Anneal everything once; returns the schedule."""
        parts = self._sharing.draw(self._state, self._numbers)
        done: list[Part] = []

        def work(part: Part, draft: Draft) -> None:
            anneal(self._problem, self._state, part.share, draft, part.schools, effort, temperature)
            done.append(part)
            # Who is done first would wait; where time does not count, the same work must be done each time.
            schools = cycle(part.schools.reshape(-1, 1))
            while self._fills and len(done) < len(parts) and len(part.schools):
                anneal(
                    self._problem, self._state, part.share, draft, next(schools), _FIRST_EFFORT, temperature
                )

        list(self._threads.map(work, parts, self._drafts))
        return self._state


class _Replicas:
    """A schedule for each thread, each annealed by itself: for what is too small to be shared."""

    def __init__(self, problem: Problem, state: State, limits: Limits, threads: ThreadPoolExecutor) -> None:
        self._problem = problem
        self._threads = threads
        self._states = [copied(state) for _ in range(limits.threads)]
        self._drafts = [draft_of(problem, limits.seed, n) for n in range(limits.threads)]
        self._schools = np.flatnonzero(np.diff(problem.member_first) > 0).astype(np.int32)

    def round(self, effort: int, temperature: float) -> State:
        """Anneal all of them once; returns the best."""

        def work(state: State, draft: Draft) -> None:
            share = whole_share(self._problem)
            anneal(self._problem, state, share, draft, self._schools, effort, temperature)

        list(self._threads.map(work, self._states, self._drafts))
        return min(self._states, key=lambda state: cost_of(self._problem, state))


def _anneal(
    team: _Parts | _Replicas,
    problem: Problem,
    best: State,
    clock: _Clock,
    say: Callable[[State, int], None],
) -> State:
    lowest = cost_of(problem, best)
    unit = _unit(problem)
    say(best, lowest)
    while (used := clock.share()) < 1.0:
        effort = clock.effort()
        state = team.round(effort, unit * _temperature(used))
        clock.done(effort)
        cost = cost_of(problem, state)
        if cost < lowest:
            best, lowest = copied(state), cost
        say(best, lowest)
    return best


def _temperature(used: float) -> float:
    """Return the temperature when so much of the limit is used, in units of what a day costs."""
    if used > 1 - _QUENCH:
        return _FROZEN
    return float(_HOT * (_COLD / _HOT) ** (used / (1 - _QUENCH)))


def _unit(problem: Problem) -> float:
    """Return what one panelist's day with one run costs, which is what most changes are about."""
    cost = float(np.mean(problem.day_cost)) + problem.block if len(problem.day_cost) else 0.0
    return cost or 1.0


def copied(state: State) -> State:
    """Return a schedule of its own."""
    return State(*(array.copy() for array in state))
