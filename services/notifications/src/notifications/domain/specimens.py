"""Facts to show a text with where there is no real one: an appointment in two weeks, a result, its steps."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from notifications.domain.facts import Fact, Kind, Place, Standing
from notifications.domain.languages import TextRefusedError
from notifications.domain.messages import Purpose
from notifications.domain.news import News
from notifications.domain.reasons import Reason
from notifications.domain.roster import School

_IN_DAYS = 14
_AT = time(10, 30)
_LASTS = timedelta(minutes=30)
_ROOM, _FORMER_ROOM = "Room 101", "Room 102"

_STANDINGS = {
    Purpose.DEFENSE_CANCELLED: Standing.CANCELLED,
    Purpose.MILESTONE_CANCELLED: Standing.CANCELLED,
    Purpose.MILESTONE_MISSED: Standing.MISSED,
    Purpose.HEARING_ADJOURNED: Standing.ADJOURNED,
    Purpose.HEARING_ANNULLED: Standing.ANNULLED,
    Purpose.OUTCOME_RELEASED: Standing.RELEASED,
    Purpose.REDEFENSE_REQUESTED: Standing.RELEASED,
}
_OF_HEARINGS = frozenset({Standing.ADJOURNED, Standing.ANNULLED, Standing.RELEASED})
_MOVED = frozenset({Purpose.DEFENSE_MOVED, Purpose.MILESTONE_MOVED})


def kind_of(purpose: Purpose) -> Kind:
    """Return what a purpose is about."""
    if _STANDINGS.get(purpose) in _OF_HEARINGS:
        return Kind.HEARING
    return Kind.MILESTONE if purpose.startswith(Kind.MILESTONE) else Kind.DEFENSE


def specimen(purpose: Purpose, student_id: str, school: School, *, now: datetime) -> Fact:
    """Return a fact of which a purpose could tell.

    Raises:
        TextRefusedError: if the school's time zone is none.
    """
    kind = kind_of(purpose)
    place = None if kind is Kind.HEARING else _place(school, now)
    day = now.date()
    steps = purpose is Purpose.REDEFENSE_REQUESTED
    return Fact(
        kind=kind,
        fact_id="specimen",
        revision=1,
        student_id=student_id,
        school_id=school.school_id,
        standing=_STANDINGS.get(purpose, Standing.SET),
        deadline=place.starts_at if place else now + timedelta(days=_IN_DAYS),
        place=place,
        plan_due_on=day + timedelta(days=_IN_DAYS) if steps else None,
        defend_by=day + timedelta(days=3 * _IN_DAYS) if steps else None,
    )


def told_as(purpose: Purpose, fact: Fact) -> News:
    """Return what a purpose says of a fact; of a move, that it was a day earlier in another room."""
    place = fact.place
    if place is None or purpose not in _MOVED:
        return News(purpose=purpose, place=place)
    day = timedelta(days=1)
    before = replace(place, starts_at=place.starts_at - day, ends_at=place.ends_at - day, room=_FORMER_ROOM)
    return News(purpose=purpose, place=place, before=before)


def _place(school: School, now: datetime) -> Place:
    try:
        zone = ZoneInfo(school.time_zone)
    except (KeyError, ValueError, OSError):
        raise TextRefusedError(Reason.ZONE_UNKNOWN) from None
    day = now.astimezone(zone).date() + timedelta(days=_IN_DAYS)
    starts_at = datetime.combine(day, _AT, tzinfo=zone).astimezone(UTC)
    return Place(starts_at=starts_at, ends_at=starts_at + _LASTS, time_zone=school.time_zone, room=_ROOM)
