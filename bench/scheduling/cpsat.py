"""The peer: what a team writes first, the whole problem as one CP-SAT model.

`monolithic` has a variable for each panelist, student and slot; `aggregated` has one for each panelist,
school and slot, and splits the people of a slot into panels afterwards, with a no-good where that fails.

As a program it is called as `python -m scheduling.cpsat MODEL INSTANCE OUT SECONDS`; it tells each better
schedule as a line of JSON on stderr, as `backpack schedule solve` does.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, pairwise
from pathlib import Path

from ortools.sat.python import cp_model

from defenses.domain.scheduling.checking import cost
from defenses.domain.scheduling.exchange import instance_from_wire, solution_to_wire
from defenses.domain.scheduling.instance import (
    Assignment,
    Instance,
    PanelistSlots,
    PanelRule,
    Solution,
    StudentWish,
    Unscheduled,
)

#: CP-SAT's strategies, not cores.
_WORKERS = 8

#: One school in one slot.
Place = tuple[str, int]
Found = Callable[[float, tuple[Assignment, ...]], None]


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


def solve(instance: Instance, *, monolithic: bool, seconds: float, found: Found) -> None:
    """Tell every better schedule with the seconds that it took; ends when the time is over."""
    started = time.monotonic()
    peer = Peer(instance, monolithic=monolithic)
    while (left := seconds - (time.monotonic() - started)) > 0:
        watch = _Watch(peer, started, found)
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = left
        solver.parameters.num_workers = _WORKERS
        status = solver.solve(peer.cp, watch)
        if status != cp_model.OPTIMAL or not watch.impossible:
            break
        for students, people, (school, slot) in watch.impossible:
            literals = [peer.defends[student, slot] for student in students]
            literals += [peer.serves[panelist, school, slot] for panelist in people]
            peer.cp.add_bool_or([~literal for literal in literals])


class _Watch(cp_model.CpSolverSolutionCallback):
    """Reads each solution of CP-SAT; remembers the slots that cannot be split into panels."""

    def __init__(self, peer: Peer, started: float, found: Found) -> None:
        super().__init__()
        self._peer, self._started, self._found = peer, started, found
        self.impossible: list[tuple[list[str], list[str], Place]] = []

    def on_solution_callback(self) -> None:
        peer = self._peer
        seconds = time.monotonic() - self._started
        students: defaultdict[Place, list[str]] = defaultdict(list)
        for (student, slot), variable in peer.defends.items():
            if self.boolean_value(variable):
                students[peer.students[student].school, slot].append(student)
        chosen: list[Assignment] = []
        self.impossible = []
        for place, here in students.items():
            panels = self._panels(place, here)
            free = [room.id for room in peer.rooms[place[0]] if place[1] in room.slots]
            if panels is not None:
                chosen += [
                    Assignment(student, place[1], room, panels[student])
                    for student, room in zip(here, free, strict=False)
                ]
        if not self.impossible:
            self._found(seconds, tuple(chosen))

    def _panels(self, place: Place, here: list[str]) -> dict[str, tuple[str, ...]] | None:
        peer, (school, slot) = self._peer, place
        if peer.judges:
            people = [each.id for each in peer.present(place)]
            return {
                student: tuple(
                    panelist
                    for panelist in people
                    if (panelist, student, slot) in peer.judges
                    and self.boolean_value(peer.judges[panelist, student, slot])
                )
                for student in here
            }
        serving = [e for e in peer.present(place) if self.boolean_value(peer.serves[e.id, school, slot])]
        panels = _split([peer.students[student] for student in here], serving, peer.instance.rule)
        if panels is None:
            self.impossible.append((here, [each.id for each in serving], place))
        return panels


def _split(
    students: Sequence[StudentWish], people: Sequence[PanelistSlots], rule: PanelRule
) -> dict[str, tuple[str, ...]] | None:
    """Return a panel for each student, None if these people cannot be split so."""
    if not students:
        return {}
    for panel in _panels_for(students[0], people, rule):
        rest = _split(students[1:], [each for each in people if each not in panel], rule)
        if rest is not None:
            return {students[0].id: tuple(each.id for each in panel), **rest}
    return None


def _panels_for(
    student: StudentWish, people: Sequence[PanelistSlots], rule: PanelRule
) -> Iterator[tuple[PanelistSlots, ...]]:
    allowed = [each for each in people if each.id not in student.conflicts]
    for panel in combinations(allowed, rule.panel_size):
        roles = Counter(each.role for each in panel)
        if all(roles[role] >= least for role, least in rule.at_least.items()):
            yield panel


def main() -> None:
    """Solve one instance; the best schedule so far is in the file whenever the process is ended."""
    model, source, out, seconds = sys.argv[1:]
    started = time.monotonic()
    instance = instance_from_wire(json.loads(Path(source).read_bytes()))
    before = time.monotonic() - started
    best: list[int] = []

    def found(after: float, chosen: tuple[Assignment, ...]) -> None:
        left = {each.id for each in instance.students} - {each.student for each in chosen}
        out_of = tuple(Unscheduled(each, ()) for each in sorted(left))
        bare = Solution(assignments=chosen, unscheduled=out_of, cost=0, lower_bound=None, seconds=after)
        total = cost(instance, bare).total
        line = {"seconds": round(before + after, 2), "cost": total, "unscheduled": len(left)}
        print(json.dumps(line), file=sys.stderr, flush=True)
        # Moves are not in the model, so that a later solution may be a dearer schedule.
        if not best or total < best[-1]:
            best.append(total)
            Path(out).write_text(json.dumps({**solution_to_wire(bare), "cost": total}))

    left = float(seconds) - before
    solve(instance, monolithic=model == "monolithic", seconds=left, found=found)


if __name__ == "__main__":
    main()
