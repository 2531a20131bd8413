"""When a family may be disturbed: quiet hours on the school's clocks, also when these are changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from notifications.domain.messages import Purpose
from notifications.domain.roster import Channel

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Quiet:
    """Hours without messages, by the clock on the wall; over midnight where they end earlier than they start.

    Attributes:
        starts, ends: of no zone; the first minute that is quiet, and the first one that is not any more.
    """

    starts: time
    ends: time

    def covers(self, wall: time) -> bool:
        """Return whether a time of day is quiet."""
        if self.starts <= self.ends:
            return self.starts <= wall < self.ends
        return wall >= self.starts or wall < self.ends


@dataclass(frozen=True, kw_only=True)
class HourRules:
    """A district's hours, as policy data.

    Attributes:
        quiet: by channel; a channel that is not in it may be used at any time.
        same_day: what goes out at once when it is about today, or would come too late afterwards.
        time_zone: IANA name, for schools whose own zone nobody knows.
    """

    quiet: Mapping[Channel, Quiet]
    same_day: Collection[Purpose]
    time_zone: str

    def zone(self, wanted: str) -> ZoneInfo:
        """Return a school's zone, or the district's if there is no such zone."""
        try:
            return ZoneInfo(wanted)
        except (LookupError, ValueError, OSError):
            return ZoneInfo(self.time_zone)


def next_strike(after: datetime, clock: time, zone: ZoneInfo) -> datetime:
    """Return the first minute after a moment at which the clocks have come to a time of day.

    Where they are put forward over it, that is the minute after the gap; where they are put back and show it
    twice, the first of the two that is to come.
    """
    wall = after.astimezone(zone)
    day = wall.date() + timedelta(days=wall.time() >= clock)
    first, last = sorted(
        datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)
    )
    minute = max(first, after.astimezone(UTC).replace(second=0, microsecond=0) + _MINUTE)
    while minute < last and minute.astimezone(zone).time() < clock:
        minute += _MINUTE
    return minute


def first_allowed(moment: datetime, quiet: Sequence[Quiet], zone: ZoneInfo) -> datetime:
    """Return the moment, or the first minute after it that none of these hours covers.

    Hours that together leave no minute cannot all be kept: then only the first ones count.
    """
    at = moment
    for _ in range(2 * len(quiet)):
        covering = [each for each in quiet if each.covers(at.astimezone(zone).time())]
        if not covering:
            return at
        at = next_strike(at, covering[0].ends, zone)
    return at if len(quiet) <= 1 else first_allowed(moment, quiet[:1], zone)
