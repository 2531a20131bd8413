"""Where a student could be scheduled."""

from __future__ import annotations

from defenses.solver.compiled import compiled, pasted
from defenses.solver.panels import ANY_COST, NO_PANEL, Draft, Share, find_panel, pick
from defenses.solver.problem import Problem
from defenses.solver.state import NONE, State, enter, free_pool, is_apart


@pasted
def has_place(problem: Problem, state: State, student: int, slot: int) -> bool:
    """Whether a student could be in a slot, but for a panel."""
    if state.rooms[problem.school[student], slot] <= 0 or not is_apart(problem, state, student, slot):
        return False
    return problem.need[student] < 0 or free_pool(problem, state, student, slot) >= 0


@compiled
def place_anywhere(problem: Problem, state: State, share: Share, draft: Draft, student: int) -> int:
    """Schedule a student in the first slot that fits, from a random one on; returns the cost, 0 if none."""
    first, count = problem.wish_first[student], problem.wish_first[student + 1] - problem.wish_first[student]
    start = pick(draft, count)
    for n in range(count):
        slot = problem.wish_slot[first + (start + n) % count]
        if has_place(problem, state, student, slot) and (
            find_panel(problem, state, share, draft, student, slot, 0.0, ANY_COST) != NO_PANEL
        ):
            return enter(problem, state, student, slot, draft.panel)
    return 0


@compiled
def cheapest_place(
    problem: Problem,
    state: State,
    share: Share,
    draft: Draft,
    student: int,
    start: int,
    noise: float,
    most: float,
) -> int:
    """Find the slot in which a student costs least, and its panel into `draft.kept`; NONE if there is none.

    Of equal ones it is the first from the `start`th of the student's slots on. With `noise` a panel is not
    always the cheapest; what costs more than `most` is not looked for.
    """
    first, count = problem.wish_first[student], problem.wish_first[student + 1] - problem.wish_first[student]
    chosen = NONE
    for n in range(count):
        wish = first + (start + n) % count
        slot = problem.wish_slot[wish]
        if not has_place(problem, state, student, slot):
            continue
        tier = problem.wish_tier[wish]
        cost = find_panel(problem, state, share, draft, student, slot, noise, most - tier)
        if cost != NO_PANEL and cost + tier <= most:
            # All costs are whole numbers.
            chosen, most = slot, float(cost + tier - 1)
            for seat in range(problem.panel_size):
                draft.kept[seat] = draft.panel[seat]
    return int(chosen)
