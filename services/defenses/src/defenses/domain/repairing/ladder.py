"""The least that must change so that everybody hit has a valid place again.

The first rung keeps the time and fills the seat or the room; the second finds the nearest free slot; the
third tries all places of a few together, for less. The fourth gets a seat filled by somebody of another panel
of that time, which gets somebody else. The fifth lets those hit, and those whose family knows nothing yet,
make way for who has no place. Who is left has a reason. Published defenses that are not hit keep their time
and room.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from defenses.domain.availability import Slot
from defenses.domain.defenses import DRAFT, Defense, Place
from defenses.domain.repairing.least import LEFT_OUT, cost_of, least
from defenses.domain.repairing.placing import Option, Search
from defenses.domain.runs import Unplaced

#: How many of those hit are looked at together for the least disruption.
_FEW = 6
#: Panels that are looked at for that in all, which takes about a fifth of a second.
_MOST_LOOKS = 20_000
#: How many defenses are asked to make way for one that found no place; each is a search of its own.
_MOST_MAKING_WAY = 40


@dataclass(frozen=True)
class Repaired:
    """What is to be done.

    Attributes:
        places: defense id -> its new place, for those that get one that differs from the old.
        unplaced: defense id -> why it has none.
    """

    places: dict[str, Place]
    unplaced: dict[str, Unplaced]


@dataclass(frozen=True)
class _Exchange:
    """A defense gets one of another's panel, which gets somebody else."""

    cost: int
    mine: Option
    other: Defense
    theirs: Option


