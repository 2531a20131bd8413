"""A larger change: all that a panelist does on a day is taken apart, and put together anew.

Small changes hardly ever close a day of which little is used: the first of them would cost more.
"""

from __future__ import annotations

from defenses.solver.compiled import compiled
from defenses.solver.moves import dearest
from defenses.solver.panels import MOST_APART, Draft, Share, pick
from defenses.solver.places import cheapest_place
from defenses.solver.problem import Problem
from defenses.solver.state import State, enter, leave


@compiled
def rebuild(
    problem: Problem, state: State, share: Share, draft: Draft, student: int, temperature: float
) -> int:
    """Schedule all students of one of a student's panelists on that day anew, each where it costs least."""
    who = state.panel[student, pick(draft, problem.panel_size)]
    count = _gather_day(problem, state, share, draft, who, state.slot[student])
    if count == 0:
        return 0
    most = dearest(draft, temperature)
    start = pick(draft, count)
    delta = 0
    for n in range(count):
        delta -= leave(problem, state, draft.gone[n])
    # Nobody who is scheduled saves more than that.
    saving = problem.left_out + problem.block * problem.panel_size
    placed = 0
    while placed < count:
        other = draft.gone[(start + placed) % count]
        allowed = most - delta + problem.left_out + (count - placed - 1) * saving
        wishes = problem.wish_first[other + 1] - problem.wish_first[other]
        first = pick(draft, wishes)
        slot = cheapest_place(problem, state, share, draft, other, first, temperature, allowed)
        if slot < 0:
            break
        delta += enter(problem, state, other, slot, draft.kept)
        placed += 1
    if placed == count and delta <= most:
        return delta
    for n in range(placed):
        leave(problem, state, draft.gone[(start + n) % count])
    _put_back(problem, state, draft, count)
    return 0


@compiled
def _put_back(problem: Problem, state: State, draft: Draft, count: int) -> None:
    for n in range(count):
        for seat in range(problem.panel_size):
            draft.kept[seat] = draft.gone_panel[n, seat]
        enter(problem, state, draft.gone[n], draft.gone_slot[n], draft.kept)


@compiled
def _gather_day(problem: Problem, state: State, share: Share, draft: Draft, who: int, slot: int) -> int:
    """Put all whom a panelist judges on a day into the draft; returns how many, 0 if one may not move."""
    first = slot - slot % problem.per_day
    count = 0
    for other in range(first, first + problem.per_day):
        student = state.at[who, other]
        if student < 0:
            continue
        if not share.students[student] or count == MOST_APART:
            return 0
        draft.gone[count] = student
        draft.gone_slot[count] = other
        for seat in range(problem.panel_size):
            draft.gone_panel[count, seat] = state.panel[student, seat]
        count += 1
    return count
