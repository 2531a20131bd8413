"""What coordinators and families change in a schedule, one defense at a time.

Each change is decided within the district's turn, against everything that stands, and again refused in the
write itself if the defense is not what the caller has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.base import Fact
from defenses.domain.defenses import (
    CANCELLED,
    UNPLACED,
    Defense,
    NoDefenseError,
    Note,
    NotStandingError,
    PanelSeat,
    Place,
)
from defenses.domain.repairing.timetable import Obstacle, Timetable, UnfitPlaceError
from defenses.use_cases.announcing import news
from defenses.use_cases.timetables import ChangeDesk, search_in, timetable_around


@dataclass(frozen=True, kw_only=True)
class Order:
    """Somebody wants one defense changed.

    Attributes:
        edition: of the defense that they have seen.
        override: whether it is to change though it is locked or about to begin.
    """

    defense_id: str
    edition: int
    note: Note
    override: bool = False


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Where a defense is to go; what is None stays as it is."""

    starts_at: datetime | None = None
    room_id: str | None = None
    panelist_ids: tuple[str, ...] | None = None


def move(order: Order, wish: Wish, desk: ChangeDesk) -> Defense:
    """Give a defense another time, room or panel.

    Raises:
        NoDefenseError: if there is none.
        StaleEditionError: if it is not what the caller has seen.
        NotStandingError, ProtectedDefenseError: if it may not be changed.
        UnfitPlaceError: if it cannot be there, with everything that is in the way.
    """
    seen = seen_defense(order.defense_id, desk)
    timetable = timetable_around([seen], desk)
    return _move(order, lambda found: _place(found, wish, timetable), timetable, desk)


def replace_panelist(order: Order, leaving: str, joining: str | None, desk: ChangeDesk) -> Defense:
    """Give one seat to somebody else; without a name, to the least busy of those who can.

    Raises:
        UnfitPlaceError: if nobody can, or the one who joins cannot.
        NoDefenseError, StaleEditionError, NotStandingError, ProtectedDefenseError: as for `move`.
    """
    seen = seen_defense(order.defense_id, desk)
    timetable = timetable_around([seen], desk, lost=() if joining else (leaving,))

    def place(found: Defense) -> Place:
        if leaving not in found.panelist_ids:
            raise UnfitPlaceError((Obstacle("leaving", "they do not sit on the panel"),))
        if joining:
            ids = tuple(joining if each == leaving else each for each in found.panelist_ids)
            return _place(found, Wish(panelist_ids=ids), timetable)
        return _reseated(found, timetable, desk)

    return _move(order, place, timetable, desk)


def guard(order: Order, desk: ChangeDesk, *, locked: bool) -> Defense:
    """Lock a defense against changes, or unlock it.

    Raises:
        NoDefenseError, StaleEditionError: as for `move`.
        NotStandingError: if it has no place.
    """

    def change(found: Defense) -> Defense:
        if not found.stands:
            raise NotStandingError(f"the defense is {found.state}")
        return found if found.locked == locked else found.guarded(order.note, locked=locked)

    return change_defense(order, change, desk)


def cancel(order: Order, desk: ChangeDesk, *, reschedule: bool) -> Defense:
    """Call a defense off.

    Args:
        order: which one, and why.
        desk: the stores.
        reschedule: whether the next run finds the student another place.

    Raises:
        NoDefenseError, StaleEditionError, NotStandingError, ProtectedDefenseError: as for `move`.
    """

    def change(found: Defense) -> Defense:
        found.check_open(now=desk.now, frozen=desk.changes.frozen, override=order.override)
        return found.called_off(order.note, state=UNPLACED if reschedule else CANCELLED)

    return change_defense(order, change, desk)


def _move(order: Order, place: Callable[[Defense], Place], timetable: Timetable, desk: ChangeDesk) -> Defense:
    def change(found: Defense) -> Defense:
        found.check_open(now=desk.now, frozen=desk.changes.frozen, override=order.override)
        to = place(found)
        if to == found.place:
            return found
        obstacles = (*past(to, desk), *timetable.obstacles(found.at(to)))
        if obstacles:
            raise UnfitPlaceError(obstacles)
        return found.moved(to, order.note)

    return change_defense(order, change, desk)


def past(place: Place, desk: ChangeDesk) -> list[Obstacle]:
    """Return what is in the way of a place whose time has come, whatever is free."""
    return [Obstacle("starts_at", "this time is past")] if place.starts_at <= desk.now else []


def change_defense(order: Order, change: Callable[[Defense], Defense], desk: ChangeDesk) -> Defense:
    """Change a defense as the caller has seen it; what changes nothing is not written.

    Raises:
        NoDefenseError: if there is none.
        StaleEditionError: if it is not what the caller has seen.
    """

    def decide(found: Defense | None) -> tuple[Defense, Sequence[Fact]] | None:
        if found is None:
            raise NoDefenseError(f"there is no defense {order.defense_id}")
        found.check_edition(order.edition)
        after = change(found)
        return None if after is found else (after, news(found, after))

    changed = desk.defenses.change(order.defense_id, decide)
    assert changed is not None  # decide has raised if there is none
    return changed


def seen_defense(defense_id: str, desk: ChangeDesk) -> Defense:
    """Return a defense, or raise NoDefenseError."""
    found = desk.defenses.find(defense_id)
    if found is None:
        raise NoDefenseError(f"there is no defense {defense_id}")
    return found


def _place(found: Defense, wish: Wish, timetable: Timetable) -> Place:
    """Return the place that is wished for; what the school does not have is left to be refused."""
    offer = timetable.offers.get(found.school_id)
    starts_at = wish.starts_at or found.starts_at
    room_id = wish.room_id or found.room_id
    slot = offer.starts.get(starts_at) if offer else None
    room = offer.rooms.get(room_id) if offer else None
    people = offer.panelists if offer else {}
    roles = {seat.panelist_id: seat.role for seat in found.panel}
    ids = found.panelist_ids if wish.panelist_ids is None else wish.panelist_ids
    return Place(
        starts_at=starts_at,
        ends_at=slot.ends_at if slot else starts_at + (found.ends_at - found.starts_at),
        room_id=room_id,
        room=room.name if room else found.room,
        panel=tuple(
            PanelSeat(each, people[each].role if each in people else roles.get(each, "")) for each in ids
        ),
    )


def _reseated(found: Defense, timetable: Timetable, desk: ChangeDesk) -> Place:
    offer = timetable.offers.get(found.school_id)
    slot = offer.starts.get(found.starts_at) if offer else None
    option = search_in(timetable, desk).option(found, slot) if slot else None
    if option is None or not option.place.tells_families_the_same_as(found.place):
        raise UnfitPlaceError((Obstacle("joining", "nobody can take the seat at this time"),))
    return option.place