@dataclass
class _Ladder:
    search: Search
    fresh: frozenset[str]
    breathe: Callable[[], None]
    originals: dict[str, Defense]
    #: Where those that have a place again are now.
    placed: dict[str, Place] = field(default_factory=dict)
    #: What each would cost if the others hit were not there: nobody can do better.
    alone: dict[str, int] = field(default_factory=dict)

    def climb(self) -> Repaired:
        for each in self._waiting():
            option = self._best(each)
            self.alone[each.defense_id] = LEFT_OUT if option is None else option.cost
        self._keep_times()
        for defense in self._scarcest_first():
            self._settle(defense, self._best(defense))
        groups = self._few_together()
        for few in groups:
            self._lessen(few, _MOST_LOOKS // len(groups))
        for defense in list(self.originals.values()):
            self._recompose(defense)
        for defense in self._waiting():
            self._make_way_for(defense)
        return Repaired(
            places={
                each: place
                for each, place in self.placed.items()
                if each in self.fresh or place != self.originals[each].place
            },
            unplaced={
                each.defense_id: self.search.why_not(each, fresh=each.defense_id in self.fresh)
                for each in self._waiting()
            },
        )

    def _keep_times(self) -> None:
        """Settle those who can stay at their time, first those whose lost seat is the hardest to fill."""
        options = [(each, self._same_time(each)) for each in self._waiting()]
        self.breathe()
        stayers = [(each, option) for each, option in options if option is not None]
        for defense, _ in sorted(stayers, key=lambda each: -each[1].cost):
            # Asked again, because those before may have taken who was free.
            self._settle(defense, self._same_time(defense))

    def _same_time(self, defense: Defense) -> Option | None:
        offer = self.search.timetable.offers.get(defense.school_id)
        slot = offer.starts.get(defense.starts_at) if offer else None
        if offer is None or slot is None or defense.defense_id in self.fresh:
            return None
        return self.search.option(defense, slot) if slot in self.search.family_slots(defense, offer) else None

    def _scarcest_first(self) -> list[Defense]:
        """Order those who wait by how many slots their families leave."""
        return sorted(self._waiting(), key=lambda each: (self._choices(each), each.defense_id))

    def _choices(self, defense: Defense) -> int:
        offer = self.search.timetable.offers.get(defense.school_id)
        return len(self.search.family_slots(defense, offer)) if offer else 0

    def _waiting(self) -> list[Defense]:
        return [each for one, each in self.originals.items() if one not in self.placed]

    def _best(self, defense: Defense) -> Option | None:
        self.breathe()
        return self.search.best(defense, fresh=defense.defense_id in self.fresh)

    def _settle(self, defense: Defense, option: Option | None) -> None:
        if option is None:
            return
        self.search.timetable.put(defense.at(option.place))
        self.placed[defense.defense_id] = option.place

    def _few_together(self) -> list[list[Defense]]:
        """Return the groups of those hit that are looked at together; none if nobody can do better."""
        hit = list(self.originals.values())
        losing = [each for each in hit if self._cost(each) > self.alone[each.defense_id]]
        if len(hit) <= _FEW:
            return [hit] if losing else []
        return [[each, *self._in_the_way_of(each)[: _FEW - 1]] for each in losing]

    def _in_the_way_of(self, defense: Defense) -> list[Defense]:
        """Return those hit who have times that would disturb a defense less than its own, the best first."""
        known = self._cost(defense)
        better = self.search.by_nearness(defense, fresh=defense.defense_id in self.fresh)
        times = {slot.starts_at: at_least for at_least, slot, _ in better if at_least < known}
        others = [
            (times[place.starts_at], one)
            for one, place in self.placed.items()
            if one != defense.defense_id and place.starts_at in times
        ]
        return [self.originals[one] for _, one in sorted(others)]

    def _cost(self, *defenses: Defense) -> int:
        return cost_of(self.search, defenses, self.placed, self.fresh)

    def _lessen(self, few: list[Defense], most_looks: int) -> None:
        """Look for places of a few, with all others where they are, that disturb less."""
        self.breathe()
        timetable, known = self.search.timetable, self._cost(*few)
        for each in few:
            timetable.take(each.defense_id)
        # Who loses most first: what they can have decides soonest whether there is anything better.
        order = sorted(
            few, key=lambda each: (self.alone[each.defense_id] - self._cost(each), each.defense_id)
        )
        better = least(self.search, order, fresh=self.fresh, best=known, most_looks=most_looks)
        for each in few:
            if better is not None:
                self.placed.pop(each.defense_id, None)
            place = (better or self.placed).get(each.defense_id)
            if place is not None:
                self.placed[each.defense_id] = place
                timetable.put(each.at(place))

    def _recompose(self, defense: Defense) -> None:
        """Let a defense that would lose its time keep it with somebody of another panel of that time."""
        offer = self.search.timetable.offers.get(defense.school_id)
        slot = offer.starts.get(defense.starts_at) if offer else None
        kept = self.placed.get(defense.defense_id)
        if slot is None or defense.defense_id in self.fresh or (kept and kept.starts_at == slot.starts_at):
            return
        self.breathe()
        timetable, known = self.search.timetable, self._cost(defense)
        where = timetable.take(defense.defense_id)
        exchanges = [
            each for other in self._pinned_at(slot, defense) for each in self._exchanges(defense, other, slot)
        ]
        cheapest = min(exchanges, key=lambda each: each.cost, default=None)
        if cheapest is not None and cheapest.cost < known:
            self.originals[cheapest.other.defense_id] = cheapest.other
            self._settle(cheapest.other, cheapest.theirs)
            self._settle(defense, cheapest.mine)
        elif where is not None:
            timetable.put(where)

    def _pinned_at(self, slot: Slot, defense: Defense) -> list[Defense]:
        """Return the school's defenses of a slot that are not hit, and whose panel may be another one."""
        if slot not in self.search.family_slots(defense, self.search.timetable.offers[defense.school_id]):
            return []
        return [
            each
            for each in self.search.timetable.defenses
            if (each.school_id, each.starts_at) == (defense.school_id, slot.starts_at)
            and each.defense_id not in self.originals
            and not each.locked
            and each.starts_at >= self.search.earliest
        ]

    def _exchanges(self, defense: Defense, other: Defense, slot: Slot) -> Iterator[_Exchange]:
        """Yield what comes of giving a defense one of another's panel, which keeps time and room."""
        timetable = self.search.timetable
        timetable.take(other.defense_id)
        for asked in other.panelist_ids:
            mine = self.search.option(defense, slot, without=set(other.panelist_ids) - {asked})
            if mine is None:
                continue
            timetable.put(defense.at(mine.place))
            theirs = self.search.option(other, slot)
            timetable.take(defense.defense_id)
            if theirs is not None and theirs.place.tells_families_the_same_as(other.place):
                yield _Exchange(mine.cost + theirs.cost, mine, other, theirs)
        timetable.put(other)

    def _make_way_for(self, defense: Defense) -> None:
        """Let one other defense go elsewhere so that this one finds a place."""
        offer = self.search.timetable.offers.get(defense.school_id)
        if offer is None:
            return
        fresh = defense.defense_id in self.fresh
        slots = {slot.starts_at: slot for slot in self.search.family_slots(defense, offer, fresh=fresh)}
        ways = [each for each in self._movable(defense) if each.starts_at in slots]
        for other in ways[:_MOST_MAKING_WAY]:
            if self._trade(defense, other, slots[other.starts_at]):
                return

    def _movable(self, defense: Defense) -> list[Defense]:
        """Return the defenses of the school that may make way: those hit first, then drafts."""
        found = [
            each
            for each in self.search.timetable.defenses
            if each.school_id == defense.school_id
            and (each.defense_id in self.placed or (each.state == DRAFT and not each.locked))
        ]
        return sorted(found, key=lambda each: (each.defense_id not in self.placed, each.starts_at))

    def _trade(self, defense: Defense, other: Defense, slot: Slot) -> bool:
        """Put a defense into another one's slot if that one finds a place too; else leave all as it is."""
        timetable = self.search.timetable
        timetable.take(other.defense_id)
        mine = self.search.option(defense, slot, fresh=defense.defense_id in self.fresh)
        if mine is not None:
            timetable.put(defense.at(mine.place))
            original = self.originals.get(other.defense_id, other)
            theirs = self._best(original)
            if theirs is not None:
                self.originals.setdefault(other.defense_id, other)
                self._settle(original, theirs)
                # The people of the other one are free now too, perhaps at this one's own time.
                self._settle(defense, self._best(defense))
                return True
            timetable.take(defense.defense_id)
        timetable.put(other)
        return False


def repair(
    search: Search,
    hit: Sequence[Defense],
    *,
    fresh: frozenset[str] = frozenset(),
    breathe: Callable[[], None] = lambda: None,
) -> Repaired:
    """Find everybody hit a place; the search's timetable holds the result afterwards.

    Args:
        search: over a timetable that knows the disturbance and still holds the defenses hit.
        hit: the defenses that cannot stay as they are, with their old places.
        fresh: ids of those among them that never had a place.
        breathe: called between two steps, none of which takes long.
    """
    for defense in hit:
        search.timetable.take(defense.defense_id)
    originals = {each.defense_id: each for each in hit}
    return _Ladder(search, fresh, breathe, originals).climb()
