"""The whole problem as one CP-SAT model."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, pairwise

from ortools.sat.python import cp_model

from defenses.domain.scheduling.instance import Instance, PanelistSlots

#: One school in one slot.
Place = tuple[str, int]


class Peer:
    """One instance as a CP-SAT model.

    Attributes:
        cp: the model.
        defends: (student, slot) -> variable.
        serves: (panelist, school, slot) -> variable.
        judges: (panelist, student, slot) -> variable; empty if aggregated.
    """

    def __init__(self, instance: Instance, *, monolithic: bool) -> None:
        self.instance = instance
        self.cp = cp_model.CpModel()
        self.students = {student.id: student for student in instance.students}
        self.people = {panelist.id: panelist for panelist in instance.panelists}
        self.rooms = {school.id: school.rooms for school in instance.schools}
        self.defends: dict[tuple[str, int], cp_model.IntVar] = {}
        self.serves: dict[tuple[str, str, int], cp_model.IntVar] = {}
        self.judges: dict[tuple[str, str, int], cp_model.IntVar] = {}
        self.at: defaultdict[Place, list[str]] = defaultdict(list)
        self.cost: list[cp_model.LinearExprT] = []
        self._add_students()
        for place in self.at:
            self._add_place(place)
            if monolithic:
                self._add_panels(place)
            else:
                self._add_conflicts(place)
        self._add_interpreters()
        self._add_panelists()
        self.cp.minimize(sum(self.cost))

    def present(self, place: Place) -> list[PanelistSlots]:
        """Return who can serve at a place."""
        school, slot = place
        return [each for each in self.instance.panelists if school in each.serves and slot in each.slots]

    def _add_students(self) -> None:
        for student in self.instance.students:
            mine = []
            for slot, tier in sorted(student.tiers.items()):
                mine.append(self.cp.new_bool_var(""))
                self.defends[student.id, slot] = mine[-1]
                self.at[student.school, slot].append(student.id)
                self.cost.append(tier * mine[-1])
            self.cp.add_at_most_one(mine)
            self.cost.append(self.instance.weights.unscheduled * (1 - sum(mine)))
        for (student_id, slot), here in self.defends.items():
            for other in self.instance.apart[student_id]:
                if student_id < other and (other, slot) in self.defends:
                    self.cp.add_at_most_one(here, self.defends[other, slot])

    def _add_place(self, place: Place) -> None:
        school, slot = place
        rule = self.instance.rule
        count = sum(self.defends[student, slot] for student in self.at[place])
        self.cp.add(count <= sum(slot in room.slots for room in self.rooms[school]))
        people = self.present(place)
        seats = {each.id: self.cp.new_bool_var("") for each in people}
        for panelist, seat in seats.items():
            self.serves[panelist, school, slot] = seat
        self.cp.add(sum(seats.values()) == rule.panel_size * count)
        for role, least in rule.at_least.items():
            self.cp.add(sum(seats[each.id] for each in people if each.role == role) >= least * count)

    def _add_panels(self, place: Place) -> None:
        """Say who sits on whose panel."""
        school, slot = place
        rule, people = self.instance.rule, self.present(place)
        sitting: defaultdict[str, list[cp_model.IntVar]] = defaultdict(list)
        for student_id in self.at[place]:
            here = self.defends[student_id, slot]
            panel: list[tuple[str, cp_model.IntVar]] = []
            for each in people:
                if each.id not in self.students[student_id].conflicts:
                    seat = self.judges[each.id, student_id, slot] = self.cp.new_bool_var("")
                    panel.append((each.role, seat))
                    sitting[each.id].append(seat)
            self.cp.add(sum(seat for _, seat in panel) == rule.panel_size * here)
            for role, least in rule.at_least.items():
                self.cp.add(sum(seat for own, seat in panel if own == role) >= least * here)
        for each in people:
            self.cp.add(sum(sitting[each.id]) == self.serves[each.id, school, slot])

    def _add_conflicts(self, place: Place) -> None:
        """Leave each student enough people who may judge them: necessary, and nearly sufficient."""
        school, slot = place
        rule, people = self.instance.rule, self.present(place)
        for student_id in self.at[place]:
            here = self.defends[student_id, slot]
            allowed = [each for each in people if each.id not in self.students[student_id].conflicts]
            for role, least in [(None, rule.panel_size), *rule.at_least.items()]:
                fitting = [each for each in allowed if role in {None, each.role}]
                self.cp.add(sum(self.serves[each.id, school, slot] for each in fitting) >= least * here)

    def _add_interpreters(self) -> None:
        needs: defaultdict[tuple[str, str, int], list[cp_model.IntVar]] = defaultdict(list)
        for (student_id, slot), here in self.defends.items():
            student = self.students[student_id]
            if student.interpreter is not None:
                needs[student.interpreter, student.school, slot].append(here)
        taken: defaultdict[tuple[int, int], list[cp_model.IntVar]] = defaultdict(list)
        for (language, school, slot), wanted in needs.items():
            units = []
            for number, pool in enumerate(self.instance.interpreters):
                if pool.language == language and school in pool.serves:
                    units.append(self.cp.new_int_var(0, pool.capacity.get(slot, 0), ""))
                    taken[number, slot].append(units[-1])
            self.cp.add(sum(wanted) <= sum(units))
        for (number, slot), units in taken.items():
            self.cp.add(sum(units) <= self.instance.interpreters[number].capacity.get(slot, 0))

    def _add_panelists(self) -> None:
        seats: defaultdict[str, dict[int, dict[str, cp_model.IntVar]]] = defaultdict(dict)
        for (panelist, school, slot), seat in self.serves.items():
            seats[panelist].setdefault(slot, {})[school] = seat
        for panelist, mine in seats.items():
            every = [seat for here in mine.values() for seat in here.values()]
            over = self.cp.new_int_var(0, len(every), "")
            self.cp.add(over >= sum(every) - self.people[panelist].target)
            self.cost.append(self.instance.weights.over_target * over)
            days: defaultdict[int, list[int]] = defaultdict(list)
            for slot in sorted(mine):
                self.cp.add_at_most_one(mine[slot].values())
                days[self.instance.day_of(slot)].append(slot)
            for day, slots in days.items():
                self._add_day(self.people[panelist], day, slots, mine)

    def _add_day(
        self,
        panelist: PanelistSlots,
        day: int,
        slots: list[int],
        seats: dict[int, dict[str, cp_model.IntVar]],
    ) -> None:
        busy = {slot: sum(seats[slot].values()) for slot in slots}
        today = self.cp.new_bool_var("")
        self.cp.add(sum(busy.values()) <= panelist.room_on(day) * today)
        starts = []
        for before, slot in pairwise([-1, *slots]):
            starts.append(self.cp.new_bool_var(""))
            self.cp.add(busy[slot] <= starts[-1] + (busy[before] if before == slot - 1 >= 0 else 0))
        self.cost += [panelist.day_cost * today, self.instance.weights.block * sum(starts)]
        if len(panelist.serves) > 1:
            self._add_travel(slots, seats)

    def _add_travel(self, slots: list[int], seats: dict[int, dict[str, cp_model.IntVar]]) -> None:
        """Leave time between two schools; what moves cost is left to the judge, who counts it."""
        for before, after in combinations(slots, 2):
            for here, leaving in seats[before].items():
                for there, arriving in seats[after].items():
                    travel = self.instance.travel_slots.get(here, {}).get(there, 0)
                    if here != there and after - before <= travel:
                        self.cp.add_at_most_one(leaving, arriving)
