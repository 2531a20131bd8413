"""A schedule made better by CP-SAT, as a whole: for problems so small that it can look at all of it.

The people of a slot are split into panels afterwards, and where that fails, the slot's choice is forbidden.
The changes of school of a panelist cost nothing here, which only makes what is proven lower.
"""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ortools.sat.python import cp_model

from defenses.domain.scheduling.checking import cost
from defenses.domain.scheduling.instance import (
    Assignment,
    Instance,
    PanelistSlots,
    PanelRule,
    Solution,
    StudentWish,
)
from defenses.solver.bounds.coverage import CoverageModel, limited_solver
from defenses.solver.bounds.view import SchoolView
from defenses.solver.rooms import rooms_of

#: Numbers of a bound are not exact.
_TOLERANCE = 1e-6

#: One school in one slot.
Place = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Polished:
    """What came of a schedule.

    Attributes:
        assignments: never worse than before.
        soft_at_least: no schedule that leaves out the fewest has a lower soft cost; 0 if nothing was proven.
    """

    assignments: tuple[Assignment, ...]
    soft_at_least: float


def polished(
    instance: Instance,
    schools: Sequence[SchoolView],
    assignments: tuple[Assignment, ...],
    *,
    least_unscheduled: int,
    seconds: float,
) -> Polished:
    """Return the best schedule found in the time, from one that is known.

    Args:
        instance: the problem.
        schools: all of it.
        assignments: a valid schedule.
        least_unscheduled: so many students are left out by every schedule.
        seconds: wall time.
    """
    stop_at = time.monotonic() + seconds
    best, proven = assignments, 0.0
    model = _Model(instance, schools)
    while (left := stop_at - time.monotonic()) > 0:
        unscheduled = len(instance.students) - len(best)
        is_covered = unscheduled <= least_unscheduled
        model.aim_at(unscheduled, is_soft=is_covered)
        answer = model.solved(best, left)
        if is_covered:
            proven = max(proven, answer.soft_at_least)
        found = answer.assignments
        is_better = found is not None and _rank(instance, found) < _rank(instance, best)
        if found is not None and is_better:
            best = found
        if answer.is_splittable and ((answer.is_optimal and is_covered) or not is_better):
            break
    return Polished(assignments=best, soft_at_least=proven)


def _rank(instance: Instance, assignments: tuple[Assignment, ...]) -> tuple[int, int]:
    bare = Solution(assignments=assignments, unscheduled=(), cost=0, lower_bound=None, seconds=0.0)
    return len(instance.students) - len(assignments), cost(instance, bare).total


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """What one run of CP-SAT says.

    Attributes:
        assignments: None if there is no schedule.
        is_splittable: whether nothing was forbidden because its people make no panels.
        is_optimal: whether nothing can be better.
        soft_at_least: if that was the aim.
    """

    assignments: tuple[Assignment, ...] | None
    is_splittable: bool
    is_optimal: bool
    soft_at_least: float


