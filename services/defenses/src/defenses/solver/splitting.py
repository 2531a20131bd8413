"""The people of one slot, split into a panel for each of its students."""

from __future__ import annotations

from collections.abc import Sequence

from ortools.sat.python import cp_model

from defenses.domain.scheduling.instance import PanelistSlots, PanelRule, StudentWish


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
