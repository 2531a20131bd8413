"""What one school offers, prepared for many questions about single slots."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from defenses.domain.availability import Availability, Panelist, Room, Slot, Window, slots, slots_in


class SchoolOffer:
    """A school's slots, rooms and people."""

    def __init__(self, school_id: str, availability: Availability) -> None:
        self.school_id = school_id
        self.availability = availability
        self.zone = ZoneInfo(availability.time_zone)
        self.slots = slots(availability)
        self.rooms: dict[str, Room] = {room.room_id: room for room in availability.rooms}
        self.panelists: dict[str, Panelist] = {each.panelist_id: each for each in availability.panelists}
        self._days: dict[datetime, date] = {}
        self._covered: dict[tuple[Window, ...] | None, frozenset[int]] = {}

    @cached_property
    def starts(self) -> dict[datetime, Slot]:
        """The slots by the moment at which they begin."""
        return {slot.starts_at: slot for slot in self.slots}

    @cached_property
    def room_slots(self) -> dict[str, frozenset[int]]:
        """Room -> numbers of the slots in which it is open."""
        return {each.room_id: self.covered(each.open) for each in self.availability.rooms}

    @cached_property
    def panelists_in(self) -> dict[int, list[str]]:
        """Number of a slot -> who is available in it, ordered by id."""
        found: dict[int, list[str]] = {slot.index: [] for slot in self.slots}
        for panelist_id in sorted(self.panelist_slots):
            for index in self.panelist_slots[panelist_id]:
                found[index].append(panelist_id)
        return found

    @cached_property
    def panelist_slots(self) -> dict[str, frozenset[int]]:
        """Panelist -> numbers of the slots in which they are available."""
        return {each.panelist_id: self.covered(each.available) for each in self.availability.panelists}

    @cached_property
    def interpreters_in(self) -> dict[tuple[str, int], int]:
        """Language and number of a slot -> how many can interpret at once."""
        return {
            (each.language, index): each.at_once
            for each in self.availability.interpreters
            for index in self.covered(each.available)
        }

    def covered(self, windows: tuple[Window, ...] | None) -> frozenset[int]:
        """Return the slots that lie in windows; all of them if the windows are None."""
        # The same family is asked about again and again.
        if windows not in self._covered:
            self._covered[windows] = (
                frozenset(slot.index for slot in self.slots)
                if windows is None
                else slots_in(self.slots, windows)
            )
        return self._covered[windows]

    def day_of(self, moment: datetime) -> date:
        """Return the school's date at a moment."""
        # Asked of the same few moments for every seat that is tried; the conversion is what it costs.
        day = self._days.get(moment)
        if day is None:
            day = self._days[moment] = moment.astimezone(self.zone).date()
        return day
