"""Families accept the place that is proposed to them, or choose another time among those that are free."""

from __future__ import annotations

from datetime import datetime

from defenses.domain.defenses import Defense, NotStandingError, Place
from defenses.domain.repairing.timetable import Obstacle, UnfitPlaceError
from defenses.use_cases.changes import Order, change_defense, seen_defense
from defenses.use_cases.timetables import ChangeDesk, search_in, timetable_around


class TooLateError(Exception):
    """The defense begins so soon that a family cannot choose any more; the school still can."""

    field = "starts_at"


def accept(order: Order, desk: ChangeDesk) -> Defense:
    """Note that a family accepts where and when its defense is.

    Raises:
        NoDefenseError, StaleEditionError: as for a move.
        NotStandingError: if it has no place.
    """

    def change(found: Defense) -> Defense:
        if not found.stands:
            raise NotStandingError(f"the defense is {found.state}")
        return found if found.accepted_at else found.accepted(order.note)

    return change_defense(order, change, desk)


def offers(defense_id: str, desk: ChangeDesk) -> list[Place]:
    """Return the other times that a family may choose now: those that disturb the fewest, in time's order.

    Raises:
        NoDefenseError: if there is no such defense.
    """
    found = seen_defense(defense_id, desk)
    if not found.stands or _is_too_late(found.starts_at, desk):
        return []
    search = search_in(timetable_around([found], desk), desk)
    offer = search.timetable.offers.get(found.school_id)
    slots = search.family_slots(found, offer) if offer else []
    options = [
        option
        for slot in slots
        if slot.starts_at != found.starts_at and not _is_too_late(slot.starts_at, desk)
        if (option := search.option(found, slot)) is not None
    ]
    nearest = sorted(options, key=lambda each: each.cost)[: desk.changes.offers]
    return sorted((each.place for each in nearest), key=lambda each: each.starts_at)


def choose(order: Order, starts_at: datetime, desk: ChangeDesk) -> Defense:
    """Move a family's defense to a free time that it has chosen; room and panel follow.

    Raises:
        NoDefenseError, StaleEditionError, NotStandingError, ProtectedDefenseError: as for a move.
        TooLateError: if the old or the new time is too near.
        UnfitPlaceError: if the time is not free, or not any more.
    """
    timetable = timetable_around([seen_defense(order.defense_id, desk)], desk)
    search = search_in(timetable, desk)

    def change(found: Defense) -> Defense:
        found.check_open(now=desk.now, frozen=desk.changes.frozen, override=False)
        if _is_too_late(found.starts_at, desk) or _is_too_late(starts_at, desk):
            raise TooLateError("it is too late to choose; please call the school")
        offer = timetable.offers.get(found.school_id)
        slots = search.family_slots(found, offer) if offer else []
        slot = next((each for each in slots if each.starts_at == starts_at), None)
        option = search.option(found, slot) if slot else None
        if option is None:
            raise UnfitPlaceError((Obstacle("starts_at", "this time is not free any more"),))
        if option.place == found.place:
            return found
        return found.moved(option.place, order.note).accepted(order.note)

    return change_defense(order, change, desk)


def _is_too_late(starts_at: datetime, desk: ChangeDesk) -> bool:
    return starts_at - desk.now < desk.changes.choose_before
