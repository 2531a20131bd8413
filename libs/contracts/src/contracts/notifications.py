"""Events of the notifications service, which alone may change this module; none says what was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from marshmallow import fields, validate

from contracts.base import Contract, EventSchema

_ID = validate.Length(1, 200)
_CODE = validate.Regexp(r"^[a-z0-9_]{1,50}$")


@dataclass(frozen=True, kw_only=True)
class MessageEvent:
    """What is said of a message, however it ends.

    Attributes:
        purpose: why the family was told, such as `defense_moved`.
        channel: such as `email` or `sms`.
        fact_id, revision: what it tells: the defense, milestone or hearing, and which revision of it.
    """

    message_id: str
    guardian_id: str
    student_id: str
    school_id: str
    fact_id: str
    revision: int
    purpose: str
    channel: str


@dataclass(frozen=True, kw_only=True)
class MessageDelivered(MessageEvent):
    """A message has arrived, as its provider says."""

    delivered_at: datetime


Of = TypeVar("Of", bound=MessageEvent)


class _MessageSchema(EventSchema[Of], Generic[Of]):
    """What both ends of a message say about it."""

    message_id = fields.String(required=True, validate=_ID)
    guardian_id = fields.String(required=True, validate=_ID)
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    fact_id = fields.String(required=True, validate=_ID)
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    purpose = fields.String(required=True, validate=_CODE)
    channel = fields.String(required=True, validate=_CODE)


class MessageDeliveredSchema(_MessageSchema[MessageDelivered]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = MessageDelivered
    delivered_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class MessageFailed(MessageEvent):
    """A message will not arrive, as far as is known; a receipt that comes later may say that it has.

    Attributes:
        reason: a stable word.
    """

    reason: str
    failed_at: datetime


class MessageFailedSchema(_MessageSchema[MessageFailed]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = MessageFailed
    reason = fields.String(required=True, validate=_CODE)
    failed_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why one guardian was not reached on one channel.

    Attributes:
        guardian_id, channel: None where it is nobody's and no channel's, as when nobody is on record.
        reason: a stable word.
    """

    guardian_id: str | None
    channel: str | None
    reason: str


class ObstacleSchema(EventSchema[Obstacle]):
    """Wire form of an obstacle."""

    event = Obstacle
    guardian_id = fields.String(required=True, allow_none=True, validate=_ID)
    channel = fields.String(required=True, allow_none=True, validate=_CODE)
    reason = fields.String(required=True, validate=_CODE)


@dataclass(frozen=True, kw_only=True)
class FamilyUnreached:
    """No channel has reached anybody of a student's family who may be told, and the day is near.

    It is said once for a student and a revision of a fact.

    Attributes:
        fact_id, revision: what they have not heard: the defense, milestone or hearing, and which revision.
        deadline: until when telling them is of use.
        obstacles: why, for each guardian and channel.
    """

    fact_id: str
    revision: int
    student_id: str
    school_id: str
    deadline: datetime
    obstacles: tuple[Obstacle, ...]
    unreached_at: datetime


class FamilyUnreachedSchema(EventSchema[FamilyUnreached]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = FamilyUnreached
    fact_id = fields.String(required=True, validate=_ID)
    revision = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    deadline = fields.AwareDateTime(required=True)
    obstacles = fields.List(fields.Nested(ObstacleSchema), required=True)
    unreached_at = fields.AwareDateTime(required=True)


MESSAGE_DELIVERED = Contract("notifications", "message.delivered", 1, MessageDeliveredSchema, outward=True)
MESSAGE_FAILED = Contract("notifications", "message.failed", 1, MessageFailedSchema, outward=True)
FAMILY_UNREACHED = Contract("notifications", "family.unreached", 1, FamilyUnreachedSchema, outward=True)

CONTRACTS = (MESSAGE_DELIVERED, MESSAGE_FAILED, FAMILY_UNREACHED)
