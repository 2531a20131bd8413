"""When schools and families can, on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from defenses.domain.availability import Availability, Day, Interpreters, Panelist, Room, Window

_ID = validate.Length(1, 200)
_NAME = validate.Length(1, 200)
_LANGUAGE = validate.Length(1, 40)
_CLOCK = "%H:%M"
_WINDOW_PARTS = 3
_MANY = validate.Length(max=2_000)


class WindowField(fields.Field[Window]):
    """A window of local time as a list: `["2027-04-05", "08:30", "11:30"]`."""

    def _serialize(self, value: Window | None, attr: str | None, obj: Any, **kwargs: Any) -> list[str] | None:
        if value is None:
            return None
        return [value.day.isoformat(), f"{value.start:{_CLOCK}}", f"{value.end:{_CLOCK}}"]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Window:
        if not isinstance(value, list) or len(value) != _WINDOW_PARTS:
            raise ValidationError("Not a window: [date, start, end].")
        try:
            day, start, end = value
            return Window(date.fromisoformat(day), time.fromisoformat(start), time.fromisoformat(end))
        except (TypeError, ValueError) as error:
            raise ValidationError("Not a window: [date, start, end], such as 2027-04-05, 08:30.") from error


def _windows(**options: Any) -> Any:
    return fields.List(WindowField(), required=True, validate=_MANY, **options)


class DaySchema(Schema):
    """A day of the season with the wall times at which a defense can start."""

    date = fields.Date(required=True)
    starts_at = fields.List(fields.Time(format=_CLOCK), required=True, validate=_MANY)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Day:
        """Build the day."""
        return Day(values["date"], tuple(values["starts_at"]))


class RoomSchema(Schema):
    """A room and when it may be used."""

    room_id = fields.String(required=True, validate=_ID)
    name = fields.String(required=True, validate=_NAME)
    open = _windows()

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Room:
        """Build the room."""
        return Room(room_id=values["room_id"], name=values["name"], open=tuple(values["open"]))


class PanelistSchema(Schema):
    """Somebody who can sit on panels of the school; a staff member under their staff id."""

    panelist_id = fields.String(required=True, validate=_ID)
    role = fields.String(required=True)
    available = _windows()
    max_per_day = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(1, 100)
    )

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Panelist:
        """Build the panelist."""
        return Panelist(**{**values, "available": tuple(values["available"])})


class InterpretersSchema(Schema):
    """Interpreters of one language: how many at once, and when."""

    language = fields.String(required=True, validate=_LANGUAGE)
    at_once = fields.Integer(required=True, strict=True, validate=validate.Range(1, 100))
    available = _windows()

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Interpreters:
        """Build them."""
        return Interpreters(**{**values, "available": tuple(values["available"])})


@dataclass(frozen=True)
class Publishing:
    """What a school offers from now on, and which edition of it that replaces; None for any."""

    availability: Availability
    seen: int | None


class AvailabilityBodySchema(Schema):
    """What a school offers for a season.

    `edition` is what the caller has read and means to replace, 0 for none; without it, the last one counts.
    """

    edition = fields.Integer(strict=True, load_default=None, allow_none=True, validate=validate.Range(min=0))

    time_zone = fields.String(required=True)
    slot_minutes = fields.Integer(required=True, strict=True, validate=validate.Range(5, 240))
    days = fields.List(fields.Nested(DaySchema), required=True, validate=_MANY)
    rooms = fields.List(fields.Nested(RoomSchema), required=True, validate=_MANY)
    panelists = fields.List(fields.Nested(PanelistSchema), required=True, validate=_MANY)
    interpreters = fields.List(fields.Nested(InterpretersSchema), load_default=list, validate=_MANY)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Publishing:
        """Build the availability."""
        offered = Availability(
            time_zone=values["time_zone"],
            slot_minutes=values["slot_minutes"],
            days=tuple(values["days"]),
            rooms=tuple(values["rooms"]),
            panelists=tuple(values["panelists"]),
            interpreters=tuple(values["interpreters"]),
        )
        return Publishing(offered, values["edition"])


class PublishedAvailabilitySchema(Schema):
    """A school's availability as last published."""

    school_id = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)
    edition = fields.Integer(required=True)
    time_zone = fields.String(required=True, attribute="availability.time_zone")
    slot_minutes = fields.Integer(required=True, attribute="availability.slot_minutes")
    days = fields.List(fields.Nested(DaySchema), required=True, attribute="availability.days")
    rooms = fields.List(fields.Nested(RoomSchema), required=True, attribute="availability.rooms")
    panelists = fields.List(fields.Nested(PanelistSchema), required=True, attribute="availability.panelists")
    interpreters = fields.List(
        fields.Nested(InterpretersSchema), required=True, attribute="availability.interpreters"
    )


class FamilyWindowsBodySchema(Schema):
    """When a family can come, and whether it needs an interpreter; what is left out stays as it was."""

    windows = _windows()
    interpreter = fields.String(allow_none=True, validate=_LANGUAGE)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Build the windows."""
        return {**values, "windows": tuple(values["windows"])}


class FamilyWindowsSchema(Schema):
    """When a family can come, and when it last said so."""

    student_id = fields.String(required=True)
    windows = _windows()
    told_at = fields.AwareDateTime(required=True)
    interpreter = fields.String(required=True, allow_none=True)
