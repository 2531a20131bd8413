"""The bodies, queries and answers of the HTTP routes."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from chassis.http import PageQuerySchema
from defenses.domain.availability import Availability, Day, Panelist, Room, Window
from defenses.domain.readiness import STATUSES

_ID = validate.Length(1, 200)
_NAME = validate.Length(1, 200)
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


class AvailabilityBodySchema(Schema):
    """What a school offers for a season."""

    time_zone = fields.String(required=True)
    slot_minutes = fields.Integer(required=True, strict=True, validate=validate.Range(5, 240))
    days = fields.List(fields.Nested(DaySchema), required=True, validate=_MANY)
    rooms = fields.List(fields.Nested(RoomSchema), required=True, validate=_MANY)
    panelists = fields.List(fields.Nested(PanelistSchema), required=True, validate=_MANY)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Availability:
        """Build the availability."""
        return Availability(
            time_zone=values["time_zone"],
            slot_minutes=values["slot_minutes"],
            days=tuple(values["days"]),
            rooms=tuple(values["rooms"]),
            panelists=tuple(values["panelists"]),
        )


class PublishedAvailabilitySchema(Schema):
    """A school's availability as last published."""

    school_id = fields.String(required=True)
    published_at = fields.AwareDateTime(required=True)
    time_zone = fields.String(required=True, attribute="availability.time_zone")
    slot_minutes = fields.Integer(required=True, attribute="availability.slot_minutes")
    days = fields.List(fields.Nested(DaySchema), required=True, attribute="availability.days")
    rooms = fields.List(fields.Nested(RoomSchema), required=True, attribute="availability.rooms")
    panelists = fields.List(fields.Nested(PanelistSchema), required=True, attribute="availability.panelists")


class FamilyWindowsBodySchema(Schema):
    """When a family can come."""

    windows = _windows()

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> tuple[Window, ...]:
        """Build the windows."""
        return tuple(values["windows"])


class FamilyWindowsSchema(Schema):
    """When a family can come, and when it last said so."""

    student_id = fields.String(required=True)
    windows = _windows()
    told_at = fields.AwareDateTime(required=True)


class ReadinessQuerySchema(PageQuerySchema):
    """Which decisions."""

    school_id = fields.String(load_default=None, validate=_ID)
    status = fields.String(load_default=None, validate=validate.OneOf(STATUSES))


class ReadinessSchema(Schema):
    """What is decided about one student's transition, and why.

    `explanation` is a tree of clauses {id, met, observed, required, artifact_ids, clauses}. Its root is
    `readiness`; below it is one clause a skill, under the skill's id, made of `evidence` (enough scored
    artifacts), `mean` (their mean level) and `criterion-floor` (the lowest criterion's median level).
    """

    student_id = fields.String(required=True)
    school_id = fields.String(required=True)
    transition = fields.String(required=True, attribute="current.transition")
    status = fields.String(required=True, attribute="current.status")
    rule_version = fields.String(required=True, attribute="current.rule_version")
    explanation = fields.Function(lambda candidate: candidate.current.explanation.to_tree())
    input_hash = fields.String(required=True, attribute="current.input_hash")
    decided_at = fields.AwareDateTime(required=True)


class RunBodySchema(Schema):
    """For which school a run is wanted."""

    school_id = fields.String(required=True, validate=_ID)


class UnplacedSchema(Schema):
    """A ready student without a place: a stable word and a sentence."""

    student_id = fields.String(required=True)
    reason = fields.String(required=True)
    detail = fields.String(required=True)


class RunSchema(Schema):
    """A run and how far it is; `placed` and `unplaced` are known once it is applying."""

    run_id = fields.String(required=True)
    school_id = fields.String(required=True)
    state = fields.String(required=True)
    requested_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    failure = fields.String(required=True)
    placed = fields.Function(lambda run: len(run.plan.placements) if run.plan else 0)
    unplaced = fields.List(fields.Nested(UnplacedSchema), attribute="plan.unplaced", dump_default=list)
    cost = fields.Integer(attribute="plan.cost", dump_default=None, allow_none=True)
    lower_bound = fields.Float(attribute="plan.lower_bound", dump_default=None, allow_none=True)
    seconds = fields.Float(attribute="plan.seconds", dump_default=None, allow_none=True)


class DefensesQuerySchema(PageQuerySchema):
    """Which defenses."""

    school_id = fields.String(load_default=None, validate=_ID)
    student_id = fields.String(load_default=None, validate=_ID)


class SeatSchema(Schema):
    """One seat of a panel."""

    panelist_id = fields.String(required=True)
    role = fields.String(required=True)


class DefenseSchema(Schema):
    """A defense; times are UTC, and `time_zone` says in which zone the school's clocks show them."""

    defense_id = fields.String(required=True)
    student_id = fields.String(required=True)
    school_id = fields.String(required=True)
    transition = fields.String(required=True)
    school_year = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    time_zone = fields.String(required=True)
    room = fields.String(required=True)
    panel = fields.List(fields.Nested(SeatSchema), required=True)
    revision = fields.Integer(required=True)
    state = fields.String(required=True)
