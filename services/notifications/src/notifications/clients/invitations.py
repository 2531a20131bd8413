"""Appointments in calendars: one UID for life, a sequence that rises, times in UTC (RFC 5545, RFC 5546)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText

from notifications.domain.facts import Place
from notifications.domain.languages import TextRefusedError
from notifications.domain.messages import CalendarMethod
from notifications.domain.reasons import Reason

_PRODUCT = "-//Backpack//Notifications//EN"
#: How often a subscriber looks again, as an RFC 5545 duration; both names of the property are in use.
_REFRESH = "PT15M"
#: RFC 5546: what a request asks for is held, and what a cancellation names is not.
_STATUS = {CalendarMethod.REQUEST: "CONFIRMED", CalendarMethod.CANCEL: "CANCELLED"}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One appointment as a calendar shows it.

    Attributes:
        method: what the calendar is asked to do with it.
        uid: of the appointment, with a domain.
        revision: of the fact; the entry of a higher one replaces that of a lower one.
        written_at: when this revision was written.
    """

    method: CalendarMethod
    uid: str
    revision: int
    place: Place
    summary: str
    location: str
    written_at: datetime


@dataclass(frozen=True, kw_only=True)
class Organizer:
    """Who invites: an email address, the same for every revision, and a name."""

    address: str
    name: str


def wall_time(moment: datetime, time_zone: str) -> datetime:
    """Return a moment as a clock in the school shows it.

    Raises:
        TextRefusedError: if there is no such zone, or no such day in it: no wrong time is told.
    """
    try:
        return moment.astimezone(ZoneInfo(time_zone))
    except (KeyError, ValueError, OSError, OverflowError):
        raise TextRefusedError(Reason.ZONE_UNKNOWN) from None


def invitation(entry: Entry, organizer: Organizer, *, attendee: str) -> str:
    """Return an iCalendar object that asks for the time, or gives it back (RFC 5546).

    Args:
        entry: the appointment.
        organizer: who invites.
        attendee: the one address that reads it; nobody else's is shown.
    """
    event = _event(entry)
    event["organizer"] = vCalAddress(f"mailto:{organizer.address}")
    event["organizer"].params["CN"] = vText(_unquoted(organizer.name))
    invited = vCalAddress(f"mailto:{attendee}")
    invited.params["RSVP"] = vText("FALSE")
    invited.params["PARTSTAT"] = vText("NEEDS-ACTION")
    event.add("attendee", invited, encode=False)
    calendar = _calendar()
    calendar.add("method", entry.method.value)
    calendar.add_component(event)
    return _written(calendar)


def subscription(entries: Sequence[Entry], *, name: str) -> str:
    """Return a calendar to subscribe to; what was called off is shown as cancelled.

    It has no method and nobody in it: it asks for nothing, and its readers must not answer.

    Args:
        entries: in the order of time.
        name: of the calendar.
    """
    calendar = _calendar()
    calendar.add("x-wr-calname", name)
    calendar.add("x-published-ttl", _REFRESH)
    for entry in entries:
        calendar.add_component(_event(entry))
    return _written(calendar)


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    return calendar


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.revision - 1)
    event.add("dtstamp", entry.written_at)
    event.add("dtstart", entry.place.starts_at.astimezone(UTC))
    event.add("dtend", entry.place.ends_at.astimezone(UTC))
    event.add("summary", entry.summary)
    event.add("location", entry.location)
    event.add("status", _STATUS[entry.method])
    return event


def _unquoted(name: str) -> str:
    """Return a name as a parameter may hold it: without double quotes (RFC 5545 section 3.2)."""
    return name.replace('"', "'")


def _written(calendar: Calendar) -> str:
    written: bytes = calendar.to_ical()
    return written.decode()
