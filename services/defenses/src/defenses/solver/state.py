"""A schedule in arrays, and the steps that change it; every step keeps all hard rules.

Rooms of a school are interchangeable within a slot, so they are only counted here and named at the end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from defenses.solver.compiled import compiled, inlined, pasted
from defenses.solver.problem import Ints, Problem

#: No slot, nobody, no pool.
NONE = -1


class State(NamedTuple):
    """A schedule, with what is left of everything.

    Attributes:
        slot: student -> slot, NONE if unscheduled.
        panel: (student, seat) -> panelist; without meaning for an unscheduled student.
        pool: student -> the pool of their interpreter, NONE without one.
        at: (panelist, slot) -> the student they judge then, NONE when free.
        used: (panelist, day) -> defenses.
        load: panelist -> defenses in the season.
        rooms: (school, slot) -> rooms left.
        units: (pool, slot) -> interpreters left.
    """

    slot: Ints
    panel: Ints
    pool: Ints
    at: Ints
    used: Ints
    load: Ints
    rooms: Ints
    units: Ints


def empty_state(problem: Problem) -> State:
    """Return the schedule in which nobody is scheduled."""
    students, people = len(problem.school), len(problem.role)
    slots = problem.rooms.shape[1]
    return State(
        slot=np.full(students, NONE, np.int32),
        panel=np.full((students, problem.panel_size), NONE, np.int32),
        pool=np.full(students, NONE, np.int32),
        at=np.full((people, slots), NONE, np.int32),
        used=np.zeros_like(problem.most),
        load=np.zeros(people, np.int32),
        rooms=problem.rooms.copy(),
        units=problem.capacity.copy(),
    )


@pasted
def tier_of(problem: Problem, student: int, slot: int) -> int:
    """Return the tier at which a student can come in a slot, NONE if they cannot."""
    low, high = problem.wish_first[student], problem.wish_first[student + 1]
    while low < high:
        middle = (low + high) // 2
        if problem.wish_slot[middle] < slot:
            low = middle + 1
        else:
            high = middle
    if low < problem.wish_first[student + 1] and problem.wish_slot[low] == slot:
        return int(problem.wish_tier[low])
    return NONE


@pasted
def conflicts(problem: Problem, student: int, who: int) -> bool:
    """Whether somebody may not judge a student."""
    for n in range(problem.conflict_first[student], problem.conflict_first[student + 1]):
        if problem.conflict[n] == who:
            return True
    return False


@pasted
def is_apart(problem: Problem, state: State, student: int, slot: int) -> bool:
    """Whether nobody defends in a slot who must not be in the student's."""
    for n in range(problem.apart_first[student], problem.apart_first[student + 1]):
        if state.slot[problem.apart[n]] == slot:
            return False
    return True


@pasted
def free_pool(problem: Problem, state: State, student: int, slot: int) -> int:
    """Return a pool with an interpreter left for a student, NONE if there is none."""
    need = problem.need[student]
    for n in range(problem.pool_first[need], problem.pool_first[need + 1]):
        if state.units[problem.pool[n], slot] > 0:
            return int(problem.pool[n])
    return NONE


@inlined
def day_cost(problem: Problem, state: State, who: int, day: int) -> int:
    """Return what a panelist's day costs: the day, its runs of slots and its changes of school."""
    if state.used[who, day] == 0:
        return 0
    cost = problem.day_cost[who]
    before, school = -2, NONE
    for slot in range(day * problem.per_day, (day + 1) * problem.per_day):
        student = state.at[who, slot]
        if student >= 0:
            if before != slot - 1:
                cost += problem.block
            here = problem.school[student]
            if school >= 0 and here != school:
                cost += problem.move
            before, school = slot, here
    return int(cost)


@pasted
def can_travel(problem: Problem, state: State, who: int, slot: int, school: int) -> bool:
    """Whether a panelist gets from each defense of the day to this one, or from this one to it, in time.

    Each and not only the next one, so that taking a defense away can never break the rule.
    """
    first = slot - slot % problem.per_day
    for other in range(first, first + problem.per_day):
        student = state.at[who, other]
        if student >= 0:
            there = problem.school[student]
            if there != school and abs(other - slot) <= problem.travel[there, school]:
                return False
    return True


