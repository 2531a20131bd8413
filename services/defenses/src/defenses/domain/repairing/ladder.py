"""The least that must change so that everybody hit has a valid place again.

The first rung keeps the time and fills the seat or the room; the second finds the nearest free slot, if need
be by letting others who are hit, or whose family knows nothing yet, make way; who is left has a reason.
Published defenses that are not hit are never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from defenses.domain.availability import Slot
from defenses.domain.defenses import DRAFT, Defense, Place
from defenses.domain.repairing.placing import Option, Search
from defenses.domain.runs import Unplaced

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


@dataclass
class _Ladder:
    search: Search
    fresh: frozenset[str]
    breathe: Callable[[], None]
    originals: dict[str, Defense]
    #: Where those that have a place again are now.
    placed: dict[str, Place] = field(default_factory=dict)

    def climb(self) -> Repaired:
        self._keep_times()
        for defense in self._scarcest_first():
            self._settle(defense, self._best(defense))
        for defense in self._waiting():
            self._make_way_for(defense)
        return Repaired(
            places={
                each: place
                for each, place in self.placed.items()
                if each in self.fresh or place != self.originals[each].place
            },
            unplaced={each.defense_id: self.search.why_not(each) for each in self._waiting()},
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

    def _make_way_for(self, defense: Defense) -> None:
        """Let one other defense go elsewhere so that this one finds a place."""
        offer = self.search.timetable.offers.get(defense.school_id)
        if offer is None:
            return
        slots = {slot.starts_at: slot for slot in self.search.family_slots(defense, offer)}
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
