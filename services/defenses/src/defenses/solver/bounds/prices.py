"""A proven least soft cost from prices of seats: true for any prices, tight for good ones.

Every rule that ties people to each other is given up for a price: a panel in a slot pays for its seats and
its roles, a panelist earns what they sit for. What is left falls apart, into students who choose the cheapest
slot and panelists who choose, for each day, the set of slots that earns the most after its own cost. No
schedule costs less than what remains, whatever the prices are (Lagrange) and wherever they come from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np

from defenses.domain.scheduling.instance import Instance
from defenses.solver.bounds.view import NEVER, Floats, SchoolView


@dataclass(frozen=True, kw_only=True, eq=False)
class Prices:
    """What the seats of one school are worth, in the weights of the instance.

    Attributes:
        seat: [T] for any panelist.
        role: [roles of `at_least`, T] on top of it for one of the role; not negative.
        room: [T] for the room; not negative.
        load: [P] a panelist pays for each defense against the fair share; from 0 to `over_target`.
        presence: [roles of `at_least` and one for anybody, S, stretches of slots] a student pays for each
            panelist who must be there at all during the stretch, however little they do; not negative. It is
            what makes few students on a day as dear as they are.
    """

    seat: Floats
    role: Floats
    room: Floats
    load: Floats
    presence: Floats


def no_prices(view: SchoolView) -> Prices:
    """Return the prices that prove nothing."""
    slots = len(view.rooms)
    return Prices(
        seat=np.zeros(slots),
        role=np.zeros((len(view.at_least), slots)),
        room=np.zeros(slots),
        load=np.zeros(len(view.panelists)),
        presence=np.zeros((len(view.at_least) + 1, len(view.students), view.stretches)),
    )


@dataclass(frozen=True, kw_only=True)
class Travelling:
    """What the days of a panelist who serves several schools cost at least.

    Attributes:
        move: for each school of a day after the first.
        block: for each run of slots at one school.
    """

    move: int
    block: int


def travelling(instance: Instance) -> Travelling:
    """Return what can be counted on wherever there is somebody to share."""
    pairs = {pair for panelist in instance.panelists for pair in permutations(sorted(panelist.serves), 2)}
    weights = instance.weights
    if all(instance.travel_slots.get(here, {}).get(there, 0) > 0 for here, there in pairs):
        return Travelling(move=weights.move, block=weights.block)
    # Without travel a run of slots may go on at the next school: each change saves a block there.
    if weights.move >= weights.block:
        return Travelling(move=weights.move - weights.block, block=weights.block)
    return Travelling(move=weights.move, block=0)


def least_soft_cost(
    schools: Sequence[SchoolView], prices: Sequence[Prices], left_out: int, travels: Travelling
) -> float:
    """Return a number that no schedule with at most `left_out` of these students unscheduled goes below."""
    worth = np.sort(np.concatenate([student_prices(*each) for each in zip(schools, prices, strict=True)]))
    # At worst those are left out whose defenses would cost the most.
    dearest = np.maximum(0.0, worth[max(0, len(worth) - left_out) :])
    kept = worth.sum() - dearest.sum()
    rooms = sum(float((price.room * view.rooms).sum()) for view, price in zip(schools, prices, strict=True))
    return float(kept) - rooms + _panelists(schools, prices, travels)


def student_prices(view: SchoolView, price: Prices) -> Floats:
    """Return what the cheapest slot of each student costs; [S]."""
    panel = view.panel_size * price.seat + price.room
    for role, least in enumerate(view.at_least):
        panel = panel + least * price.role[role]
    here = np.tensordot(np.array([*view.at_least, view.panel_size]), price.presence, axes=1)
    costs = np.where(view.tiers == NEVER, np.inf, view.tiers + panel + here[:, view.stretch])
    cheapest: Floats = costs.min(axis=1, initial=np.inf)
    return cheapest


def _panelists(schools: Sequence[SchoolView], prices: Sequence[Prices], travels: Travelling) -> float:
    """Return what all panelists cost when each takes the best of what the prices offer; not above 0."""
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for number, view in enumerate(schools):
        for row, panelist in enumerate(view.panelists):
            places[panelist].append((number, row))
    load = [price.load.copy() for price in prices]
    found = 0.0
    for mine in places.values():
        # One panelist has one fair share, wherever they serve.
        level = max(load[number][row] for number, row in mine)
        number, row = mine[0]
        found -= level * float(schools[number].target[row])
        for number, row in mine:
            load[number][row] = level
    shared = {panelist for panelist, mine in places.items() if len(mine) > 1}
    offers = [
        best_days(view, price, mine, [each in shared for each in view.panelists], travels)
        for view, price, mine in zip(schools, prices, load, strict=True)
    ]
    for mine in places.values():
        number, row = mine[0]
        found += _best([offers[each][at] for each, at in mine], schools[number], row, travels)
    return found


def earnings(view: SchoolView, price: Prices, load: Floats) -> Floats:
    """Return what each panelist earns in each slot, after what they pay for the load; [P, T]."""
    by_role = np.vstack([price.role, np.zeros(len(view.rooms))])
    return price.seat + by_role[view.roles] - load[:, None]


def presences(view: SchoolView, price: Prices) -> Floats:
    """Return what each panelist earns by being there in a stretch of slots; [P, stretches]."""
    paid = price.presence.sum(axis=1)
    by_role = np.vstack([paid[:-1], np.zeros(paid.shape[1])])
    earned: Floats = by_role[view.roles] + paid[-1]
    return earned


def best_days(
    view: SchoolView, price: Prices, load: Floats, shared: Sequence[bool], travels: Travelling
) -> Floats:
    """Return the least of blocks minus earnings of each panelist, day, number of defenses; [P, D, most+1].

    Infinite where so many are impossible.
    """
    people, days, slots = len(view.panelists), view.days, view.slots_per_day
    earned = earnings(view, price, load).reshape(people, days, slots)
    there = presences(view, price)[:, view.stretch].reshape(people, days, slots)
    begins = (np.diff(view.stretch, prepend=-1) > 0).reshape(days, slots)
    free = view.free.reshape(people, days, slots)
    block = np.where(shared, travels.block, view.block)[:, None, None]
    most = int(view.most.max(initial=0))
    # Not serving, and not having served in the stretch; not serving, but having served in it; serving.
    absent = np.full((people, days, most + 1), np.inf)
    absent[:, :, 0] = 0.0
    resting, serving = np.full_like(absent, np.inf), np.full_like(absent, np.inf)
    for slot in range(slots):
        new = begins[:, slot][None, :, None]
        bonus = there[:, :, slot, None]
        start = np.minimum(absent - bonus, np.where(new, resting - bonus, resting)) + block
        go_on = np.minimum(start, np.where(new, serving - bonus, serving))[:, :, :-1]
        stopped = np.minimum(resting, serving)
        absent = np.where(new, np.minimum(absent, stopped), absent)
        resting = np.where(new, np.inf, stopped)
        serving = np.full_like(absent, np.inf)
        serving[:, :, 1:] = np.where(free[:, :, slot, None], go_on - earned[:, :, slot, None], np.inf)
    best = np.minimum(np.minimum(absent, resting), serving)
    allowed = np.arange(most + 1) <= view.most[:, :, None]
    return np.where(allowed, best, np.inf)


def _best(offers: Sequence[Floats], view: SchoolView, row: int, travels: Travelling) -> float:
    """Return what one panelist's days cost at best, at any of the schools or at several on a day.

    Args:
        offers: [D, most+1] of each school.
        view: one of the schools.
        row: of the panelist in it.
        travels: what serving at several costs.
    """
    width = max(offer.shape[1] for offer in offers)
    padded = [np.pad(o, ((0, 0), (0, width - o.shape[1])), constant_values=np.inf) for o in offers]
    total = np.full_like(padded[0], np.inf)
    total[:, 0] = -travels.move if len(offers) > 1 else 0.0
    for offer in padded:
        there = offer + (travels.move if len(offers) > 1 else 0.0)
        combined = total.copy()
        for count in range(1, width):
            for before in range(width - count):
                combined[:, before + count] = np.minimum(
                    combined[:, before + count], total[:, before] + there[:, count]
                )
        total = combined
    limit = np.arange(width) <= view.most[row][:, None]
    worked = np.where(limit, total, np.inf)[:, 1:].min(axis=1, initial=np.inf)
    return float(np.minimum(0.0, worked + view.day_cost[row]).sum())
