"""The constraint model: who is in which slot, and who serves in it; panels are split inside each slot later.

Panelists of one role are interchangeable but for conflicts, so a variable for each (panelist, school, slot)
is enough where one for each (panelist, student, slot) would be ten times as many.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import combinations, pairwise, product

from ortools.sat.python import cp_model

from defenses.domain.scheduling.instance import Assignment, Instance, PanelistSlots

#: One school in one slot.
Place = tuple[str, int]


class Model:
    """Variables and constraints of one instance.

    Attributes:
        cp: the CP-SAT model.
        defends: (student, slot) -> whether the student defends then.
        serves: (panelist, school, slot) -> whether the panelist serves there then.
        unavoidable: cost of the students who cannot be scheduled at all; the objective is without it.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.cp = cp_model.CpModel()
        self.people = {panelist.id: panelist for panelist in instance.panelists}
        self.students = {student.id: student for student in instance.students}
        self.defends: dict[tuple[str, int], cp_model.IntVar] = {}
        self.serves: dict[tuple[str, str, int], cp_model.IntVar] = {}
        self.unavoidable = 0
        self._today: dict[tuple[str, int], cp_model.IntVar] = {}
        #: (panelist, slot) -> the slot before it in which a run would go on, and whether one starts here.
        self._starts: dict[tuple[str, int], tuple[int, cp_model.IntVar]] = {}
        self._over: dict[str, cp_model.IntVar] = {}
        self._at: defaultdict[Place, list[str]] = defaultdict(list)
        self._serving: defaultdict[Place, list[str]] = defaultdict(list)
        self._cost: list[cp_model.LinearExprT] = []
        self._add_variables()
        self._add_students()
        for place in self._at:
            self._add_place(place)
        self._add_interpreters()
        for panelist in instance.panelists:
            self._add_panelist(panelist)
        self.cp.minimize(sum(self._cost))

    def hint(self, assignments: Iterable[Assignment]) -> None:
        """Tell the search a schedule to begin with."""
        chosen = {(one.student, one.slot) for one in assignments}
        seats = {(p, self.students[one.student].school, one.slot) for one in assignments for p in one.panel}
        for key, variable in self.defends.items():
            self.cp.add_hint(variable, key in chosen)
        for seat, variable in self.serves.items():
            self.cp.add_hint(variable, seat in seats)
        # The rest follows from these, but a search that must work it out may find no solution in its time.
        busy = {(panelist, slot) for panelist, _, slot in seats}
        days = {(panelist, self.instance.day_of(slot)) for panelist, slot in busy}
        for (panelist, day), variable in self._today.items():
            self.cp.add_hint(variable, (panelist, day) in days)
        for (panelist, slot), (before, variable) in self._starts.items():
            self.cp.add_hint(variable, (panelist, slot) in busy and (panelist, before) not in busy)
        load = Counter(panelist for panelist, _ in busy)
        for panelist_id, variable in self._over.items():
            self.cp.add_hint(variable, max(0, load[panelist_id] - self.people[panelist_id].target))

    def forbid(self, students: Iterable[str], people: Iterable[str], place: Place) -> None:
        """Never again put exactly these people before these students: they cannot be split into panels."""
        school, slot = place
        literals = [self.defends[student, slot] for student in students]
        literals += [self.serves[panelist, school, slot] for panelist in people]
        self.cp.add_bool_or([~literal for literal in literals])

    def _add_variables(self) -> None:
        for panelist in self.instance.panelists:
            for school, slot in product(sorted(panelist.serves), sorted(panelist.slots)):
                self._serving[school, slot].append(panelist.id)
        for student in self.instance.students:
            for slot in sorted(student.tiers):
                if len(self._serving[student.school, slot]) >= self.instance.rule.panel_size:
                    self.defends[student.id, slot] = self.cp.new_bool_var("")
                    self._at[student.school, slot].append(student.id)
        for school, slot in self._at:
            for panelist_id in self._serving[school, slot]:
                self.serves[panelist_id, school, slot] = self.cp.new_bool_var("")

    def _add_students(self) -> None:
        by_student: defaultdict[str, list[cp_model.IntVar]] = defaultdict(list)
        for (student_id, slot), variable in self.defends.items():
            by_student[student_id].append(variable)
            self._cost.append(self.students[student_id].tiers[slot] * variable)
            for other in self.instance.apart[student_id]:
                if student_id < other and (other, slot) in self.defends:
                    self.cp.add_at_most_one(variable, self.defends[other, slot])
        for student in self.instance.students:
            mine = by_student[student.id]
            if mine:
                self.cp.add_at_most_one(mine)
                self._cost.append(self.instance.weights.unscheduled * (1 - sum(mine)))
            else:
                # A constant in the objective would only make every gap look small.
                self.unavoidable += self.instance.weights.unscheduled

    def _add_place(self, place: Place) -> None:
        """Bound one slot of one school by its rooms, and by what its panels need."""
        school, slot = place
        rule = self.instance.rule
        students = self._at[place]
        count = sum(self.defends[student, slot] for student in students)
        rooms = next((each.rooms for each in self.instance.schools if each.id == school), ())
        self.cp.add(count <= sum(slot in room.slots for room in rooms))
        seats = {panelist: self.serves[panelist, school, slot] for panelist in self._serving[place]}
        self.cp.add(sum(seats.values()) == rule.panel_size * count)
        by_role: defaultdict[str, list[str]] = defaultdict(list)
        for panelist in seats:
            by_role[self.people[panelist].role].append(panelist)
        for role, least in rule.at_least.items():
            self.cp.add(sum(seats[panelist] for panelist in by_role[role]) >= least * count)
        for student in students:
            self._add_conflicts(student, slot, seats)

    def _add_conflicts(self, student: str, slot: int, seats: dict[str, cp_model.IntVar]) -> None:
        """A student's own panel comes from those who may judge them: necessary, and nearly sufficient."""
        rule, conflicts = self.instance.rule, self.students[student].conflicts
        if conflicts.isdisjoint(seats):
            return
        here = self.defends[student, slot]
        allowed = [panelist for panelist in seats if panelist not in conflicts]
        self.cp.add(sum(seats[panelist] for panelist in allowed) >= rule.panel_size * here)
        for role, least in rule.at_least.items():
            fitting = [seats[panelist] for panelist in allowed if self.people[panelist].role == role]
            self.cp.add(sum(fitting) >= least * here)

    def _add_interpreters(self) -> None:
        """Give each (language, school, slot) units of the pools that serve it, within their capacity."""
        needs: defaultdict[tuple[str, str, int], list[cp_model.IntVar]] = defaultdict(list)
        for (student_id, slot), variable in self.defends.items():
            student = self.students[student_id]
            if student.interpreter is not None:
                needs[student.interpreter, student.school, slot].append(variable)
        taken: defaultdict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        for (language, school, slot), variables in needs.items():
            units = []
            for number, pool in enumerate(self.instance.interpreters):
                if pool.language == language and school in pool.serves:
                    units.append(self.cp.new_int_var(0, pool.capacity.get(slot, 0), ""))
                    taken[number, slot].append(units[-1])
            self.cp.add(sum(variables) <= sum(units))
        for (number, slot), drawn in taken.items():
            self.cp.add(sum(drawn) <= self.instance.interpreters[number].capacity.get(slot, 0))

    def _add_panelist(self, panelist: PanelistSlots) -> None:
        """Keep a panelist in one place at a time, within the day's limit; count days, blocks and load."""
        seats: dict[int, dict[str, cp_model.IntVar]] = {}
        for school in sorted(panelist.serves):
            for slot in sorted(panelist.slots):
                if (panelist.id, school, slot) in self.serves:
                    seats.setdefault(slot, {})[school] = self.serves[panelist.id, school, slot]
        days: defaultdict[int, list[int]] = defaultdict(list)
        for slot in sorted(seats):
            self.cp.add_at_most_one(seats[slot].values())
            days[self.instance.day_of(slot)].append(slot)
        for day, slots in days.items():
            self._add_day(panelist, day, slots, seats)
        over = self._over[panelist.id] = self.cp.new_int_var(0, len(seats), "")
        self.cp.add(over >= sum(v for slot in seats.values() for v in slot.values()) - panelist.target)
        self._cost.append(self.instance.weights.over_target * over)

    def _add_day(
        self,
        panelist: PanelistSlots,
        day: int,
        slots: list[int],
        seats: dict[int, dict[str, cp_model.IntVar]],
    ) -> None:
        busy = {slot: sum(seats[slot].values()) for slot in slots}
        today, starts = self.cp.new_bool_var(""), []
        self._today[panelist.id, day] = today
        self.cp.add(sum(busy.values()) <= panelist.room_on(day) * today)
        for before, slot in pairwise([-1, *slots]):
            start = self.cp.new_bool_var("")
            self._starts[panelist.id, slot] = (slot - 1 if before == slot - 1 else -1, start)
            self.cp.add(busy[slot] <= start + (busy[before] if before == slot - 1 and before >= 0 else 0))
            self.cp.add(start <= today)
            starts.append(start)
        # Redundant, but it is what gives the bound its strength: a day of service has a block at least.
        self.cp.add(sum(starts) >= today)
        self._cost.append(panelist.day_cost * today)
        self._cost.append(self.instance.weights.block * sum(starts))
        if len(panelist.serves) > 1:
            self._add_travel(slots, seats)

    def _add_travel(self, slots: list[int], seats: dict[int, dict[str, cp_model.IntVar]]) -> None:
        """Leave time between two schools; the cost of moves is left to the fair judgement of the checker."""
        for before, after in combinations(slots, 2):
            for here, leaving in seats[before].items():
                for there, arriving in seats[after].items():
                    travel = self.instance.travel_slots.get(here, {}).get(there, 0)
                    if here != there and after - before <= travel:
                        self.cp.add_at_most_one(leaving, arriving)
