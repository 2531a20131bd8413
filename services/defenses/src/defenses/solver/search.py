"""Search: a greedy schedule, then CP-SAT from there within a limit of time; always an answer."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ortools.sat.python import cp_model

from defenses.domain.scheduling.checking import cost, faults
from defenses.domain.scheduling.instance import Assignment, Instance, Solution, Unscheduled
from defenses.solver import greedy
from defenses.solver.model import Model, Place
from defenses.solver.panels import split

_SEED = 1
#: Left of the limit for another round after panels could not be split; rare.
_LEAST_ROUND_S = 0.5


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How hard to search.

    Attributes:
        seconds: wall time.
        workers: CP-SAT's strategies, not cores: with 8 it finds a bound on 2 cores, with 2 hardly any.
        gap: relative distance to the bound that is good enough.
    """

    seconds: float
    workers: int
    gap: float


def search(instance: Instance, limits: Limits) -> Solution:
    """Return the best schedule found within the limits."""
    started = time.monotonic()
    first = greedy.schedule(instance)
    best = _solution(instance, first, None, time.monotonic() - started)
    model = Model(instance)
    model.hint(first)
    while limits.seconds - (time.monotonic() - started) > _LEAST_ROUND_S:
        left = limits.seconds - (time.monotonic() - started)
        solver = _solver(limits, left)
        status = solver.solve(model.cp)
        if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
            break
        found = _assignments(model, solver)
        if found is not None:
            bound = solver.best_objective_bound + model.unavoidable
            return _better(best, _solution(instance, found, bound, time.monotonic() - started), instance)
    return best


def _solver(limits: Limits, seconds: float) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = limits.workers
    solver.parameters.relative_gap_limit = limits.gap
    solver.parameters.random_seed = _SEED
    return solver


def _assignments(model: Model, solver: cp_model.CpSolver) -> tuple[Assignment, ...] | None:
    """Give every student a room and a panel; None, and a new constraint, where a slot cannot be split."""
    students: defaultdict[Place, list[str]] = defaultdict(list)
    people: defaultdict[Place, list[str]] = defaultdict(list)
    for (student, slot), variable in model.defends.items():
        if solver.boolean_value(variable):
            students[model.students[student].school, slot].append(student)
    for (panelist, school, slot), variable in model.serves.items():
        if solver.boolean_value(variable):
            people[school, slot].append(panelist)
    found: list[Assignment] = []
    complete = True
    for place, here in students.items():
        panels = split(
            [model.students[student] for student in here],
            [model.people[panelist] for panelist in people[place]],
            model.instance.rule,
        )
        if panels is None:
            model.forbid(here, people[place], place)
            complete = False
            continue
        rooms = _rooms(model.instance, place)
        found += [
            Assignment(student, place[1], room, panels[student])
            for student, room in zip(here, rooms, strict=False)
        ]
    return tuple(found) if complete else None


def _rooms(instance: Instance, place: Place) -> list[str]:
    school, slot = place
    return [
        room.id for each in instance.schools if each.id == school for room in each.rooms if slot in room.slots
    ]


def _solution(
    instance: Instance, assignments: Iterable[Assignment], bound: float | None, seconds: float
) -> Solution:
    placed = tuple(sorted(assignments, key=lambda one: (one.slot, one.room)))
    left = {student.id for student in instance.students} - {one.student for one in placed}
    unscheduled = tuple(Unscheduled(student, ()) for student in sorted(left))
    bare = Solution(assignments=placed, unscheduled=unscheduled, cost=0, lower_bound=bound, seconds=seconds)
    return Solution(
        assignments=placed,
        unscheduled=unscheduled,
        cost=cost(instance, bare).total,
        lower_bound=bound,
        seconds=seconds,
    )


def _better(one: Solution, other: Solution, instance: Instance) -> Solution:
    """Return the cheaper one, with the bound of the search."""
    if faults(instance, other) or one.cost < other.cost:
        return Solution(
            assignments=one.assignments,
            unscheduled=one.unscheduled,
            cost=one.cost,
            lower_bound=other.lower_bound,
            seconds=other.seconds,
        )
    return other
