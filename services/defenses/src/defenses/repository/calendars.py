"""What schools and families say about their time, in the document store: days and wall times as ISO text."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository
from defenses.documents import AvailabilityDocument, FamilyWindowsDocument
from defenses.domain.availability import (
    Availability,
    Day,
    FamilyWindows,
    Interpreters,
    Panelist,
    PublishedAvailability,
    Room,
    Window,
)


class Availabilities(AggregateRepository[PublishedAvailability]):
    """Keeps each school's availability by school id."""

    document: ClassVar[Any] = AvailabilityDocument

    def to_value(self, document: Any) -> PublishedAvailability:
        """Return the availability of a document."""
        return PublishedAvailability(
            school_id=document.id,
            availability=_availability(document.availability),
            published_at=document.published_at,
            edition=document.edition,
        )

    def to_fields(self, value: PublishedAvailability) -> dict[str, Any]:
        """Return the document fields of an availability."""
        return {
            "availability": _stored(value.availability),
            "panelist_ids": list(value.panelist_ids),
            "published_at": value.published_at,
            "edition": value.edition,
        }


class Families(AggregateRepository[FamilyWindows]):
    """Keeps each family's windows by student id."""

    document: ClassVar[Any] = FamilyWindowsDocument
    student_field = "_id"

    def to_value(self, document: Any) -> FamilyWindows:
        """Return the windows of a document."""
        return FamilyWindows(
            student_id=document.id,
            windows=_windows(document.windows),
            told_at=document.told_at,
            interpreter=document.interpreter,
        )

    def to_fields(self, value: FamilyWindows) -> dict[str, Any]:
        """Return the document fields of a family's windows."""
        return {
            "windows": _texts(value.windows or ()),
            "told_at": value.told_at,
            "interpreter": value.interpreter,
        }


def _availability(stored: dict[str, Any]) -> Availability:
    return Availability(
        time_zone=stored["time_zone"],
        slot_minutes=stored["slot_minutes"],
        days=tuple(
            Day(date.fromisoformat(day["date"]), tuple(time.fromisoformat(each) for each in day["starts_at"]))
            for day in stored["days"]
        ),
        rooms=tuple(
            Room(room_id=room["room_id"], name=room["name"], open=_windows(room["open"]))
            for room in stored["rooms"]
        ),
        panelists=tuple(
            Panelist(
                panelist_id=panelist["panelist_id"],
                role=panelist["role"],
                available=_windows(panelist["available"]),
                max_per_day=panelist["max_per_day"],
            )
            for panelist in stored["panelists"]
        ),
        interpreters=tuple(
            Interpreters(
                language=each["language"], at_once=each["at_once"], available=_windows(each["available"])
            )
            # What was published before there were interpreters has none.
            for each in stored.get("interpreters", ())
        ),
    )


def _stored(availability: Availability) -> dict[str, Any]:
    return {
        "time_zone": availability.time_zone,
        "slot_minutes": availability.slot_minutes,
        "days": [
            {"date": day.date.isoformat(), "starts_at": [each.isoformat() for each in day.starts_at]}
            for day in availability.days
        ],
        "rooms": [
            {"room_id": room.room_id, "name": room.name, "open": _texts(room.open)}
            for room in availability.rooms
        ],
        "panelists": [
            {
                "panelist_id": panelist.panelist_id,
                "role": panelist.role,
                "available": _texts(panelist.available),
                "max_per_day": panelist.max_per_day,
            }
            for panelist in availability.panelists
        ],
        "interpreters": [
            {"language": each.language, "at_once": each.at_once, "available": _texts(each.available)}
            for each in availability.interpreters
        ],
    }


def _windows(stored: Iterable[Iterable[str]]) -> tuple[Window, ...]:
    return tuple(
        Window(date.fromisoformat(day), time.fromisoformat(start), time.fromisoformat(end))
        for day, start, end in stored
    )


def _texts(windows: Iterable[Window]) -> list[list[str]]:
    return [[each.day.isoformat(), each.start.isoformat(), each.end.isoformat()] for each in windows]
