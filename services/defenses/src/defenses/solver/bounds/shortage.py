"""Which students cannot all be scheduled, and what they compete for: something a coordinator can act on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from defenses.domain.scheduling.instance import Instance
from defenses.solver.bounds.coverage import DAYS, CoverageModel, limited_solver
from defenses.solver.bounds.view import INTERPRETER, PANELISTS, ROOM, WINDOW, Missing, SchoolView

#: A check that takes longer counts as "they might fit", so that the group stays proven.
_CHECK_S = 5.0


@dataclass(frozen=True)
class Shortage:
    """Students who cannot all be scheduled; without any one of them the others might be.

    Attributes:
        students: ids.
        resource: that would solve it if there were enough: a role, "room", "interpreter L", "panelists",
            "defenses a day" or "window" (the family's); empty if no single one would.
        detail: for people.
    """

    students: tuple[str, ...]
    resource: str
    detail: str


def lone_shortage(missing: Missing) -> Shortage:
    """Return what one student lacks who cannot be scheduled even if nobody else is."""
    resources = missing.resources
    scarcest = max(resources, key=lambda each: (resources[each], each))
    if scarcest == WINDOW:
        return Shortage((missing.student,), WINDOW, "The family has no window within the season.")
    parts = ", ".join(f"{each} in {slots}" for each, slots in sorted(resources.items()))
    detail = f"No slot of the family's windows has all that is needed; missing: {parts} slots."
    return Shortage((missing.student,), scarcest, detail)


def group_shortage(instance: Instance, schools: Sequence[SchoolView], *, seconds: float) -> Shortage | None:
    """Return a smallest group of students that do not fit together, None if none was proven in time.

    No smaller part of the group was proven not to fit.
    """
    stop_at = time.monotonic() + seconds
    group = _core(instance, schools, seconds)
    if group is None:
        return None
    for student in tuple(group):
        smaller = [each for each in group if each != student]
        if _left(stop_at) and _fits(instance, schools, smaller, stop_at) is False:
            group = smaller
    for resource in _resources(instance, group):
        if _left(stop_at) and _fits(instance, schools, group, stop_at, without=resource):
            detail = (
                f"These {len(group)} students cannot all be scheduled; with more of {resource} they could."
            )
            return Shortage(tuple(group), resource, detail)
    detail = f"These {len(group)} students cannot all be scheduled; more of one thing alone would not help."
    return Shortage(tuple(group), "", detail)


def _core(instance: Instance, schools: Sequence[SchoolView], seconds: float) -> list[str] | None:
    """Return students who do not fit together, hardly more than needed."""
    model = CoverageModel(instance, schools)
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
