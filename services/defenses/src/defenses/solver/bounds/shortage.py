"""Which students cannot all be scheduled, and what they compete for: something a coordinator can act on."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence

from ortools.sat.python import cp_model

from defenses.domain.scheduling.instance import Instance
from defenses.domain.scheduling.reasons import Shortage
from defenses.solver.bounds.coverage import DAYS, CoverageModel, limited_solver
from defenses.solver.bounds.view import INTERPRETER, PANELISTS, ROOM, Missing, SchoolView

#: A check that takes longer counts as "they might fit", so that the group stays proven.
_CHECK_S = 5.0


def lone_shortage(missing: Missing) -> Shortage:
    """Return what one student lacks who cannot be scheduled even if nobody else is."""
    resources = missing.resources
    return Shortage((missing.student,), max(resources, key=lambda each: (resources[each], each)))


def group_shortage(
    instance: Instance, schools: Sequence[SchoolView], *, without: Collection[str] = (), seconds: float
) -> Shortage | None:
    """Return a smallest group of students that do not fit together, None if none was proven in time.

    No smaller part of the group was proven not to fit.

    Args:
        instance: the problem.
        schools: whose students may be in it.
        without: students who are not in it.
        seconds: wall time.
    """
    stop_at = time.monotonic() + seconds
    group = _core(instance, schools, without, seconds)
    if group is None:
        return None
    for student in tuple(group):
        smaller = [each for each in group if each != student]
        if _left(stop_at) and _fits(instance, schools, smaller, stop_at) is False:
            group = smaller
    for resource in _resources(instance, group):
        if _left(stop_at) and _fits(instance, schools, group, stop_at, without=resource):
            return Shortage(tuple(group), resource)
    return Shortage(tuple(group), "")


def _core(
    instance: Instance, schools: Sequence[SchoolView], without: Collection[str], seconds: float
) -> list[str] | None:
    """Return students who do not fit together, hardly more than needed."""
    everybody = {student for view in schools for student in view.students}
    model = CoverageModel(instance, schools, only=everybody.difference(without))
    names = {chosen.index: student for student, chosen in model.scheduled.items()}
    model.cp.add_assumptions(list(model.scheduled.values()))
    solver = limited_solver(seconds)
    # Only a single worker tells which assumptions it refuted.
    solver.parameters.num_workers = 1
    if solver.solve(model.cp) != cp_model.INFEASIBLE:
        return None
    return [names[index] for index in solver.sufficient_assumptions_for_infeasibility()]


def _fits(
    instance: Instance,
    schools: Sequence[SchoolView],
    students: Sequence[str],
    stop_at: float,
    *,
    without: str | None = None,
) -> bool | None:
    """Tell whether students can all be scheduled if there is nobody else, None if that took too long."""
    model = CoverageModel(instance, schools, only=set(students), without=without)
    for chosen in model.scheduled.values():
        model.cp.add(chosen == 1)
    status = limited_solver(min(_CHECK_S, _left(stop_at))).solve(model.cp)
    if status in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return True
    return False if status == cp_model.INFEASIBLE else None


def _resources(instance: Instance, group: Sequence[str]) -> Iterator[str]:
    wanted = {student.id: student.interpreter for student in instance.students}
    yield ROOM
    yield from instance.rule.at_least
    for language in sorted({language for each in group if (language := wanted[each])}):
        yield f"{INTERPRETER} {language}"
    yield PANELISTS
    yield DAYS


def _left(stop_at: float) -> float:
    return max(0.0, stop_at - time.monotonic())
