"""Small changes of a schedule: of those that cost more, some are kept, the more the higher the temperature.

`relocate` gives a student another slot with the cheapest panel there, `swap` lets two students change places,
and `exchange` lets two panelists change places for a slot, a run or a day.
"""

from __future__ import annotations

import math

from defenses.solver.compiled import inlined, pasted
from defenses.solver.panels import NO_PANEL, Draft, Share, chance, find_panel, pick
from defenses.solver.places import has_place
from defenses.solver.problem import Ints, Problem
from defenses.solver.state import (
    NONE,
    State,
    can_travel,
    conflicts,
    day_cost,
    enter,
    free_pool,
    is_apart,
    leave,
    tier_of,
)

#: Of all relocations, those into a slot next to another defense of the school, where panels are at work.
_NEAR = 0.6
#: Of all exchanges, those for a day and for a run; the rest are for one slot.
_WHOLE_DAY, _RUN = 1 / 3, 1 / 3


@pasted
def is_kept(draft: Draft, delta: int, temperature: float) -> bool:
    """Whether a change is kept that costs so much more."""
    return delta <= 0 or chance(draft) < math.exp(-delta / temperature)


@pasted
def dearest(draft: Draft, temperature: float) -> float:
    """Return how much more the next change may cost: the same chance as that of being kept."""
    return -temperature * math.log(1.0 - chance(draft))


@pasted
def fellow(problem: Problem, draft: Draft, school: int) -> int:
    """Return a student of a school."""
    first = problem.member_first[school]
    return int(problem.member[first + pick(draft, problem.member_first[school + 1] - first)])


@pasted
def colleague(problem: Problem, draft: Draft, school: int, slot: int) -> int:
    """Return a panelist who serves a school and is available in a slot; there must be one."""
    place = school * problem.rooms.shape[1] + slot
    first = problem.seat_first[place]
    return int(problem.seat[first + pick(draft, problem.seat_first[place + 1] - first)])


@pasted
def _target(problem: Problem, state: State, draft: Draft, student: int) -> int:
    """Return a slot to try, NONE if the one drawn does not suit the family."""
    first, after = problem.wish_first[student], problem.wish_first[student + 1]
    if chance(draft) >= _NEAR:
        return int(problem.wish_slot[first + pick(draft, after - first)])
    school = problem.school[student]
    start, count = (
        problem.member_first[school],
        problem.member_first[school + 1] - problem.member_first[school],
    )
    other = problem.member[start + pick(draft, count)]
    if state.slot[other] < 0:
        return NONE
    slot = state.slot[other] + pick(draft, 3) - 1
    return slot if tier_of(problem, student, slot) >= 0 else NONE


@pasted
def _keep(draft: Draft) -> None:
    for seat in range(len(draft.panel)):
        draft.kept[seat] = draft.panel[seat]


@inlined
def relocate(
    problem: Problem, state: State, share: Share, draft: Draft, student: int, temperature: float
) -> int:
    """Give a student another slot, or the same one with another panel."""
    old = state.slot[student]
    slot = _target(problem, state, draft, student)
    if slot < 0 or (slot != old and not has_place(problem, state, student, slot)):
        return 0
    for seat in range(problem.panel_size):
        draft.kept[seat] = state.panel[student, seat]
    saved = leave(problem, state, student)
    kept = 0
    fixed = tier_of(problem, student, slot) - problem.left_out - saved
    most = dearest(draft, temperature)
    cost = find_panel(problem, state, share, draft, student, slot, temperature, most - fixed)
    if cost != NO_PANEL and cost + fixed <= most:
        old, kept = slot, cost + fixed
        _keep(draft)
    enter(problem, state, student, old, draft.kept)
    return int(kept)


@pasted
def _may_judge(problem: Problem, state: State, student: int, judged: int) -> bool:
    """Whether a student may come before the panel of another one."""
    for seat in range(problem.panel_size):
        if conflicts(problem, student, state.panel[judged, seat]):
            return False
    return True


@inlined
def _put(problem: Problem, state: State, student: int, slot: int, panel: Ints) -> None:
    """Put a student into the place of another one, whose panelists serve on."""
    state.slot[student] = slot
    for seat in range(problem.panel_size):
        state.panel[student, seat] = panel[seat]
        state.at[panel[seat], slot] = student
    if problem.need[student] >= 0:
        state.pool[student] = free_pool(problem, state, student, slot)
        state.units[state.pool[student], slot] -= 1


@pasted
def _take_out(problem: Problem, state: State, student: int) -> int:
    """Take a student out of a place that somebody else gets; returns the slot."""
    slot = state.slot[student]
    if problem.need[student] >= 0:
        state.units[state.pool[student], slot] += 1
        state.pool[student] = NONE
    state.slot[student] = NONE
    return int(slot)


@inlined
def swap(problem: Problem, state: State, draft: Draft, one: int, other: int, temperature: float) -> int:
    """Let two students of a school change places; only their own wishes decide about the cost."""
    there, here = state.slot[other], state.slot[one]
    tier, other_tier = tier_of(problem, one, there), tier_of(problem, other, here)
    if here == there or tier < 0 or other_tier < 0:
        return 0
    delta = tier + other_tier - tier_of(problem, one, here) - tier_of(problem, other, there)
    if not is_kept(draft, delta, temperature):
        return 0
    if not (_may_judge(problem, state, one, other) and _may_judge(problem, state, other, one)):
        return 0
    for seat in range(problem.panel_size):
        draft.panel[seat] = state.panel[one, seat]
        draft.kept[seat] = state.panel[other, seat]
    _take_out(problem, state, one)
    _take_out(problem, state, other)
    if _fits(problem, state, one, there) and _fits(problem, state, other, here):
        _put(problem, state, one, there, draft.kept)
        _put(problem, state, other, here, draft.panel)
        return delta
    _put(problem, state, one, here, draft.panel)
    _put(problem, state, other, there, draft.kept)
    return 0


