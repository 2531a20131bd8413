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

    event: type[DefenseScheduled] = DefenseScheduled
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


@dataclass(frozen=True, kw_only=True)
class DefenseMoved(DefenseScheduled):
    """A defense that the family knows of has another time or another room.

    Attributes:
        previous_starts_at, previous_ends_at, previous_room, previous_panel: what held before.
        cause: a stable word, such as `panelist_lost`, for those who put it into a language of their own.
        reason: what was given as the reason, for staff; it may be in any language.
    """

    previous_starts_at: datetime
    previous_ends_at: datetime
    previous_room: str
    previous_panel: tuple[Seat, ...]
    cause: str
    reason: str


class DefenseMovedSchema(DefenseScheduledSchema):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event: type[DefenseMoved] = DefenseMoved
    previous_starts_at = fields.AwareDateTime(required=True)
    previous_ends_at = fields.AwareDateTime(required=True)
    previous_room = fields.String(required=True, validate=validate.Length(1, 200))
    previous_panel = fields.List(fields.Nested(SeatSchema), required=True, validate=validate.Length(min=1))
    cause = fields.String(required=True, validate=validate.Length(1, 50))
    reason = fields.String(required=True, validate=validate.Length(1, 500))


@dataclass(frozen=True, kw_only=True)
class DefenseReseated(DefenseMoved):
    """Another panel sits at the same time in the same room: `revision` is as before, no family is told."""


class DefenseReseatedSchema(DefenseMovedSchema):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = DefenseReseated


@dataclass(frozen=True, kw_only=True)
class DefenseCancelled:
    """A defense that the family knows of does not take place.

    Attributes:
        revision: above that of everything said before about this defense.
        starts_at: when it would have begun.
        to_be_rescheduled: whether a later `defense.scheduled` with a higher revision is to be expected.
        cause, reason: as in DefenseMoved.
    """

    defense_id: str
    revision: int
    student_id: str
    school_id: str
    transition: str
    starts_at: datetime
    time_zone: str
    to_be_rescheduled: bool
    cause: str
    reason: str


class DefenseCancelledSchema(EventSchema[DefenseCancelled]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = DefenseCancelled
    defense_id = fields.String(required=True, validate=_ID)
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(min=2))
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    transition = fields.String(required=True, validate=validate.Length(1, 10))
    starts_at = fields.AwareDateTime(required=True)
    time_zone = fields.String(required=True, validate=validate.Length(1, 100))
    to_be_rescheduled = fields.Boolean(required=True)
    cause = fields.String(required=True, validate=validate.Length(1, 50))
    reason = fields.String(required=True, validate=validate.Length(1, 500))


DEFENSE_SCHEDULED = Contract("defenses", "defense.scheduled", 1, DefenseScheduledSchema)
DEFENSE_MOVED = Contract("defenses", "defense.moved", 1, DefenseMovedSchema)
DEFENSE_RESEATED = Contract("defenses", "defense.reseated", 1, DefenseReseatedSchema)
DEFENSE_CANCELLED = Contract("defenses", "defense.cancelled", 1, DefenseCancelledSchema)

CONTRACTS = (DEFENSE_SCHEDULED, DEFENSE_MOVED, DEFENSE_RESEATED, DEFENSE_CANCELLED)