class _Model:
    """Everything about a problem, but who of a slot's people sits on which panel."""

    def __init__(self, instance: Instance, schools: Sequence[SchoolView]) -> None:
        self._instance = instance
        self._students = {student.id: student for student in instance.students}
        self._people = {panelist.id: panelist for panelist in instance.panelists}
        self._rooms = rooms_of(instance)
        self._model = CoverageModel(instance, schools)
        self._missing = len(instance.students) - len(self._model.scheduled)
        self._left_out = self._missing + sum(~chosen for chosen in self._model.scheduled.values())
        self._here: defaultdict[Place, list[str]] = defaultdict(list)
        self._there: defaultdict[Place, dict[str, cp_model.IntVar]] = defaultdict(dict)
        self._soft: list[cp_model.LinearExprT] = []
        #: Whether a panelist serves on a day, and begins a run in a slot.
        self._days: dict[tuple[str, int], cp_model.IntVar] = {}
        self._starts: dict[tuple[str, int], cp_model.IntVar] = {}
        self._over: dict[str, cp_model.IntVar] = {}
        self._is_soft = False
        for (student, slot), here in self._model.defends.items():
            self._here[self._students[student].school, slot].append(student)
            self._soft.append(self._students[student].tiers[slot] * here)
        for panelist, slots in self._model.serves.items():
            self._add_panelist(self._people[panelist], slots)
        for place, students in self._here.items():
            count = sum(self._model.defends[student, place[1]] for student in students)
            seats = self._there[place].values()
            self._model.cp.add(sum(seats) == instance.rule.panel_size * count)

    def aim_at(self, unscheduled: int, *, is_soft: bool) -> None:
        """Look for at most so many students left out, and for the least soft cost, or for the least cost."""
        self._is_soft = is_soft
        self._model.cp.add(self._left_out <= unscheduled)
        everybody = [] if is_soft else [self._instance.weights.unscheduled * self._left_out]
        self._model.cp.minimize(sum([*self._soft, *everybody]))

    def solved(self, start: tuple[Assignment, ...], seconds: float) -> _Answer:
        """Look for a schedule, from one that is known."""
        self._hint(start)
        solver = limited_solver(seconds)
        status = solver.solve(self._model.cp)
        bound = max(0.0, math.ceil(solver.best_objective_bound - _TOLERANCE)) if self._is_soft else 0.0
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return _Answer(assignments=None, is_splittable=True, is_optimal=False, soft_at_least=0.0)
        found: list[Assignment] = []
        is_splittable = True
        for place, students in self._here.items():
            here = [each for each in students if solver.boolean_value(self._model.defends[each, place[1]])]
            people = [who for who, seat in self._there[place].items() if solver.boolean_value(seat)]
            panels = split(
                [self._students[each] for each in here],
                [self._people[each] for each in people],
                self._instance.rule,
            )
            if panels is None:
                is_splittable = False
                self._forbid(place, here, people)
            else:
                rooms = self._rooms[place]
                found += [
                    Assignment(each, place[1], room, panels[each])
                    for each, room in zip(here, rooms, strict=False)
                ]
        return _Answer(
            assignments=tuple(sorted(found, key=lambda one: (one.slot, one.room))) if is_splittable else None,
            is_splittable=is_splittable,
            is_optimal=status == cp_model.OPTIMAL,
            soft_at_least=bound,
        )

    def _add_panelist(
        self, panelist: PanelistSlots, slots: Mapping[int, Mapping[str, cp_model.IntVar]]
    ) -> None:
        weights, model = self._instance.weights, self._model.cp
        days: defaultdict[int, list[int]] = defaultdict(list)
        busy: dict[int, cp_model.LinearExprT] = {}
        for slot, schools in sorted(slots.items()):
            for school, seat in schools.items():
                self._there[school, slot][panelist.id] = seat
            busy[slot] = sum(schools.values())
            days[self._instance.day_of(slot)].append(slot)
        over = self._over[panelist.id] = model.new_int_var(0, len(busy), "")
        model.add(over >= sum(busy.values()) - panelist.target)
        self._soft.append(weights.over_target * over)
        for day, today in days.items():
            serving = self._days[panelist.id, day] = model.new_bool_var("")
            model.add(sum(busy[slot] for slot in today) <= panelist.room_on(day) * serving)
            self._soft.append(panelist.day_cost * serving)
            for before, slot in pairwise([-1, *today]):
                start = self._starts[panelist.id, slot] = model.new_bool_var("")
                model.add(busy[slot] <= sum([start, *([busy[before]] if before == slot - 1 >= 0 else [])]))
                model.add(busy[slot] <= serving)
                self._soft.append(weights.block * start)

    def _forbid(self, place: Place, students: Sequence[str], people: Sequence[str]) -> None:
        literals = [self._model.defends[each, place[1]] for each in students]
        literals += [self._there[place][each] for each in people]
        self._model.cp.add_bool_or(~literal for literal in literals)

    def _hint(self, start: tuple[Assignment, ...]) -> None:
        model = self._model
        slots = {one.student: one.slot for one in start}
        seats = {(who, one.slot): self._students[one.student].school for one in start for who in one.panel}
        loads = Counter(who for who, _ in seats)
        days = {(who, self._instance.day_of(slot)) for who, slot in seats}
        model.cp.clear_hints()  # type: ignore[no-untyped-call]  # of OR-tools
        for student, chosen in model.scheduled.items():
            model.cp.add_hint(chosen, student in slots)
        for (student, slot), here in model.defends.items():
            model.cp.add_hint(here, slots.get(student) == slot)
        for (school, slot), people in self._there.items():
            for who, seat in people.items():
                model.cp.add_hint(seat, seats.get((who, slot)) == school)
        for key, serving in self._days.items():
            model.cp.add_hint(serving, key in days)
        for (who, slot), begins in self._starts.items():
            is_next = slot % self._instance.slots_per_day > 0 and (who, slot - 1) in seats
            model.cp.add_hint(begins, (who, slot) in seats and not is_next)
        for who, over in self._over.items():
            model.cp.add_hint(over, max(0, loads[who] - self._people[who].target))


def split(
    students: Sequence[StudentWish], people: Sequence[PanelistSlots], rule: PanelRule
) -> dict[str, tuple[str, ...]] | None:
    """Return a panel for each student of a slot, None if these people cannot be split so."""
    model = cp_model.CpModel()
    seats = {
        (student.id, each.id): model.new_bool_var("")
        for student in students
        for each in people
        if each.id not in student.conflicts
    }
    for student in students:
        panel = [each for each in people if (student.id, each.id) in seats]
        model.add(sum(seats[student.id, each.id] for each in panel) == rule.panel_size)
        for role, least in rule.at_least.items():
            model.add(sum(seats[student.id, each.id] for each in panel if each.role == role) >= least)
    for each in people:
        model.add_at_most_one(seats[key] for student in students if (key := (student.id, each.id)) in seats)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        return None
    return {
        student.id: tuple(
            each.id for each in people if solver.boolean_value(seats.get((student.id, each.id), False))
        )
        for student in students
    }
