"""Good prices for one school: the duals of a linear program over the panelists' days.

A column is one run of slots of one panelist on one day, so that the day's cost, its block and its limit hold
together: with a variable for each seat instead, a linear program would spread one day's cost over a week.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from defenses.solver.bounds.prices import (
    Prices,
    Travelling,
    best_days,
    earnings,
    least_soft_cost,
    presences,
    student_prices,
)
from defenses.solver.bounds.view import NEVER, Floats, SchoolView

#: Of a linear program's numbers.
_TOLERANCE = 1e-6
#: In a school with more, each day has so many that a panel is there anyhow: measured, it proves no more.
_FEW_STUDENTS = 48
#: Of a panelist: less is not worth a row.
_NOTICEABLE = 1e-3
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
    program = _Program(view, unscheduled)
    best: Prices | None = None
    proven = -np.inf
    while (left := stop_at - time.monotonic()) > 0 and program.is_solved(left):
        prices = program.prices()
        found = _value(view, prices, unscheduled)
        if found > proven:
            best, proven = prices, found
        if not program.is_improved(prices):
            break
    return best


def _value(view: SchoolView, prices: Prices, unscheduled: int) -> float:
    """Return what the school's program is worth at these prices, students left out counted in."""
    missed = np.maximum(0.0, student_prices(view, prices) - unscheduled).sum()
    return least_soft_cost([view], [prices], 0, _ALONE) - float(missed)


