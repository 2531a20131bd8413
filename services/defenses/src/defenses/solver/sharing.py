"""Split a district between threads, so that what one changes the others neither change nor look at."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from defenses.solver.panels import Share
from defenses.solver.problem import Flags, Ints, Problem
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
        self._of_pool = _schools_of_pools(problem)
        self._near = _neighbours(problem, self._of_pool)

    def draw(self, state: State, numbers: np.random.Generator) -> list[Part]:
        """Return parts of about the same number of students, of schools that are near each other."""
        part_of = self._part_of(numbers)
        people = _owners(self._problem.serves, part_of)
        pools = _owners(self._of_pool, part_of)
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


def _owners(schools: Flags, part_of: Ints) -> Ints:
    """Return the part that has all schools of each row, -1 where several parts have some, or none has any."""
    highest = np.where(schools, part_of, -1).max(axis=1, initial=-1)
    lowest = np.where(schools, part_of, len(part_of)).min(axis=1, initial=len(part_of))
    owners: Ints = np.where(highest == lowest, highest, -1).astype(np.int32)
    return owners


def _schools_of_pools(problem: Problem) -> Flags:
    """Return 1 for each pool and school whose students it can serve."""
    found = np.zeros((len(problem.capacity), problem.serves.shape[1]), np.uint8)
    needing = problem.need >= 0
    school_of = dict(zip(problem.need[needing].tolist(), problem.school[needing].tolist(), strict=True))
    for need, school in school_of.items():
        found[problem.pool[problem.pool_first[need] : problem.pool_first[need + 1]], school] = 1
    return found


def _neighbours(problem: Problem, of_pool: Flags) -> list[list[int]]:
    """Return for each school those that it shares most with first."""
    ties: defaultdict[int, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    shared = [np.flatnonzero(row).tolist() for row in (*problem.serves[problem.roams > 0], *of_pool)]
    one = np.repeat(np.arange(len(problem.school)), np.diff(problem.apart_first))
    siblings = zip(problem.school[one].tolist(), problem.school[problem.apart].tolist(), strict=True)
    for group in (*shared, *siblings):
        for here in group:
            for there in group:
                if here != there:
                    ties[here][there] += 1
    schools = range(len(problem.member_first) - 1)
    return [sorted(ties[here], key=lambda there: (-ties[here][there], there)) for here in schools]
