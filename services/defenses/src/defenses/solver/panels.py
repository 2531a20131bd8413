"""The cheapest panel for a student in a slot."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from defenses.solver.compiled import inlined, pasted
from defenses.solver.problem import Flags, Ints, Problem
from defenses.solver.state import State, can_sit, conflicts, seat_cost

_SHIFT_13, _SHIFT_7, _SHIFT_17, _SHIFT_11 = (np.uint64(bits) for bits in (13, 7, 17, 11))
_UNIT = 1.0 / (1 << 53)
_NEVER = 1e18
#: More than any panel costs.
NO_PANEL = 1 << 30
#: Students who are taken out of a schedule at a time.
MOST_APART = 12
#: What a panel may cost where nobody minds.
ANY_COST = math.inf


class Share(NamedTuple):
    """What one thread may change; what two threads may change has nothing in common.

    Attributes:
        people: panelist -> 1 if their seats may be given or taken.
        students: student -> 1 if they may be moved.
    """

    people: Flags
    students: Flags


def whole_share(problem: Problem) -> Share:
    """Return the share of somebody who works alone."""
    return Share(np.ones(len(problem.role), np.uint8), np.ones(len(problem.school), np.uint8))


class Draft(NamedTuple):
    """What one thread works with.

    Attributes:
        random: one number, the state of the generator.
        panel: the panel found last.
        kept: a panel put aside.
        key: candidate -> cost, with some chance in it; _NEVER when taken.
        who: candidate -> panelist.
        cost: candidate -> cost.
        gone, gone_slot, gone_panel: students who are out of the schedule for a moment, and where they were.
    """

    random: npt.NDArray[np.uint64]
    panel: Ints
    kept: Ints
    key: npt.NDArray[np.float64]
    who: Ints
    cost: Ints
    gone: Ints
    gone_slot: Ints
    gone_panel: Ints


def draft_of(problem: Problem, seed: int, thread: int = 0) -> Draft:
    """Return an empty draft of one thread; the same seed and thread draw the same numbers."""
    widest = int(np.diff(problem.seat_first).max(initial=1))
    # Small seeds differ in few bits, and zero would stay zero for ever.
    mixed = np.random.SeedSequence([seed, thread]).generate_state(1, np.uint64) | np.uint64(1)
    return Draft(
        random=mixed,
        panel=np.zeros(problem.panel_size, np.int32),
        kept=np.zeros(problem.panel_size, np.int32),
        key=np.zeros(widest, np.float64),
        who=np.zeros(widest, np.int32),
        cost=np.zeros(widest, np.int32),
        gone=np.zeros(MOST_APART, np.int32),
        gone_slot=np.zeros(MOST_APART, np.int32),
        gone_panel=np.zeros((MOST_APART, problem.panel_size), np.int32),
    )


@pasted
def chance(draft: Draft) -> float:
    """Return a random number from 0 to just below 1 (xorshift64)."""
    drawn = draft.random[0]
    drawn ^= drawn << _SHIFT_13
    drawn ^= drawn >> _SHIFT_7
    drawn ^= drawn << _SHIFT_17
    draft.random[0] = drawn
    return float(drawn >> _SHIFT_11) * _UNIT


@pasted
def pick(draft: Draft, count: int) -> int:
    """Return a random number below `count`."""
    return int(chance(draft) * count)


@pasted
def _cheapest(problem: Problem, draft: Draft, count: int, role: int) -> int:
    """Return the cheapest candidate left, of a role unless it is negative; -1 if there is none."""
    best, lowest = -1, _NEVER
    for n in range(count):
        if draft.key[n] < lowest and (role < 0 or problem.role[draft.who[n]] == role):
            best, lowest = n, draft.key[n]
    return best


@pasted
def _gather(
    problem: Problem,
    state: State,
    share: Share,
    draft: Draft,
    student: int,
    slot: int,
    noise: float,
    dearest: float,
) -> int:
    """Put all who could sit on a student's panel for a cost into the draft, with that; returns how many."""
    school = problem.school[student]
    place = school * problem.rooms.shape[1] + slot
    day = slot // problem.per_day
    count = 0
    for n in range(problem.seat_first[place], problem.seat_first[place + 1]):
        who = problem.seat[n]
        # Most are not there on the day, and one more day is too dear when it is cold.
        if state.used[who, day] == 0 and problem.day_cost[who] + problem.block > dearest:
            continue
        if not share.people[who] or not can_sit(problem, state, who, slot, school):
            continue
        cost = seat_cost(problem, state, who, slot, school)
        if cost <= dearest and not conflicts(problem, student, who):
            draft.who[count] = who
            draft.cost[count] = cost
            draft.key[count] = cost + noise * chance(draft)
            count += 1
    return count


@inlined
def find_panel(
    problem: Problem,
    state: State,
    share: Share,
    draft: Draft,
    student: int,
    slot: int,
    noise: float,
    most: float,
) -> int:
    """Find the cheapest panel into `draft.panel`: the cheapest of each role that must be there, then of all.

    That is optimal, because what a panelist costs does not depend on the others. With `noise`, which is in
    units of cost, a dearer one is taken now and then. Returns its cost, NO_PANEL if there is none; one that
    costs more than `most` need not be found.
    """
    # Nobody costs less than the block by which two runs become one.
    dearest = most + problem.block * (problem.panel_size - 1)
    count = _gather(problem, state, share, draft, student, slot, noise, dearest)
    if count < problem.panel_size:
        return NO_PANEL
    seat, cost = 0, 0
    for role in range(len(problem.least)):
        for _ in range(problem.least[role]):
            best = _cheapest(problem, draft, count, role)
            if best < 0:
                return NO_PANEL
            draft.panel[seat] = draft.who[best]
            draft.key[best] = _NEVER
            cost += draft.cost[best]
            seat += 1
    while seat < problem.panel_size:
        best = _cheapest(problem, draft, count, -1)
        draft.panel[seat] = draft.who[best]
        draft.key[best] = _NEVER
        cost += draft.cost[best]
        seat += 1
    return cost
