"""A first schedule in milliseconds a school: what the search starts from."""

from __future__ import annotations

import numpy as np

from defenses.domain.scheduling.instance import Assignment, Instance
from defenses.solver.compiled import compiled
from defenses.solver.panels import ANY_COST, Draft, Share, draft_of, whole_share
from defenses.solver.places import cheapest_place
from defenses.solver.problem import Ints, Problem, problem_of
from defenses.solver.rooms import assignments_of
from defenses.solver.state import State, empty_state, enter


def schedule(instance: Instance) -> tuple[Assignment, ...]:
    """Return a valid schedule of as many students as fit, those with the fewest slots first."""
    problem = problem_of(instance)
    state = empty_state(problem)
    fill(problem, state)
    return assignments_of(instance, state)


def fill(problem: Problem, state: State) -> None:
    """Schedule as many students as fit into a schedule, those with the fewest slots first."""
    order = np.argsort(np.diff(problem.wish_first), kind="stable").astype(np.int32)
    _fill(problem, state, whole_share(problem), draft_of(problem, 0), order)


@compiled
def _fill(problem: Problem, state: State, share: Share, draft: Draft, order: Ints) -> None:
    for student in order:
        if state.slot[student] < 0:
            slot = cheapest_place(problem, state, share, draft, student, 0, 0.0, ANY_COST)
            if slot >= 0:
                enter(problem, state, student, slot, draft.kept)