@pasted
def _fits(problem: Problem, state: State, student: int, slot: int) -> bool:
    """Whether nobody is in the slot who must not be, and there is an interpreter if one is needed."""
    if not is_apart(problem, state, student, slot):
        return False
    return problem.need[student] < 0 or free_pool(problem, state, student, slot) >= 0


@inlined
def _may_replace(problem: Problem, state: State, share: Share, who: int, by: int, slot: int) -> bool:
    """Whether somebody could have another panelist's seat in a slot, if they were free."""
    student = state.at[who, slot]
    if student < 0:
        return True
    if not share.students[student] or not problem.available[by, slot]:
        return False
    if not problem.serves[by, problem.school[student]] or conflicts(problem, student, by):
        return False
    role = problem.role[who]
    if role == problem.role[by] or problem.least[role] == 0:
        return True
    count = 0
    for seat in range(problem.panel_size):
        if problem.role[state.panel[student, seat]] == role:
            count += 1
    return bool(count > problem.least[role])


@pasted
def _give(problem: Problem, state: State, student: int, who: int, by: int, slot: int) -> None:
    """Replace a panelist of a student; the tables of the two panelists are for the caller to set."""
    for seat in range(problem.panel_size):
        if state.panel[student, seat] == who:
            state.panel[student, seat] = by
    state.at[by, slot] = student


@inlined
def _trade(problem: Problem, state: State, one: int, other: int, first: int, last: int) -> None:
    """Let two panelists change all places from one slot to another; doing it twice changes nothing."""
    day = first // problem.per_day
    for slot in range(first, last + 1):
        mine, theirs = state.at[one, slot], state.at[other, slot]
        if mine == theirs:
            continue
        state.at[one, slot], state.at[other, slot] = NONE, NONE
        if mine >= 0:
            _give(problem, state, mine, one, other, slot)
        if theirs >= 0:
            _give(problem, state, theirs, other, one, slot)
        moved = int(theirs >= 0) - int(mine >= 0)
        state.used[one, day] += moved
        state.load[one] += moved
        state.used[other, day] -= moved
        state.load[other] -= moved


@inlined
def _keeps_rules(problem: Problem, state: State, who: int, first: int, last: int) -> bool:
    """Whether a panelist has not too much on a day, and can travel to what is in some of its slots."""
    day = first // problem.per_day
    if state.used[who, day] > problem.most[who, day]:
        return False
    if problem.roams[who]:
        for slot in range(first, last + 1):
            student = state.at[who, slot]
            if student >= 0 and not can_travel(problem, state, who, slot, problem.school[student]):
                return False
    return True


@inlined
def _strain(problem: Problem, state: State, who: int, day: int) -> int:
    """Return what one panelist's day and load cost."""
    over = max(0, state.load[who] - problem.target[who])
    return int(day_cost(problem, state, who, day) + problem.over * over)


@inlined
def _may_trade(
    problem: Problem, state: State, share: Share, one: int, other: int, first: int, last: int
) -> bool:
    """Whether two panelists could have each other's seats from one slot to another."""
    for slot in range(first, last + 1):
        if state.at[one, slot] != state.at[other, slot] and not (
            _may_replace(problem, state, share, one, other, slot)
            and _may_replace(problem, state, share, other, one, slot)
        ):
            return False
    return True


@pasted
def _span(problem: Problem, state: State, draft: Draft, who: int, slot: int) -> tuple[int, int]:
    """Return the first and the last slot of an exchange: only this one, its run, or the whole day."""
    opens = slot - slot % problem.per_day
    closes = opens + problem.per_day - 1
    kind = chance(draft)
    if kind < _WHOLE_DAY:
        return opens, closes
    first, last = slot, slot
    if kind < _WHOLE_DAY + _RUN:
        while first > opens and state.at[who, first - 1] >= 0:
            first -= 1
        while last < closes and state.at[who, last + 1] >= 0:
            last += 1
    return first, last


@inlined
def exchange(
    problem: Problem, state: State, share: Share, draft: Draft, student: int, temperature: float
) -> int:
    """Let a student's panelist and another one change places: for the slot, its run, or the whole day."""
    slot = state.slot[student]
    one = state.panel[student, pick(draft, problem.panel_size)]
    other = colleague(problem, draft, problem.school[student], slot)
    if one == other or state.at[other, slot] == student or not share.people[other]:
        return 0
    day = slot // problem.per_day
    first, last = _span(problem, state, draft, one, slot)
    if not _may_trade(problem, state, share, one, other, first, last):
        return 0
    before = _strain(problem, state, one, day) + _strain(problem, state, other, day)
    _trade(problem, state, one, other, first, last)
    if _keeps_rules(problem, state, one, first, last) and _keeps_rules(problem, state, other, first, last):
        delta = _strain(problem, state, one, day) + _strain(problem, state, other, day) - before
        if is_kept(draft, delta, temperature):
            return int(delta)
    _trade(problem, state, one, other, first, last)
    return 0
