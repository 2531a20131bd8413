"""The linear program of one school: who serves on which runs of slots, and which students come when.

A column is one run of slots of a panelist on one day, so that the day's cost, its block and its limit hold
together: with a variable for each seat instead, a linear program would spread one day's cost over a week.
Panelists who are alike on a day share a column, which makes the program several times smaller.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from ortools.linear_solver import pywraplp

from defenses.solver.bounds.prices import Prices
from defenses.solver.bounds.view import NEVER, Floats, Ints, SchoolView

#: In a school with more, each day has so many that a panel is there anyhow: measured, it proves no more.
_FEW_STUDENTS = 48
#: Of a panelist: less is not worth a row.
_NOTICEABLE = 1e-3


@dataclass(frozen=True)
class Crew:
    """Panelists who are alike on one day.

    Attributes:
        day: number.
        rows: of the panelists in the school's view.
    """

    day: int
    rows: tuple[int, ...]


def crews(view: SchoolView, load_of: Ints) -> list[Crew]:
    """Return all panelists who are there, day by day, with those who are alike and share a fair share."""
    found: dict[tuple[Any, ...], list[int]] = {}
    free = view.free.reshape(len(view.panelists), view.days, view.slots_per_day)
    for row, day in np.argwhere(free.any(axis=2)).tolist():
        what = (view.roles[row], view.day_cost[row], view.most[row, day], load_of[row])
        found.setdefault((day, free[row, day].tobytes(), *what), []).append(row)
    return [Crew(key[0], tuple(rows)) for key, rows in found.items()]


class Program:
    """The linear program, to which days are added as its prices show them to be missing.

    Attributes:
        crews: whose days it is about.
    """

    def __init__(self, view: SchoolView, unscheduled: int, load_of: Ints) -> None:
        """Build it with all whole runs.

        Args:
            view: the school.
            unscheduled: what a student costs who is left out.
            load_of: [P] the group with which a panelist shares the fair share of defenses.
        """
        self.view = view
        self.crews = crews(view, load_of)
        self._load_of = load_of
        self._solver = pywraplp.Solver.CreateSolver("GLOP")
        self._objective = self._solver.Objective()
        self._objective.SetMinimization()
        slots = range(len(view.rooms))
        self._seats = [self._row(0, 0) for _ in slots]
        self._roles = [[self._row(0, None) for _ in slots] for _ in view.at_least]
        self._rooms = [self._row(None, int(free)) for free in view.rooms]
        self._loads = [self._row(None, int(each)) for each in np.bincount(load_of, view.target)]
        self._wanted = (*view.at_least, view.panel_size)
        self._asks_presence = len(view.students) <= _FEW_STUDENTS
        #: [stretch] for each role of `at_least`, and for anybody: who is there.
        self._present = [
            [self._row(0, None) for _ in range(view.stretches if self._asks_presence else 0)]
            for _ in self._wanted
        ]
        self._heads = [[self._column(0.0, (row, -1.0)) for row in rows] for rows in self._present]
        self._chosen: dict[tuple[int, int], Any] = {}
        #: (role or anybody, student, stretch) -> row.
        self._needed: dict[tuple[int, int, int], Any] = {}
        self._once = [self._row(None, len(crew.rows)) for crew in self.crews]
        self._add_students(unscheduled)
        for load in self._loads:
            self._column(view.over_target, (load, -1.0))
        for number, crew in enumerate(self.crews):
            for run in runs(view, crew.rows[0], crew.day):
                self.add_day(number, tuple(run))

    def is_solved(self, seconds: float) -> bool:
        """Solve it as it is now; False if there was no time."""
        self._solver.SetTimeLimit(max(1, int(seconds * 1000)))
        return bool(self._solver.Solve() == pywraplp.Solver.OPTIMAL)

    def prices(self) -> Prices:
        """Return the duals, within the bounds that make them prices."""
        view = self.view
        return Prices(
            seat=_duals(self._seats),
            role=np.array([np.maximum(0.0, _duals(rows)) for rows in self._roles]).reshape(
                len(view.at_least), len(view.rooms)
            ),
            room=np.maximum(0.0, -_duals(self._rooms)),
            load=np.clip(-_duals(self._loads), 0.0, view.over_target)[self._load_of],
            presence=self._presence(),
        )

    def rents(self) -> Floats:
        """Return what one more panelist of each crew would save, as a number that is not above 0."""
        return _duals(self._once)

    def lacking(self) -> list[tuple[int, int, int]]:
        """Return the roles of which students' stretches have less than their share of a student needs."""
        if not self._asks_presence:
            return []
        heads = [[head.solution_value() for head in heads] for heads in self._heads]
        return [
            (role, student, stretch)
            for (student, stretch), chosen in self._chosen.items()
            if (share := chosen.solution_value()) > _NOTICEABLE
            for role, least in enumerate(self._wanted)
            if least * share > heads[role][stretch] + _NOTICEABLE
            and (role, student, stretch) not in self._needed
        ]

    def add_presence(self, role: int, student: int, stretch: int) -> None:
        """Ask for people of a role where a student comes."""
        row = self._needed[role, student, stretch] = self._row(0, None)
        row.SetCoefficient(self._heads[role][stretch], 1.0)
        row.SetCoefficient(self._chosen[student, stretch], -float(self._wanted[role]))

    def add_day(self, number: int, slots: Sequence[int]) -> None:
        """Add the possibility that a panelist of a crew serves in exactly these slots."""
        view, crew = self.view, self.crews[number]
        row = crew.rows[0]
        role = int(view.roles[row])
        entries = [(self._seats[slot], 1.0) for slot in slots]
        if role < len(view.at_least):
            entries += [(self._roles[role][slot], 1.0) for slot in slots]
        if self._asks_presence:
            entries += self._being_there(role, {int(view.stretch[slot]) for slot in slots})
        blocks = 1 + sum(after > before + 1 for before, after in pairwise(slots))
        load = self._loads[int(self._load_of[row])]
        cost = float(view.day_cost[row] + view.block * blocks)
        self._column(cost, (self._once[number], 1.0), (load, len(slots)), *entries)

    def _being_there(self, role: int, stretches: Iterable[int]) -> list[tuple[Any, float]]:
        kinds = [-1] if role >= len(self.view.at_least) else [-1, role]
        return [(self._present[kind][stretch], 1.0) for kind in kinds for stretch in stretches]

    def _presence(self) -> Floats:
        view = self.view
        paid = np.zeros((len(self._wanted), len(view.students), view.stretches))
        for key, row in self._needed.items():
            paid[key] = max(0.0, row.dual_value())
        return paid

    def _row(self, least: int | None, most: int | None) -> Any:
        infinity = self._solver.infinity()
        return self._solver.Constraint(
            -infinity if least is None else least, infinity if most is None else most
        )

    def _column(self, cost: float, *entries: tuple[Any, float]) -> Any:
        column = self._solver.NumVar(0.0, self._solver.infinity(), "")
        self._objective.SetCoefficient(column, float(cost))
        for row, value in entries:
            row.SetCoefficient(column, float(value))
        return column

    def _add_students(self, unscheduled: int) -> None:
        """Let students choose a stretch of slots that all of them see alike, and stretches their slots."""
        view = self.view
        rows = [self._row(0, 0) for _ in range(view.stretches)]
        for slot, stretch in enumerate(view.stretch.tolist()):
            panel = [(rows[stretch], -1.0), (self._rooms[slot], 1.0), (self._seats[slot], -view.panel_size)]
            panel += [(self._roles[role][slot], -least) for role, least in enumerate(view.at_least)]
            self._column(0.0, *panel)
        firsts = np.searchsorted(view.stretch, np.arange(view.stretches))
        for student, tiers in enumerate(view.tiers[:, firsts].tolist()):
            one = self._row(1, 1)
            self._column(unscheduled, (one, 1.0))
            for stretch, tier in enumerate(tiers):
                if tier != NEVER:
                    self._chosen[student, stretch] = self._column(tier, (one, 1.0), (rows[stretch], 1.0))


def runs(view: SchoolView, row: int, day: int) -> Iterator[range]:
    """Yield every run of slots that one panelist can serve on one day."""
    first = day * view.slots_per_day
    for start in range(first, first + view.slots_per_day):
        for stop in range(start + 1, min(start + int(view.most[row, day]), first + view.slots_per_day) + 1):
            if not view.free[row, stop - 1]:
                break
            yield range(start, stop)


def _duals(rows: Iterable[Any]) -> Floats:
    return np.array([row.dual_value() for row in rows], dtype=float)
