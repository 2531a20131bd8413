"""The least disruption for a few defenses together, by branch and bound over all their places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import combinations

from defenses.domain.availability import Slot
from defenses.domain.defenses import Defense, PanelSeat, Place
from defenses.domain.repairing.offers import SchoolOffer
from defenses.domain.repairing.placing import Option, Search, lacking_role

#: What it costs to leave somebody without a place: more than everything else together.
LEFT_OUT = 1_000_000
#: What it costs to find out who and what is free in a slot, in panels looked at.
_LOOKS_PER_SLOT = 15


class _EnoughError(Exception):
    """The search has cost what it may."""


@dataclass
class _Branching:
    search: Search
    order: Sequence[Defense]
    fresh: frozenset[str]
    #: Panels that may be looked at before the search ends with the best so far.
    most_looks: int
    #: Cost that is to be beaten, and the places that did.
    best: int
    found: dict[str, Place] | None = None
    looks: int = 0
    places: dict[str, Place] = field(default_factory=dict)

    def run(self) -> dict[str, Place] | None:
        lows = [self._low(each) for each in self.order]
        self.rest = [sum(lows[number:]) for number in range(len(lows) + 1)]
        if self.rest[0] < self.best:
            with suppress(_EnoughError):
                self._branch(0, 0)
        return self.found

    def _low(self, defense: Defense) -> int:
        """Return what a defense costs at least, if none of the others were there."""
        option = self.search.best(defense, fresh=defense.defense_id in self.fresh)
        return LEFT_OUT if option is None else option.cost

    def _branch(self, number: int, spent: int) -> None:
        if number == len(self.order):
            self.best, self.found = spent, dict(self.places)
            return
        defense, timetable, rest = self.order[number], self.search.timetable, self.rest[number + 1]
        for option in self._options(defense, spent + rest):
            timetable.put(defense.at(option.place))
            self.places[defense.defense_id] = option.place
            try:
                self._branch(number + 1, spent + option.cost)
            finally:
                del self.places[defense.defense_id]
                timetable.take(defense.defense_id)
        if spent + LEFT_OUT + rest < self.best:
            self._branch(number + 1, spent + LEFT_OUT)

    def _options(self, defense: Defense, others: int) -> Iterator[Option]:
        """Yield the places that may still lead to something better, the cheapest of a slot first.

        Raises:
            _EnoughError: if the search has cost what it may.
        """
        fresh = defense.defense_id in self.fresh
        for at_least, slot, offer in self.search.by_nearness(defense, fresh=fresh):
            if others + at_least >= self.best:
                return
            self._look(_LOOKS_PER_SLOT)
            for option in every_option(self.search, defense, slot, offer, fresh=fresh):
                self._look(1)
                if option is None:
                    continue
                if others + option.cost >= self.best:
                    break
                yield option

    def _look(self, cost: int) -> None:
        self.looks += cost
        if self.looks > self.most_looks:
            raise _EnoughError


def least(
    search: Search, defenses: Sequence[Defense], *, fresh: frozenset[str], best: int, most_looks: int
) -> dict[str, Place] | None:
    """Return places for some defenses that disturb less than what is known, the least if that is soon found.

    Args:
        search: over a timetable without these defenses; it is the same afterwards.
        defenses: with their old places.
        fresh: ids of those that never had a place.
        best: cost that is to be beaten, with LEFT_OUT for each without a place.
        most_looks: panels that may be looked at, some 10 microseconds each, before it ends.

    Returns:
        Defense id -> place, without those that are left out; None if nothing better was found.
    """
    return _Branching(search, defenses, fresh, most_looks, best).run()


def cost_of(
    search: Search, defenses: Sequence[Defense], places: Mapping[str, Place], fresh: frozenset[str]
) -> int:
    """Return what it costs to give defenses these places, with LEFT_OUT for each that gets none."""
    total = 0
    for each in defenses:
        place = places.get(each.defense_id)
        if place is None:
            total += LEFT_OUT
        elif each.defense_id not in fresh:
            total += search.cost(each, place, search.timetable.offers[each.school_id])
    return total


def every_option(
    search: Search, defense: Defense, slot: Slot, offer: SchoolOffer, *, fresh: bool
) -> Iterator[Option | None]:
    """Yield all places of a defense in a slot, the cheapest first, and None for panels against the rule."""
    timetable, weights = search.timetable, search.disruption
    student = timetable.student(defense.student_id, defense.transition)
    if not timetable.family_can_come(student, defense.school_id, slot):
        return
    if not timetable.is_understood(offer, slot, student, defense.defense_id):
        return
    seats = timetable.free_seats(offer, slot, student, defense.defense_id)
    moves = slot.starts_at != defense.starts_at
    kinds = [
        (
            (0 if moves or room_id == defense.room_id else weights.room) + weights.seat * joining,
            room_id,
            joining,
        )
        for room_id in timetable.free_rooms(offer, slot, defense.defense_id)
        for joining in range(timetable.panels.rule.panel_size + 1)
    ]
    for _, room_id, joining in sorted(kinds):
        for panel in _panels(search, defense, seats, joining):
            place = Place(
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                room_id=room_id,
                room=offer.rooms[room_id].name,
                panel=search.in_order(panel, defense),
            )
            fits = not lacking_role(timetable.panels.rule.at_least.items(), panel)
            yield Option(0 if fresh else search.cost(defense, place, offer), place) if fits else None


def _panels(
    search: Search, defense: Defense, seats: Sequence[PanelSeat], joining: int
) -> Iterator[tuple[PanelSeat, ...]]:
    """Yield the panels with so many who have not sat on it."""
    before = set(defense.panelist_ids)
    sitting = [each for each in seats if each.panelist_id in before]
    others = [each for each in seats if each.panelist_id not in before]
    for old in combinations(sitting, search.timetable.panels.rule.panel_size - joining):
        for new in combinations(others, joining):
            yield (*old, *new)
