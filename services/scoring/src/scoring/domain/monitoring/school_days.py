"""How many school days lie between two moments, for many pairs of moments at once."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from scoring.domain.statistics.estimates import FloatArray
from scoring.domain.tasks.rules import Calendar


class SchoolDays:
    """Counts the school days of a calendar, which are whole local days."""

    def __init__(self, calendar: Calendar, *, first_s: float, last_s: float) -> None:
        """Take a calendar, and between which seconds since 1970 all moments lie."""
        zone = ZoneInfo(calendar.time_zone)
        day = datetime.fromtimestamp(first_s, UTC).astimezone(zone).date()
        last = datetime.fromtimestamp(last_s, UTC).astimezone(zone).date()
        midnights, passed = [datetime.combine(day, time(0), zone).timestamp()], [0.0]
        while day <= last:
            is_open = day.weekday() in calendar.weekdays and day not in calendar.closed
            day += timedelta(days=1)
            midnights.append(datetime.combine(day, time(0), zone).timestamp())
            passed.append(passed[-1] + is_open)
        self._midnights, self._passed = np.array(midnights), np.array(passed)

    def between(self, start_s: FloatArray, end_s: FloatArray) -> FloatArray:
        """Return the school days from each start to its end; NaN where one of them is."""
        return self._at(end_s) - self._at(start_s)

    def _at(self, moments_s: FloatArray) -> FloatArray:
        return np.asarray(np.interp(moments_s, self._midnights, self._passed), dtype=np.float64)
