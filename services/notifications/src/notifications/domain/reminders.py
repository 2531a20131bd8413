"""When a family is reminded of an appointment: as policy says, by the school's clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from notifications.domain.facts import Fact, Place, Standing


@dataclass(frozen=True)
class Before:
    """How long before an appointment: so many days at the same time of day, and so many hours."""

    days: int
    hours: float

    def moment(self, place: Place) -> datetime:
        """Return when that is; a day is a day on the school's clocks, also when they are changed.

        Raises:
            LookupError, ValueError, OSError: if there is no such time zone.
            OverflowError: if there is no such day.
        """
        wall = place.starts_at.astimezone(ZoneInfo(place.time_zone)) - timedelta(days=self.days)
        return wall.astimezone(UTC) - timedelta(hours=self.hours)


def next_reminder(fact: Fact, wanted: Sequence[Before], *, after: datetime) -> datetime | None:
    """Return when a family is next reminded of a fact; None if it is not, or not any more.

    Args:
        fact: the revision that it was told.
        wanted: the district's reminders.
        after: what is not later has passed.
    """
    if fact.standing is not Standing.SET or fact.place is None:
        return None
    try:
        moments = [each.moment(fact.place) for each in wanted]
    except (LookupError, ValueError, OSError, OverflowError):
        # Nobody can be told a time there, so nobody was invited.
        return None
    return min((each for each in moments if after < each < fact.deadline), default=None)
