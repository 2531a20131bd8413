"""Good prices for one school: the duals of its linear program, to which the days that pay are added."""

from __future__ import annotations

import time

import numpy as np

from defenses.solver.bounds.prices import (
    Prices,
    Travelling,
    best_days,
    earnings,
    least_soft_cost,
    presences,
    student_prices,
)
from defenses.solver.bounds.program import Program
from defenses.solver.bounds.view import Floats, Ints, SchoolView

#: Of a linear program's numbers.
_TOLERANCE = 1e-6
#: Nobody is shared within one school.
_ALONE = Travelling(move=0, block=0)


def prices_of(view: SchoolView, *, seconds: float, unscheduled: int) -> Prices | None:
    """Return the prices at which the school's relaxed schedule is cheapest, None if there was no time.

    It starts with whole runs and adds days of several runs where the prices of the last round make one pay.

    Args:
        view: the school.
        seconds: wall time.
        unscheduled: what a student costs who is left out; no price grows beyond.
    """
    stop_at = time.monotonic() + seconds
    program = Program(view, unscheduled, fair_shares(view))
    best: Prices | None = None
    proven = -np.inf
    while (left := stop_at - time.monotonic()) > 0 and program.is_solved(left):
        prices = program.prices()
        found = _value(view, prices, unscheduled)
        if found > proven:
            best, proven = prices, found
        if not _is_improved(program, prices):
            break
    return best


def fair_shares(view: SchoolView) -> Ints:
    """Return a number for each panelist, the same for those whose days cost the same in the same role; [P].

    Together they have the sum of their fair shares, which is hardly less than each having the own.
    """
    kinds = np.stack([view.roles, view.day_cost])
    return np.unique(kinds, axis=1, return_inverse=True)[1].reshape(-1)


def _value(view: SchoolView, prices: Prices, unscheduled: int) -> float:
    """Return what the school's program is worth at these prices, students left out counted in."""
    missed = np.maximum(0.0, student_prices(view, prices) - unscheduled).sum()
    return least_soft_cost([view], [prices], 0, _ALONE) - float(missed)


def _is_improved(program: Program, prices: Prices) -> bool:
    """Add what the last solution and its prices show to be missing; False if nothing is.

    The solution is gone with the first change, so all of it is read before.
    """
    better, lacking = _better_days(program, prices), program.lacking()
    for crew, slots in better:
        program.add_day(crew, slots)
    for each in lacking:
        program.add_presence(*each)
    return bool(better or lacking)


def _better_days(program: Program, prices: Prices) -> list[tuple[int, tuple[int, ...]]]:
    """Return the best day of each crew that these prices pay for: crew, slots."""
    view = program.view
    earned, there = earnings(view, prices, prices.load), presences(view, prices)
    offers = best_days(view, prices, prices.load, [False] * len(view.panelists), _ALONE)
    cost = offers[:, :, 1:].min(axis=2, initial=np.inf) + view.day_cost[:, None]
    found = []
    for number, (crew, rent) in enumerate(zip(program.crews, program.rents().tolist(), strict=True)):
        row = crew.rows[0]
        if cost[row, crew.day] < min(0.0, rent) - _TOLERANCE:
            found.append((number, best_day(view, row, crew.day, earned[row], there[row])))
    return found


def best_day(view: SchoolView, row: int, day: int, earned: Floats, there: Floats) -> tuple[int, ...]:
    """Return the slots of one panelist's day that cost least after what they earn there; one at least.

    Args:
        view: the school.
        row: of the panelist.
        day: number.
        earned: [T] by this panelist in each slot.
        there: [stretches] for being there at all.
    """
    # (defenses, serving in the last slot, last stretch served in) -> (cost, slots): the cheapest way there.
    ways: dict[tuple[int, bool, int], tuple[float, tuple[int, ...]]] = {(0, False, -1): (0.0, ())}
    first = day * view.slots_per_day
    for slot in range(first, first + view.slots_per_day):
        stretch = int(view.stretch[slot])
        after: dict[tuple[int, bool, int], tuple[float, tuple[int, ...]]] = {}
        for (count, serving, last), (cost, slots) in ways.items():
            _offer(after, (count, False, last), (cost, slots))
            if view.free[row, slot] and count < view.most[row, day]:
                more = (0 if serving else view.block) - float(earned[slot])
                more -= 0.0 if last == stretch else float(there[stretch])
                _offer(after, (count + 1, True, stretch), (cost + more, (*slots, slot)))
        ways = after
    return min(way for (count, _, _), way in ways.items() if count)[1]


def _offer(
    ways: dict[tuple[int, bool, int], tuple[float, tuple[int, ...]]],
    state: tuple[int, bool, int],
    way: tuple[float, tuple[int, ...]],
) -> None:
    if state not in ways or way < ways[state]:
        ways[state] = way