@pasted
def _touching(problem: Problem, state: State, who: int, slot: int) -> int:
    """Return in how many of the two slots next to this one, on the same day, a panelist serves."""
    place = slot % problem.per_day
    before = place > 0 and state.at[who, slot - 1] >= 0
    after = place < problem.per_day - 1 and state.at[who, slot + 1] >= 0
    return int(before) + int(after)


@pasted
def _added_moves(problem: Problem, state: State, who: int, slot: int, school: int) -> int:
    """Return how many more changes of school a panelist has on a day with one more defense."""
    first = slot - slot % problem.per_day
    before, after = NONE, NONE
    for other in range(slot - 1, first - 1, -1):
        if state.at[who, other] >= 0:
            before = problem.school[state.at[who, other]]
            break
    for other in range(slot + 1, first + problem.per_day):
        if state.at[who, other] >= 0:
            after = problem.school[state.at[who, other]]
            break
    if before < 0:
        return int(after >= 0 and after != school)
    if after < 0:
        return int(before != school)
    return int(before != school) + int(after != school) - int(before != after)


@pasted
def seat_cost(problem: Problem, state: State, who: int, slot: int, school: int) -> int:
    """Return what one more defense of a panelist costs, in a slot in which they are free."""
    day = slot // problem.per_day
    cost = problem.over if state.load[who] >= problem.target[who] else 0
    if state.used[who, day] == 0:
        return int(cost + problem.day_cost[who] + problem.block)
    cost += problem.block * (1 - _touching(problem, state, who, slot))
    if problem.roams[who]:
        cost += problem.move * _added_moves(problem, state, who, slot, school)
    return int(cost)


@pasted
def can_sit(problem: Problem, state: State, who: int, slot: int, school: int) -> bool:
    """Whether a panelist who serves the school and is available in the slot is also free for it."""
    if state.at[who, slot] >= 0:
        return False
    day = slot // problem.per_day
    if state.used[who, day] >= problem.most[who, day]:
        return False
    if problem.roams[who] and state.used[who, day] > 0:
        return can_travel(problem, state, who, slot, school)
    return True


@inlined
def enter(problem: Problem, state: State, student: int, slot: int, panel: Ints) -> int:
    """Schedule a student in a slot with a panel; all is known to fit. Returns what that costs more."""
    school = problem.school[student]
    day = slot // problem.per_day
    cost = tier_of(problem, student, slot) - problem.left_out
    state.slot[student] = slot
    state.rooms[school, slot] -= 1
    if problem.need[student] >= 0:
        pool = free_pool(problem, state, student, slot)
        state.pool[student] = pool
        state.units[pool, slot] -= 1
    for seat in range(problem.panel_size):
        who = panel[seat]
        cost += seat_cost(problem, state, who, slot, school)
        state.panel[student, seat] = who
        state.at[who, slot] = student
        state.used[who, day] += 1
        state.load[who] += 1
    return int(cost)


@inlined
def leave(problem: Problem, state: State, student: int) -> int:
    """Take a student out of the schedule; returns what that costs less."""
    slot = state.slot[student]
    school = problem.school[student]
    day = slot // problem.per_day
    saved = tier_of(problem, student, slot) - problem.left_out
    state.slot[student] = NONE
    state.rooms[school, slot] += 1
    if problem.need[student] >= 0:
        state.units[state.pool[student], slot] += 1
        state.pool[student] = NONE
    for seat in range(problem.panel_size):
        who = state.panel[student, seat]
        state.at[who, slot] = NONE
        state.used[who, day] -= 1
        state.load[who] -= 1
        saved += seat_cost(problem, state, who, slot, school)
    return int(saved)


def cost_of(problem: Problem, state: State) -> int:
    """Return what a schedule costs, in the instance's weights."""
    left_out = int((state.slot < 0).sum()) * problem.left_out
    over = int(np.maximum(0, state.load - problem.target).sum()) * problem.over
    return left_out + over + int(_running_cost(problem, state))


@compiled
def _running_cost(problem: Problem, state: State) -> int:
    """Return the cost of all tiers and days."""
    cost = 0
    for student in range(len(problem.school)):
        if state.slot[student] >= 0:
            cost += tier_of(problem, student, state.slot[student])
    for who in range(len(problem.role)):
        for day in range(problem.most.shape[1]):
            cost += day_cost(problem, state, who, day)
    return cost
