"""Defenses as an iCalendar file (RFC 5545): where and when, and nothing about a student."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from defenses.domain.defenses import SCHEDULED, Defense

_PRODUCT = "-//Backpack//Defenses//EN"
#: How often a subscriber looks again, as an RFC 5545 duration; both names of the property are in use.
_REFRESH = "PT15M"


def calendar_file(defenses: Iterable[Defense], *, written_at: datetime) -> bytes:
    """Return a calendar to subscribe to; what was called off is shown as cancelled."""
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Defenses")
    calendar.add("x-published-ttl", _REFRESH)
    for defense in defenses:
        calendar.add_component(_event(defense, written_at))
    calendar.add_missing_timezones()
    written: bytes = calendar.to_ical()
    return written


def _event(defense: Defense, written_at: datetime) -> Event:
    zone = ZoneInfo(defense.time_zone)
    event = Event()
    # One id for life and a number that rises with every change, so that subscribers replace what they have.
    event.add("uid", f"defense-{defense.defense_id}@backpack")
    event.add("sequence", defense.edition - 1)
    event.add("dtstamp", defense.history[-1].note.at if defense.history else written_at)
    event.add("dtstart", defense.starts_at.astimezone(zone))
    event.add("dtend", defense.ends_at.astimezone(zone))
    event.add("summary", f"Defense, grade {defense.transition}")
    event.add("location", defense.room)
    event.add("status", "CONFIRMED" if defense.state == SCHEDULED else "CANCELLED")
    return event
