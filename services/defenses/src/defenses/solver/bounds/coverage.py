"""The fewest students that any schedule leaves out: who defends when, and who serves in which slot.

Panels are not split here, which makes the problem easier to prove and never harder to fulfil; so what is
proven of it holds for every schedule.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from ortools.sat.python import cp_model

from defenses.domain.scheduling.instance import Instance
from defenses.solver.bounds.view import INTERPRETER, NEVER, PANELISTS, ROOM, SchoolView

#: CP-SAT's strategies, not cores: with as few as two it proves hardly anything.
_WORKERS = 8
_SEED = 1

DAYS = "defenses a day"


@dataclass(frozen=True)
class Least:
    """How many students are left out by every schedule.

    Attributes:
        students: at least so many.
        exact: whether the relaxed problem can be solved with no more.
    """

    students: int
    exact: bool


def least_left_out(
    instance: Instance, schools: Sequence[SchoolView], *, known: int | None, seconds: float
) -> Least:
    """Prove how many students of some schools are left out, whatever happens elsewhere.

    Args:
        instance: the problem.
        schools: those to look at.
        known: how many a schedule leaves out, None if there is none yet; nothing above it is looked for.
        seconds: wall time.
    """
    model = CoverageModel(instance, schools)
    left_out = sum(~chosen for chosen in model.scheduled.values())
    if known is not None:
        # It is easier to refute a better schedule than to find the best one.
        model.cp.add(left_out <= known - 1)
    model.cp.minimize(left_out)
    solver = limited_solver(seconds)
    status = solver.solve(model.cp)
    if status == cp_model.INFEASIBLE and known is not None:
        return Least(known, exact=True)
    if status == cp_model.OPTIMAL:
        return Least(round(solver.objective_value), exact=True)
    return Least(max(0, int(np.ceil(solver.best_objective_bound - 1e-6))), exact=False)


def limited_solver(seconds: float) -> cp_model.CpSolver:
    """Return a solver that stops after so many seconds."""
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.01, seconds)
    solver.parameters.num_workers = _WORKERS
    solver.parameters.random_seed = _SEED
    return solver


class CoverageModel:
    """Students' slots and panelists' seats in some schools, with every rule but the split into panels.

    Attributes:
        cp: the model, without an objective.
        scheduled: student -> whether they have a slot.
        defends: (student, slot) -> whether they defend then.
        serves: panelist -> slot -> school -> whether they serve there then.
    """

    def __init__(
        self,
        instance: Instance,
        schools: Sequence[SchoolView],
        *,
        only: Collection[str] | None = None,
        without: str | None = None,
    ) -> None:
        """Build it.

        Args:
            instance: the problem.
            schools: those to look at.
            only: students; None for all of the schools.
            without: a resource of which there is enough.
        """
        self.cp = cp_model.CpModel()
        self.scheduled: dict[str, cp_model.IntVar] = {}
        self._instance, self._schools, self._only, self._without = instance, schools, only, without
        self._students = {student.id: student for student in instance.students}
        self._role_names = tuple(instance.rule.at_least)
        self.defends: dict[tuple[str, int], cp_model.IntVar] = {}
        self.serves: defaultdict[str, dict[int, dict[str, cp_model.IntVar]]] = defaultdict(dict)
        for view in schools:
            here = self._add_students(view)
            for slot, students in here.items():
                self._add_place(view, slot, students)
        self._add_siblings()
        if without is None or not without.startswith(INTERPRETER):
            self._add_interpreters()
        # Of somebody who serves several schools, all say the same.
        most = {who: (view, row) for view in schools for row, who in enumerate(view.panelists)}
        for panelist, slots in self.serves.items():
            self._add_panelist(*most[panelist], slots)

    def _add_students(self, view: SchoolView) -> dict[int, list[str]]:
        here: defaultdict[int, list[str]] = defaultdict(list)
        for student, tiers in zip(view.students, view.tiers, strict=True):
            if self._only is not None and student not in self._only:
                continue
            mine = []
            for slot in np.flatnonzero(tiers != NEVER).tolist():
                mine.append(self.cp.new_bool_var(""))
                self.defends[student, slot] = mine[-1]
                here[slot].append(student)
            chosen = self.scheduled[student] = self.cp.new_bool_var("")
            self.cp.add(sum(mine) == chosen)
        return here

    def _add_place(self, view: SchoolView, slot: int, students: list[str]) -> None:
        """Bound one slot of one school by its rooms, and by what its panels need."""
        count = sum(self.defends[student, slot] for student in students)
        if self._without != ROOM:
            self.cp.add(count <= int(view.rooms[slot]))
        seats: dict[str, cp_model.IntVar] = {}
        role_of: dict[str, int] = {}
        for row in np.flatnonzero(view.free[:, slot]).tolist():
            panelist = view.panelists[row]
            seats[panelist] = self.cp.new_bool_var("")
            role_of[panelist] = int(view.roles[row])
            self.serves[panelist].setdefault(slot, {})[view.id] = seats[panelist]
        for role, least in self._needs(view):
            fitting = [panelist for panelist in seats if role is None or role_of[panelist] == role]
            self.cp.add(sum(seats[panelist] for panelist in fitting) >= least * count)
            for student in students:
                conflicts = self._students[student].conflicts
                allowed = [seats[panelist] for panelist in fitting if panelist not in conflicts]
                if len(allowed) < len(fitting):
                    self.cp.add(sum(allowed) >= least * self.defends[student, slot])

    def _needs(self, view: SchoolView) -> Iterator[tuple[int | None, int]]:
        """Yield how many seats of each role a panel needs, and of anybody."""
        for role, least in enumerate(view.at_least):
            if self._without != self._role_names[role]:
                yield role, least
        if self._without != PANELISTS:
            yield None, view.panel_size

    def _add_siblings(self) -> None:
        for (student, slot), here in self.defends.items():
            for other in self._instance.apart[student]:
                if student < other and (other, slot) in self.defends:
                    self.cp.add_at_most_one(here, self.defends[other, slot])

    def _add_interpreters(self) -> None:
        """Give each (language, school, slot) units of the pools that serve it, within their capacity."""
        needs: defaultdict[tuple[str, str, int], list[cp_model.IntVar]] = defaultdict(list)
        for (student_id, slot), here in self.defends.items():
            student = self._students[student_id]
            if student.interpreter is not None:
                needs[student.interpreter, student.school, slot].append(here)
        taken: defaultdict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        for (language, school, slot), wanted in needs.items():
            units = []
            for number, pool in enumerate(self._instance.interpreters):
                if pool.language == language and school in pool.serves:
                    units.append(self.cp.new_int_var(0, pool.capacity.get(slot, 0), ""))
                    taken[number, slot].append(units[-1])
            self.cp.add(sum(wanted) <= sum(units))
        for (number, slot), units in taken.items():
            self.cp.add(sum(units) <= self._instance.interpreters[number].capacity.get(slot, 0))

    def _add_panelist(self, view: SchoolView, row: int, slots: dict[int, dict[str, cp_model.IntVar]]) -> None:
        """Keep one in one place at a time, within the day's limit, with time to travel."""
        days: defaultdict[int, list[int]] = defaultdict(list)
        for slot in sorted(slots):
            self.cp.add_at_most_one(slots[slot].values())
            days[slot // view.slots_per_day].append(slot)
        for day, today in days.items():
            if self._without != DAYS:
                busy = [seat for slot in today for seat in slots[slot].values()]
                self.cp.add(sum(busy) <= int(view.most[row, day]))
            self._add_travel(slots, today)

    def _add_travel(self, slots: dict[int, dict[str, cp_model.IntVar]], today: list[int]) -> None:
        for before, after in combinations(today, 2):
            for here, leaving in slots[before].items():
                for there, arriving in slots[after].items():
                    travel = self._travel(here, there)
                    if here != there and after - before <= travel:
                        # The rule is about one defense and the next, so that a short cut may lead around it.
                        ways = [
                            seat
                            for between in today
                            if before < between < after
                            for school, seat in slots[between].items()
                            if self._travel(here, school) + self._travel(school, there) + 1 < travel
                        ]
                        self.cp.add_bool_or(~leaving, ~arriving, *ways)

    def _travel(self, here: str, there: str) -> int:
        return 0 if here == there else self._instance.travel_slots.get(here, {}).get(there, 0)
