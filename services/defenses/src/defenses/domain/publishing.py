"""Find what is wrong with an availability before anybody is scheduled by it, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, time
from itertools import pairwise
from zoneinfo import ZoneInfo

from defenses.domain.availability import ROLES, Availability, Day, Window, local

_MIDNIGHT_MINUTES = 24 * 60


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; `field` is its path in the availability, such as `days.0.starts_at.3`."""

    field: str
    reason: str


class InvalidTimesError(ValueError):
    """An availability or a family's windows cannot be used; `faults` says what is wrong with which field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.reason}" for fault in faults))
        self.faults = tuple(faults)


def faults(availability: Availability) -> tuple[Fault, ...]:
    """Return everything that is wrong with an availability; nothing when it may be published."""
    return (
        *_zone_faults(availability),
        *_emptiness_faults(availability),
        *_day_faults(availability),
        *_room_faults(availability),
        *_panelist_faults(availability),
        *_interpreter_faults(availability),
    )


def window_faults(windows: Sequence[Window], field: str, *, needed: bool = False) -> Iterator[Fault]:
    """Find windows that end before they start, or that share a moment with another one.

    Args:
        windows: of one room, person or family.
        field: their path in the request.
        needed: whether there must be one at all.
    """
    if needed and not windows:
        yield Fault(field, "it is empty")
    for number, window in enumerate(windows):
        if window.end <= window.start:
            yield Fault(f"{field}.{number}", "it ends before it starts")
    ordered = sorted(range(len(windows)), key=lambda place: (windows[place].day, windows[place].start))
    for before, after in pairwise(ordered):
        if windows[before].day == windows[after].day and windows[after].start < windows[before].end:
            yield Fault(f"{field}.{after}", f"it overlaps the window at {field}.{before}")


def zone_of(name: str) -> ZoneInfo | None:
    """Return the time zone, None when there is none of this name."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        # Unknown names raise ZoneInfoNotFoundError, absolute paths ValueError, directories OSError.
        return None


def _zone_faults(availability: Availability) -> Iterator[Fault]:
    if zone_of(availability.time_zone) is None:
        yield Fault("time_zone", "it is no IANA time zone, such as America/Kentucky/Louisville")


def _emptiness_faults(availability: Availability) -> Iterator[Fault]:
    """Find what must not be empty; a day without starts is no day of the season."""
    for field in ("days", "rooms", "panelists"):
        if not getattr(availability, field):
            yield Fault(field, "it is empty")
    for number, day in enumerate(availability.days):
        if not day.starts_at:
            yield Fault(f"days.{number}.starts_at", "it is empty")
    if availability.slot_minutes < 1:
        yield Fault("slot_minutes", "it is less than a minute")


def _day_faults(availability: Availability) -> Iterator[Fault]:
    yield from _repeated((day.date for day in availability.days), "days.{}.date", "the date")
    zone = zone_of(availability.time_zone)
    for number, day in enumerate(availability.days):
        yield from _start_faults(day, f"days.{number}.starts_at", availability.slot_minutes)
        if zone is not None:
            yield from _clock_change_faults(day, f"days.{number}.starts_at", zone)


def _start_faults(day: Day, field: str, slot_minutes: int) -> Iterator[Fault]:
    """Find starts that come before the slot before them is over, or whose slot runs to midnight."""
    ordered = sorted(range(len(day.starts_at)), key=lambda place: day.starts_at[place])
    for before, after in pairwise(ordered):
        if _minutes(day.starts_at[after]) - _minutes(day.starts_at[before]) < slot_minutes:
            reason = (
                f"it starts within the {slot_minutes} minutes of the slot at {day.starts_at[before]:%H:%M}"
            )
            yield Fault(f"{field}.{after}", reason)
    for place, start in enumerate(day.starts_at):
        if _minutes(start) + slot_minutes >= _MIDNIGHT_MINUTES:
            yield Fault(f"{field}.{place}", "its slot does not end before midnight")


def _clock_change_faults(day: Day, field: str, zone: ZoneInfo) -> Iterator[Fault]:
    """Find times that the clock skips or shows twice when it is changed that night."""
    for place, start in enumerate(day.starts_at):
        moment = local(day.date, start, zone)
        if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment.replace(tzinfo=None):
            yield Fault(f"{field}.{place}", "the clock skips this time on that day")
        elif moment.utcoffset() != moment.replace(fold=1).utcoffset():
            yield Fault(f"{field}.{place}", "the clock shows this time twice on that day")


def _room_faults(availability: Availability) -> Iterator[Fault]:
    yield from _repeated((room.room_id for room in availability.rooms), "rooms.{}.room_id", "the room")
    for number, room in enumerate(availability.rooms):
        field = f"rooms.{number}.open"
        yield from window_faults(room.open, field)
        yield from _outside_faults(room.open, field, availability)


def _panelist_faults(availability: Availability) -> Iterator[Fault]:
    ids = (panelist.panelist_id for panelist in availability.panelists)
    yield from _repeated(ids, "panelists.{}.panelist_id", "the panelist")
    for number, panelist in enumerate(availability.panelists):
        field = f"panelists.{number}.available"
        if panelist.role not in ROLES:
            yield Fault(f"panelists.{number}.role", f"it is none of {', '.join(ROLES)}")
        yield from window_faults(panelist.available, field)
        yield from _outside_faults(panelist.available, field, availability)


def _interpreter_faults(availability: Availability) -> Iterator[Fault]:
    languages = (each.language for each in availability.interpreters)
    yield from _repeated(languages, "interpreters.{}.language", "the language")
    for number, each in enumerate(availability.interpreters):
        field = f"interpreters.{number}.available"
        yield from window_faults(each.available, field)
        yield from _outside_faults(each.available, field, availability)


def _outside_faults(windows: Sequence[Window], field: str, availability: Availability) -> Iterator[Fault]:
    """Find windows of days that are not in the season."""
    season = {day.date for day in availability.days}
    for number, window in enumerate(windows):
        if window.day not in season:
            yield Fault(f"{field}.{number}", "its date is none of the days")


def _repeated(ids: Iterable[str | date], field: str, what: str) -> Iterator[Fault]:
    seen = set()
    for number, one in enumerate(ids):
        if one in seen:
            yield Fault(field.format(number), f"{what} is listed twice")
        seen.add(one)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute
