"""The calendar entry of an appointment: one UID for life, a sequence that rises, one attendee."""

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, vCalAddress, vText

from notifications.domain.facts import Place
from notifications.domain.languages import TextRefusedError
from notifications.domain.messages import CalendarMethod
from notifications.domain.reasons import Reason

_PRODUCT = "-//Backpack//Notifications//EN"


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What a calendar entry says.

    Attributes:
        uid: of the appointment, without our domain.
        revision: of the fact; the entry of a higher one replaces that of a lower one.
        organizer: the sender's email address, the same for every revision.
        attendee: the one address that reads it; nobody else's is shown.
    """

    method: CalendarMethod
    uid: str
    revision: int
    place: Place
    summary: str
    location: str
    organizer: str
    organizer_name: str
    attendee: str
    written_at: datetime


def wall_time(moment: datetime, time_zone: str) -> datetime:
    """Return a moment as a clock in the school shows it.

    Raises:
        TextRefusedError: if there is no such zone, or no such day in it: no wrong time is told.
    """
    try:
        return moment.astimezone(ZoneInfo(time_zone))
    except (KeyError, ValueError, OSError, OverflowError):
        raise TextRefusedError(Reason.ZONE_UNKNOWN) from None


#: RFC 5546: what a request asks for is held, and what a cancellation names is not.
_STATUS = {CalendarMethod.REQUEST: "CONFIRMED", CalendarMethod.CANCEL: "CANCELLED"}


def invitation(about: Invitation) -> str:
    """Return an iCalendar object that asks for the time, or gives it back (RFC 5546)."""
    place = about.place
    event = Event()
    _, _, domain = about.organizer.rpartition("@")
    event.add("uid", f"{about.uid}@{domain}")
    event.add("sequence", about.revision - 1)
    event.add("dtstamp", about.written_at)
    event.add("dtstart", wall_time(place.starts_at, place.time_zone))
    event.add("dtend", wall_time(place.ends_at, place.time_zone))
    event.add("summary", about.summary)
    event.add("location", about.location)
    event.add("status", _STATUS[about.method])
    organizer = vCalAddress(f"mailto:{about.organizer}")
    organizer.params["CN"] = vText(about.organizer_name)
    event["organizer"] = organizer
    attendee = vCalAddress(f"mailto:{about.attendee}")
    attendee.params["RSVP"] = vText("FALSE")
    attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
    event.add("attendee", attendee, encode=False)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", about.method.value)
    calendar.add_component(_zone(place.time_zone, place.starts_at.year))
    calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written.decode()


@lru_cache(maxsize=64)
def _zone(time_zone: str, year: int) -> Timezone:
    """Return the rules of a zone round one year: all of its history would be many times the entry."""
    return Timezone.from_tzid(
        time_zone,
        first_date=date(max(year - 1, MINYEAR), 1, 1),
        last_date=date(min(year + 2, MAXYEAR), 1, 1),
    )