class _Program:
    """The linear program of one school."""

    def __init__(self, view: SchoolView, unscheduled: int) -> None:
        self.view = view
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.objective = self.solver.Objective()
        self.objective.SetMinimization()
        slots = range(len(view.rooms))
        self.seats = [self._row(0, 0) for _ in slots]
        self.roles = [[self._row(0, None) for _ in slots] for _ in view.at_least]
        self.rooms = [self._row(None, int(free)) for free in view.rooms]
        self.loads = [self._row(None, int(target)) for target in view.target]
        self.wanted = (*view.at_least, view.panel_size)
        #: [stretch] for each role of `at_least`, and for anybody: who is there.
        self.present = [[self._row(0, None) for _ in range(view.stretches)] for _ in self.wanted]
        self.heads = [[self._column(0.0, (row, -1.0)) for row in rows] for rows in self.present]
        self.chosen: dict[tuple[int, int], Any] = {}
        #: (role or anybody, student, stretch) -> row.
        self.needed: dict[tuple[int, int, int], Any] = {}
        self.once = [[self._row(None, 1) for _ in range(view.days)] for _ in view.panelists]
        self._add_students(unscheduled)
        self._add_panelists()

    def is_solved(self, seconds: float) -> bool:
        """Solve it as it is now; False if there was no time."""
        self.solver.SetTimeLimit(max(1, int(seconds * 1000)))
        return bool(self.solver.Solve() == pywraplp.Solver.OPTIMAL)

    def _better_days(self, prices: Prices) -> list[tuple[int, int, tuple[int, ...]]]:
        """Return the best day of each panelist that these prices pay for: row, day, slots."""
        view = self.view
        earned, there = earnings(view, prices, prices.load), presences(view, prices)
        offers = best_days(view, prices, prices.load, [False] * len(view.panelists), _ALONE)
        cost = offers[:, :, 1:].min(axis=2, initial=np.inf) + view.day_cost[:, None]
        paid = np.array([[row.dual_value() for row in rows] for rows in self.once]).reshape(cost.shape)
        better = np.argwhere(cost < np.minimum(0.0, paid) - _TOLERANCE).tolist()
        return [(row, day, best_day(view, row, day, earned[row], there[row])) for row, day in better]

    def prices(self) -> Prices:
        """Return the duals, within the bounds that make them prices."""
        view = self.view
        return Prices(
            seat=_duals(self.seats),
            role=np.array([np.maximum(0.0, _duals(rows)) for rows in self.roles]).reshape(
                len(view.at_least), len(view.rooms)
            ),
            room=np.maximum(0.0, -_duals(self.rooms)),
            load=np.clip(-_duals(self.loads), 0.0, view.over_target),
            presence=self._presence(),
        )

    def _presence(self) -> Floats:
        view = self.view
        paid = np.zeros((len(self.present), len(view.students), view.stretches))
        for key, row in self.needed.items():
            paid[key] = max(0.0, row.dual_value())
        return paid

    def is_improved(self, prices: Prices) -> bool:
        """Add what the last solution and its prices show to be missing; False if nothing is.

        The solution is gone with the first change, so all of it is read before.
        """
        better = self._better_days(prices)
        lacking = self._lacking() if len(self.view.students) <= _FEW_STUDENTS else []
        for row, day, slots in better:
            self._add_day(row, day, slots)
        for role, student, stretch in lacking:
            row = self.needed[role, student, stretch] = self._row(0, None)
            row.SetCoefficient(self.heads[role][stretch], 1.0)
            row.SetCoefficient(self.chosen[student, stretch], -float(self.wanted[role]))
        return bool(better or lacking)

    def _lacking(self) -> list[tuple[int, int, int]]:
        """Return the roles of which students' stretches have less than their share of a student needs."""
        heads = [[head.solution_value() for head in heads] for heads in self.heads]
        return [
            (role, student, stretch)
            for (student, stretch), chosen in self.chosen.items()
            if (share := chosen.solution_value()) > _NOTICEABLE
            for role, least in enumerate(self.wanted)
            if least * share > heads[role][stretch] + _NOTICEABLE
            and (role, student, stretch) not in self.needed
        ]

    def _row(self, least: int | None, most: int | None) -> Any:
        infinity = self.solver.infinity()
        return self.solver.Constraint(
            -infinity if least is None else least, infinity if most is None else most
        )

    def _column(self, cost: float, *entries: tuple[Any, float]) -> Any:
        column = self.solver.NumVar(0.0, self.solver.infinity(), "")
        self.objective.SetCoefficient(column, float(cost))
        for row, value in entries:
            row.SetCoefficient(column, float(value))
        return column

    def _add_students(self, unscheduled: int) -> None:
        """Let students choose a stretch of slots that all of them see alike, and stretches their slots."""
        view = self.view
        rows = [self._row(0, 0) for _ in range(view.stretches)]
        for slot, stretch in enumerate(view.stretch.tolist()):
            panel = [(rows[stretch], -1.0), (self.rooms[slot], 1.0), (self.seats[slot], -view.panel_size)]
            panel += [(self.roles[role][slot], -least) for role, least in enumerate(view.at_least)]
            self._column(0.0, *panel)
        firsts = np.searchsorted(view.stretch, np.arange(view.stretches))
        for student, tiers in enumerate(view.tiers[:, firsts].tolist()):
            one = self._row(1, 1)
            self._column(unscheduled, (one, 1.0))
            for stretch, tier in enumerate(tiers):
                if tier != NEVER:
                    self.chosen[student, stretch] = self._column(tier, (one, 1.0), (rows[stretch], 1.0))

    def _add_panelists(self) -> None:
        view = self.view
        for row, _ in enumerate(view.panelists):
            self._column(view.over_target, (self.loads[row], -1.0))
            for day in range(view.days):
                for slots in runs(view, row, day):
                    self._add_day(row, day, tuple(slots))

    def _add_day(self, row: int, day: int, slots: tuple[int, ...]) -> None:
        """Add the possibility that a panelist serves in exactly these slots of a day."""
        view, role = self.view, int(self.view.roles[row])
        entries = [(self.seats[slot], 1.0) for slot in slots]
        if role < len(view.at_least):
            entries += [(self.roles[role][slot], 1.0) for slot in slots]
        here = np.unique(view.stretch[list(slots)]).tolist()
        entries += [(self.present[-1][stretch], 1.0) for stretch in here]
        if role < len(view.at_least):
            entries += [(self.present[role][stretch], 1.0) for stretch in here]
        blocks = 1 + sum(after > before + 1 for before, after in pairwise(slots))
        cost = float(view.day_cost[row] + view.block * blocks)
        self._column(cost, (self.once[row][day], 1.0), (self.loads[row], len(slots)), *entries)


def runs(view: SchoolView, row: int, day: int) -> Iterator[range]:
    """Yield every run of slots that one panelist can serve on one day."""
    first = day * view.slots_per_day
    for start in range(first, first + view.slots_per_day):
        for stop in range(start + 1, min(start + int(view.most[row, day]), first + view.slots_per_day) + 1):
            if not view.free[row, stop - 1]:
                break
            yield range(start, stop)


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


def _duals(rows: list[Any]) -> Floats:
    return np.array([row.dual_value() for row in rows], dtype=float)
