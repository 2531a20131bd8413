"""When, where and before whom somebody defends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marshmallow import fields, validate

from contracts.base import Contract, EventSchema

_ID = validate.Length(1, 200)


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One panelist's seat; `role` is the panel role that it fills, such as `teacher` or `outside`."""

    panelist_id: str
    role: str


class SeatSchema(EventSchema[Seat]):
    """Wire form of a seat."""

    event = Seat
    panelist_id = fields.String(required=True, validate=_ID)
    role = fields.String(required=True, validate=validate.Length(1, 50))


@dataclass(frozen=True, kw_only=True)
class DefenseScheduled:
    """A student's defense has its time, room and panel.

    Attributes:
        revision: rises with each change that a family must hear of; 1 when first scheduled.
        starts_at, ends_at: aware; the wall time of `time_zone` is what families are told.
        room: the room's name as people at the school know it.
    """

    defense_id: str
    revision: int
    student_id: str
    school_id: str
    transition: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    room: str
    panel: tuple[Seat, ...]


class DefenseScheduledSchema(EventSchema[DefenseScheduled]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = DefenseScheduled
    defense_id = fields.String(required=True, validate=_ID)
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    transition = fields.String(required=True, validate=validate.Length(1, 10))
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    time_zone = fields.String(required=True, validate=validate.Length(1, 100))
    room = fields.String(required=True, validate=validate.Length(1, 200))
    panel = fields.List(fields.Nested(SeatSchema), required=True, validate=validate.Length(min=1))


DEFENSE_SCHEDULED = Contract("defenses", "defense.scheduled", 1, DefenseScheduledSchema)

CONTRACTS = (DEFENSE_SCHEDULED,)
