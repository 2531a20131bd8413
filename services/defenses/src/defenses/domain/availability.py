"""When a school can hold defenses: its slots, rooms and panelists, and the times of families."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

#: What a panelist can be.
ROLES = ("teacher", "administrator", "outside")


@dataclass(frozen=True)
class Window:
    """A span of local time on one day, from `start` up to `end`."""

    day: date
    start: time
    end: time


@dataclass(frozen=True)
class Day:
    """One day of the season with the local times at which a defense can start."""

    date: date
    starts_at: tuple[time, ...]


@dataclass(frozen=True, kw_only=True)
class Room:
    """A room and the times at which it may be used; `name` is what people at the school call it."""

    room_id: str
    name: str
    open: tuple[Window, ...]


@dataclass(frozen=True, kw_only=True)
class Panelist:
    """A person who can sit on panels of this school.

    Attributes:
        panelist_id: the staff id of the roster for staff, so that nobody judges whom they teach.
        role: one of ROLES.
        max_per_day: defenses on one day, over all schools; None takes the district's default.
    """

    panelist_id: str
    role: str
    available: tuple[Window, ...]
    max_per_day: int | None


@dataclass(frozen=True, kw_only=True)
class Interpreters:
    """Interpreters of one language at the school: how many can work at once, and when.

    Attributes:
        language: as families name it, such as `so`.
    """

    language: str
    at_once: int
    available: tuple[Window, ...]


@dataclass(frozen=True, kw_only=True)
class Availability:
    """What one school offers for a season.

    Attributes:
        time_zone: IANA name; every local time here is in it.
        slot_minutes: length of a defense with its turnover.
    """

    time_zone: str
    slot_minutes: int
    days: tuple[Day, ...]
    rooms: tuple[Room, ...]
    panelists: tuple[Panelist, ...]
    interpreters: tuple[Interpreters, ...] = ()


class StaleAvailabilityError(Exception):
    """The availability is not what the caller has seen; the text says when it became another."""

    field = "edition"


@dataclass(frozen=True, kw_only=True)
class PublishedAvailability:
    """A school's availability as last published, and narrowed by repairs since.

    Attributes:
        edition: rises with every change, by whomever.
    """

    school_id: str
    availability: Availability
    published_at: datetime
    edition: int = 1

    def check_edition(self, seen: int) -> None:
        """Raise StaleAvailabilityError unless this is what the caller has seen."""
        if seen != self.edition:
            raise StaleAvailabilityError(
                f"the availability is at edition {self.edition}, not {seen}; "
                f"it was published last at {self.published_at:%Y-%m-%d %H:%M} UTC"
            )

    def narrowed(self, left: Availability) -> PublishedAvailability:
        """Return what is left of it after a repair."""
        return replace(self, availability=left, edition=self.edition + 1)

    @property
    def panelist_ids(self) -> tuple[str, ...]:
        """Everybody whom the school lists, whether they can still come or not."""
        return tuple(panelist.panelist_id for panelist in self.availability.panelists)


@dataclass(frozen=True, kw_only=True)
class FamilyWindows:
    """When a student's family can come; None in `windows` means during the whole season.

    Attributes:
        windows: local times of the student's school.
        told_at: when the family last said so; None when it never did.
        interpreter: language in which somebody must interpret; None if none is needed.
    """

    student_id: str
    windows: tuple[Window, ...] | None = None
    told_at: datetime | None = None
    interpreter: str | None = None


@dataclass(frozen=True, kw_only=True)
class Slot:
    """The time of one defense.

    Attributes:
        index: its number in the season; `index // slots_per_day` is the number of the day.
        window: its local time.
        starts_at, ends_at: the same in UTC.
    """

    index: int
    window: Window
    starts_at: datetime
    ends_at: datetime

    def lies_in(self, windows: tuple[Window, ...]) -> bool:
        """Whether one of the windows covers the whole slot."""
        mine = self.window
        return any(
            window.day == mine.day and window.start <= mine.start and mine.end <= window.end
            for window in joined(windows)
        )

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether a span of time and the slot have a moment in common."""
        return starts_at < self.ends_at and self.starts_at < ends_at


def joined(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return the windows in order, with those that touch made one: a defense may lie across the seam."""
    found: list[Window] = []
    for window in sorted(windows, key=lambda window: (window.day, window.start)):
        if found and found[-1].day == window.day and window.start <= found[-1].end:
            found[-1] = Window(window.day, found[-1].start, max(found[-1].end, window.end))
        else:
            found.append(window)
    return tuple(found)


def slots_in(found: Iterable[Slot], windows: Iterable[Window]) -> frozenset[int]:
    """Return the numbers of the slots that lie in windows."""
    days: dict[date, list[Window]] = {}
    for window in joined(windows):
        days.setdefault(window.day, []).append(window)
    return frozenset(
        slot.index
        for slot in found
        for window in days.get(slot.window.day, ())
        if window.start <= slot.window.start and slot.window.end <= window.end
    )


def slots_per_day(availability: Availability) -> int:
    """Return how many slot numbers each day takes: as many as the fullest day has slots."""
    return max(len(day.starts_at) for day in availability.days)


def slots(availability: Availability) -> tuple[Slot, ...]:
    """Number the season's slots in the order of time."""
    zone, per_day = ZoneInfo(availability.time_zone), slots_per_day(availability)
    length = timedelta(minutes=availability.slot_minutes)
    found = []
    for number, day in enumerate(sorted(availability.days, key=lambda day: day.date)):
        for place, start in enumerate(sorted(day.starts_at)):
            starts_at = local(day.date, start, zone).astimezone(UTC)
            window = Window(day.date, start, end_of(start, availability.slot_minutes))
            found.append(
                Slot(
                    index=number * per_day + place,
                    window=window,
                    starts_at=starts_at,
                    ends_at=starts_at + length,
                )
            )
    return tuple(found)


def local(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """Return the moment at which a wall clock in the zone shows this time."""
    return datetime.combine(day, clock, tzinfo=zone)


def end_of(start: time, minutes: int) -> time:
    """Return the wall time so many minutes later; a published slot never reaches midnight."""
    return (datetime.combine(date.min, start) + timedelta(minutes=minutes)).time()
