"""A problem as one model for CP-SAT, with everything but who of a slot's people sits on which panel.

The people of a slot are split into panels afterwards, and where that fails, the slot's choice is forbidden.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from ortools.sat.python import cp_model

from defenses.domain.scheduling.instance import Assignment, Instance, PanelistSlots
from defenses.solver.bounds.coverage import CoverageModel, limited_solver
from defenses.solver.bounds.view import SchoolView
from defenses.solver.rooms import rooms_of
from defenses.solver.splitting import split

#: Numbers of a bound are not exact.
_TOLERANCE = 1e-6
#: Of CP-SAT's strategies those that raise the bound of such a problem: the first of the smallest, the others
#: of schools of 25; and one that finds schedules. What is left of its workers looks around the best schedule.
_STRATEGIES = (
    "core",
    "core",
    "probing_max_lp",
    "max_lp_sym",
    "reduced_costs",
    "objective_lb_search_max_lp",
    "quick_restart",
)

#: One school in one slot.
Place = tuple[str, int]
Schedule = tuple[Assignment, ...]
#: The value of a variable: of a solution, or of the solver at its end.
_Values = cp_model.CpSolver | cp_model.CpSolverSolutionCallback


@dataclass(frozen=True)
class Limits:
    """Of one run of CP-SAT: seconds, work in its own units (may be infinite), and a relative gap."""

    seconds: float
    work: float
    gap: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one run of CP-SAT says.

    Attributes:
        is_splittable: whether nothing was forbidden because its people make no panels.
        at_least: nothing is below it of what it was to make small; 0 if nothing was proven.
        work: in CP-SAT's units.
    """

    is_splittable: bool
    at_least: int
    work: float


class WholeModel:
    """The model.

    Attributes:
        missing: how many students have no possible slot.
    """

    def __init__(self, instance: Instance, schools: Sequence[SchoolView]) -> None:
        self._instance = instance
        self._students = {student.id: student for student in instance.students}
        self._people = {panelist.id: panelist for panelist in instance.panelists}
        self._rooms = rooms_of(instance)
        self._model = CoverageModel(instance, schools)
        self.missing = len(instance.students) - len(self._model.scheduled)
        self._left_out = self.missing + sum(~chosen for chosen in self._model.scheduled.values())
        self._here: defaultdict[Place, list[str]] = defaultdict(list)
        self._there: defaultdict[Place, dict[str, cp_model.IntVar]] = defaultdict(dict)
        self._soft: list[cp_model.LinearExprT] = []
        #: Whether a panelist serves on a day, and begins a run in a slot; whether a school is open on a day.
        self._days: dict[tuple[str, int], cp_model.IntVar] = {}
        self._starts: dict[tuple[str, int], cp_model.IntVar] = {}
        self._opens: dict[tuple[str, int], cp_model.IntVar] = {}
        self._over: dict[str, cp_model.IntVar] = {}
        for (student, slot), here in self._model.defends.items():
            self._here[self._students[student].school, slot].append(student)
            self._soft.append(self._students[student].tiers[slot] * here)
        for panelist, slots in self._model.serves.items():
            self._add_panelist(self._people[panelist], slots)
        for place, students in self._here.items():
            count = sum(self._model.defends[student, place[1]] for student in students)
            seats = self._there[place].values()
            self._model.cp.add(sum(seats) == instance.rule.panel_size * count)
        self._add_open_days()

    def aim_at(self, unscheduled: int, *, is_soft: bool) -> None:
        """Look for at most so many students left out, and for the least soft cost, or for still fewer."""
        self._model.cp.add(self._left_out <= unscheduled)
        self._model.cp.minimize(sum(self._soft) if is_soft else self._left_out)

    def solved(self, start: Schedule, limits: Limits, found: Callable[[Schedule], None]) -> Answer:
        """Look for a schedule, from one that is known.

        Args:
            start: a valid schedule.
            limits: what is reached first ends it.
            found: told of each schedule on the way, of which each is better than the one before.
        """
        self._hint(start)
        solver = limited_solver(limits.seconds)
        parameters = solver.parameters
        parameters.relative_gap_limit = limits.gap
        parameters.linearization_level = 2
        parameters.subsolvers.extend(_STRATEGIES)
        if limits.work < math.inf:
            parameters.max_deterministic_time = limits.work
            # What one strategy learns reaches the others at the same moment each time.
            parameters.interleave_search = True
        status = solver.solve(self._model.cp, _Watch(self._schedule, found))
        work = solver.response_proto.deterministic_time
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            return Answer(is_splittable=True, at_least=0, work=work)
        refused = [place for place in self._here if self._panels(place, solver) is None]
        for place in refused:
            self._forbid(place, solver)
        bound = math.ceil(solver.best_objective_bound - _TOLERANCE)
        return Answer(is_splittable=not refused, at_least=max(0, bound), work=work)

    def _schedule(self, values: _Values) -> Schedule | None:
        """Return a solution as a schedule, None if the people of a slot cannot be split into panels."""
        found: list[Assignment] = []
        for place in self._here:
            panels = self._panels(place, values)
            if panels is None:
                return None
            found += [
                Assignment(student, place[1], room, panel)
                for (student, panel), room in zip(panels.items(), self._rooms[place], strict=False)
            ]
        return tuple(sorted(found, key=lambda one: (one.slot, one.room)))

    def _panels(self, place: Place, values: _Values) -> dict[str, tuple[str, ...]] | None:
        students, people = self._chosen(place, values)
        return split(
            [self._students[each] for each in students],
            [self._people[each] for each in people],
            self._instance.rule,
        )

    def _chosen(self, place: Place, values: _Values) -> tuple[list[str], list[str]]:
        """Return who defends at a place, and who serves there."""
        defends, slot = self._model.defends, place[1]
        students = [each for each in self._here[place] if values.boolean_value(defends[each, slot])]
        return students, [who for who, seat in self._there[place].items() if values.boolean_value(seat)]

    def _forbid(self, place: Place, values: _Values) -> None:
        students, people = self._chosen(place, values)
        literals = [self._model.defends[each, place[1]] for each in students]
        literals += [self._there[place][each] for each in people]
        self._model.cp.add_bool_or(~literal for literal in literals)

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
            most = panelist.room_on(day)
            model.add(sum(busy[slot] for slot in today) <= most * serving)
            self._soft.append(panelist.day_cost * serving)
            starts = {slot: model.new_bool_var("") for slot in today}
            # Not only of the slot before: runs longer than a day may be would be cheap in fractions.
            for slot in today:
                run = takewhile(starts.__contains__, range(slot, slot - most, -1))
                model.add(busy[slot] <= sum(starts[each] for each in run))
                model.add(
                    busy[slot] <= sum([starts[slot], *([busy[slot - 1]] if slot - 1 in starts else [])])
                )
                model.add(busy[slot] <= serving)
                self._starts[panelist.id, slot] = starts[slot]
            model.add(serving <= sum(starts.values()))
            self._soft.append(weights.block * sum(starts.values()))
            if len(panelist.serves) > 1:
                self._add_moves(today, slots)

    def _add_moves(self, today: Sequence[int], slots: Mapping[int, Mapping[str, cp_model.IntVar]]) -> None:
        """Count how often somebody changes schools on a day, from where they were last."""
        model = self._model.cp
        last: dict[str, cp_model.IntVar] = {}
        for slot in today:
            seats = slots[slot]
            moved = model.new_bool_var("")
            for school, seat in seats.items():
                model.add(moved >= seat + sum(was for other, was in last.items() if other != school) - 1)
            self._soft.append(self._instance.weights.move * moved)
            now = {school: model.new_bool_var("") for school in last.keys() | seats.keys()}
            for school, here in now.items():
                if school in seats:
                    model.add(here >= seats[school])
                if school in last:
                    model.add(here >= last[school] - sum(seats.values()))
            last = now

    def _add_open_days(self) -> None:
        """Say that a day with a defense has the people of a whole panel.

        It follows from the rest, but not for the fractions of days by which CP-SAT reckons its bound.
        """
        model, rule = self._model.cp, self._instance.rule
        there: defaultdict[tuple[str, int], dict[str, cp_model.IntVar]] = defaultdict(dict)
        for (school, slot), people in self._there.items():
            day = self._instance.day_of(slot)
            there[school, day].update({who: self._days[who, day] for who in people})
        on_day: defaultdict[tuple[str, int], list[cp_model.IntVar]] = defaultdict(list)
        for (student, slot), here in self._model.defends.items():
            on_day[student, self._instance.day_of(slot)].append(here)
        for (student, day), mine in on_day.items():
            key = self._students[student].school, day
            if key not in self._opens:
                self._opens[key] = model.new_bool_var("")
            model.add(sum(mine) <= self._opens[key])
        for key, is_open in self._opens.items():
            serving = there[key]
            model.add(sum(serving.values()) >= rule.panel_size * is_open)
            for role, least in rule.at_least.items():
                fitting = [each for who, each in serving.items() if self._people[who].role == role]
                model.add(sum(fitting) >= least * is_open)

    def _hint(self, start: Schedule) -> None:
        model = self._model
        slots = {one.student: one.slot for one in start}
        days = {(self._students[one.student].school, self._instance.day_of(one.slot)) for one in start}
        model.cp.clear_hints()  # type: ignore[no-untyped-call]  # of OR-tools
        for student, chosen in model.scheduled.items():
            model.cp.add_hint(chosen, student in slots)
        for (student, slot), here in model.defends.items():
            model.cp.add_hint(here, slots.get(student) == slot)
        for key, is_open in self._opens.items():
            model.cp.add_hint(is_open, key in days)
        self._hint_people(start)

    def _hint_people(self, start: Schedule) -> None:
        model = self._model
        seats = {(who, one.slot): self._students[one.student].school for one in start for who in one.panel}
        loads = Counter(who for who, _ in seats)
        days = {(who, self._instance.day_of(slot)) for who, slot in seats}
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


class _Watch(cp_model.CpSolverSolutionCallback):
    """Tells of each solution that is a schedule."""

    def __init__(self, read: Callable[[_Values], Schedule | None], found: Callable[[Schedule], None]) -> None:
        super().__init__()
        self._read, self._found = read, found

    def on_solution_callback(self) -> None:
        """Read it."""
        schedule = self._read(self)
        if schedule is not None:
            self._found(schedule)
