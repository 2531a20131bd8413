"""Split a district between threads, so that what one changes the others neither change nor look at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from defenses.solver.panels import Share
from defenses.solver.problem import Ints, Problem
from defenses.solver.state import State


@dataclass(frozen=True)
class Part:
    """The schools of one thread, and what it may change."""

    schools: Ints
    share: Share


class Sharing:
    """Draws splits of one problem; each split freezes what its parts have in common, and each cuts elsewhere.

    Attributes:
        problem: the whole of it.
        count: how many parts.
    """

    def __init__(self, problem: Problem, count: int) -> None:
        self._problem = problem
        self._count = count
        self._sizes = np.diff(problem.member_first)
        self._by_pool = _schools_by_pool(problem)
        self._near = _neighbours(problem, self._by_pool)

    def draw(self, state: State, numbers: np.random.Generator) -> list[Part]:
        """Return parts of about the same number of students, of schools that are near each other."""
        part_of = self._part_of(numbers)
        people = _owners([np.flatnonzero(row) for row in self._problem.serves], part_of)
        pools = _owners(self._by_pool, part_of)
        owner = part_of[self._problem.school]
        free = self._unbound(state, owner, people, pools)
        return [
            Part(
                schools=np.flatnonzero((part_of == part) & (self._sizes > 0)).astype(np.int32),
                share=Share((people == part).astype(np.uint8), (free & (owner == part)).astype(np.uint8)),
            )
            for part in range(self._count)
        ]

    def _part_of(self, numbers: np.random.Generator) -> Ints:
        """Cut a walk through all schools, from one to those near it, into stretches of equal length."""
        walk = self._walk(numbers)
        passed = np.cumsum(self._sizes[walk]) - self._sizes[walk] / 2
        part_of = np.zeros(len(walk), np.int32)
        part_of[walk] = np.minimum(passed * self._count / max(1, self._sizes.sum()), self._count - 1)
        return part_of

    def _walk(self, numbers: np.random.Generator) -> list[int]:
        seen: dict[int, None] = {}
        for start in numbers.permutation(len(self._near)).tolist():
            waiting = [start]
            while waiting:
                school = waiting.pop(0)
                if school not in seen:
                    seen[school] = None
                    waiting.extend(self._near[school])
        return list(seen)

    def _unbound(self, state: State, owner: Ints, people: Ints, pools: Ints) -> npt.NDArray[np.bool_]:
        """Return who has nothing that belongs to another part, or to none."""
        problem = self._problem
        scheduled = state.slot >= 0
        free: npt.NDArray[np.bool_] = ~scheduled | (people[state.panel] == owner[:, None]).all(axis=1)
        foreign = np.zeros(len(problem.pool_first) - 1, bool)
        of_need = np.repeat(np.arange(len(foreign)), np.diff(problem.pool_first))
        # The schools of a need are all of one part, so its pools are either all of that part or not.
        np.logical_or.at(foreign, of_need, pools[problem.pool] < 0)
        free &= (problem.need < 0) | ~np.append(foreign, values=False)[problem.need]
        one = np.repeat(np.arange(len(owner)), np.diff(problem.apart_first))
        apart = owner[one] != owner[problem.apart]
        free[one[apart]] = False
        return free


def _owners(schools: Iterable[npt.NDArray[np.integer]], part_of: Ints) -> Ints:
    """Return the part that has all schools of each, -1 where several have some."""
    found = [np.unique(part_of[mine]) for mine in schools]
    return np.array([each[0] if len(each) == 1 else -1 for each in found], np.int32)


def _schools_by_pool(problem: Problem) -> list[Ints]:
    """Return the schools whose students each pool can serve."""
    school_of_need = np.zeros(len(problem.pool_first) - 1, np.int32)
    needing = problem.need >= 0
    school_of_need[problem.need[needing]] = problem.school[needing]
    found: list[set[int]] = [set() for _ in range(len(problem.capacity))]
    for need, (first, after) in enumerate(pairwise(problem.pool_first.tolist())):
        for pool in problem.pool[first:after].tolist():
            found[pool].add(int(school_of_need[need]))
    return [np.array(sorted(each), np.int32) for each in found]


def _neighbours(problem: Problem, by_pool: list[Ints]) -> list[list[int]]:
    """Return for each school those that it shares most with first."""
    ties: defaultdict[int, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    roaming = [np.flatnonzero(row) for row in problem.serves[problem.roams > 0]]
    one = np.repeat(np.arange(len(problem.school)), np.diff(problem.apart_first))
    siblings = zip(problem.school[one].tolist(), problem.school[problem.apart].tolist(), strict=True)
    for group in (*map(list, roaming), *map(list, by_pool), *siblings):
        for here in group:
            for there in group:
                if here != there:
                    ties[here][there] += 1
    schools = range(len(problem.member_first) - 1)
    return [sorted(ties[here], key=lambda there: (-ties[here][there], there)) for here in schools]
