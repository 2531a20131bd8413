"""Simulated annealing: changes of a schedule are drawn, and those who are left out are inserted.

Of the changes in `moves`, `insert` is not one: it makes room for a student who is left out.
"""

from __future__ import annotations

from defenses.solver.compiled import compiled, inlined, pasted
from defenses.solver.moves import colleague, exchange, fellow, is_kept, relocate, swap
from defenses.solver.panels import ANY_COST, NO_PANEL, Draft, Share, chance, find_panel, pick
from defenses.solver.places import has_place, place_anywhere
from defenses.solver.problem import Ints, Problem
from defenses.solver.rebuilding import rebuild
from defenses.solver.state import State, enter, leave

#: Of all changes, those of each kind; the rest are exchanges. A rebuilding takes as long as fifty others.
_REBUILD, _RELOCATE, _SWAP = 0.01, 0.4, 0.2
#: Changes tried for each student who is left out, in each round.
_INSERTIONS = 50


@compiled
def insert(
    problem: Problem, state: State, share: Share, draft: Draft, student: int, temperature: float
) -> int:
    """Schedule a student who is left out, if need be instead of one who then goes elsewhere."""
    delta = place_anywhere(problem, state, share, draft, student)
    if delta != 0:
        return delta
    first, count = problem.wish_first[student], problem.wish_first[student + 1] - problem.wish_first[student]
    slot = problem.wish_slot[first + pick(draft, count)]
    victim = _victim(problem, state, draft, student, slot)
    if victim < 0 or not share.students[victim]:
        return 0
    old = state.slot[victim]
    for seat in range(problem.panel_size):
        draft.kept[seat] = state.panel[victim, seat]
    delta = -leave(problem, state, victim)
    if has_place(problem, state, student, slot) and (
        find_panel(problem, state, share, draft, student, slot, 0.0, ANY_COST) != NO_PANEL
    ):
        delta += enter(problem, state, student, slot, draft.panel)
        delta += place_anywhere(problem, state, share, draft, victim)
        if is_kept(draft, delta, temperature):
            return delta
        if state.slot[victim] >= 0:
            leave(problem, state, victim)
        leave(problem, state, student)
    enter(problem, state, victim, old, draft.kept)
    return 0


@pasted
def _victim(problem: Problem, state: State, draft: Draft, student: int, slot: int) -> int:
    """Return somebody who has what a student needs: before a panelist of the slot, on that day."""
    who = colleague(problem, draft, problem.school[student], slot)
    if state.at[who, slot] >= 0:
        return int(state.at[who, slot])
    other = slot - slot % problem.per_day + pick(draft, problem.per_day)
    return int(state.at[who, other])


@inlined
def _change(
    problem: Problem, state: State, share: Share, draft: Draft, student: int, temperature: float
) -> int:
    """Try one change of a scheduled student, of a kind that is drawn."""
    kind = chance(draft) - _REBUILD
    if kind < 0.0:
        return rebuild(problem, state, share, draft, student, temperature)
    if kind < _RELOCATE:
        return relocate(problem, state, share, draft, student, temperature)
    if kind < _RELOCATE + _SWAP:
        other = fellow(problem, draft, problem.school[student])
        if other == student or not share.students[other] or state.slot[other] < 0:
            return 0
        return swap(problem, state, draft, student, other, temperature)
    return exchange(problem, state, share, draft, student, temperature)


@inlined
def _insert_left_out(
    problem: Problem, state: State, share: Share, draft: Draft, school: int, temperature: float
) -> int:
    """Try to schedule those of a school who are left out."""
    total = 0
    for n in range(problem.member_first[school], problem.member_first[school + 1]):
        student = problem.member[n]
        if share.students[student] and problem.wish_first[student] < problem.wish_first[student + 1]:
            for _ in range(_INSERTIONS):
                if state.slot[student] < 0:
                    total += insert(problem, state, share, draft, student, temperature)
    return total


@compiled
def anneal(
    problem: Problem,
    state: State,
    share: Share,
    draft: Draft,
    schools: Ints,
    effort: int,
    temperature: float,
) -> int:
    """Try `effort` changes for each student of some schools, school by school; returns the change of cost.

    A school's part of the arrays is small, which is why it is not left before it has had its turn.
    """
    total = 0
    for school in schools:
        total += _insert_left_out(problem, state, share, draft, school, temperature)
        for _ in range(effort * (problem.member_first[school + 1] - problem.member_first[school])):
            student = fellow(problem, draft, school)
            if share.students[student] and state.slot[student] >= 0:
                total += _change(problem, state, share, draft, student, temperature)
    return total
