"""What panels hear, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from contracts.base import Contract, EventSchema
from contracts.defenses.schedule import Seat, SeatSchema

_ID = validate.Length(1, 200)
FROM_ONE = validate.Range(min=1)

HEARING_FORMS = ("in_person", "remote", "video")
ADJOURNMENTS = ("student_absent", "panel_short", "interrupted")


@dataclass(frozen=True, kw_only=True)
class HearingEvent:
    """What every event of a hearing says.

    Attributes:
        hearing_id: one sitting of a panel for one student.
        defense_id: the scheduled defense; None for a redefense that the school arranged itself.
        transition: the grade whose transition is defended, such as `5`.
        attempt: 1 for the defense, above that for redefenses.
        sitting: counts the hearings of one attempt from 1.
    """

    hearing_id: str
    defense_id: str | None
    student_id: str
    school_id: str
    transition: str
    attempt: int
    sitting: int


class HearingEventSchema:
    """The fields of HearingEvent; marshmallow takes them from any base."""

    hearing_id = fields.String(required=True, validate=_ID)
    defense_id = fields.String(required=True, allow_none=True, validate=_ID)
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    transition = fields.String(required=True, validate=validate.Length(1, 10))
    attempt = fields.Integer(required=True, strict=True, validate=FROM_ONE)
    sitting = fields.Integer(required=True, strict=True, validate=FROM_ONE)


@dataclass(frozen=True, kw_only=True)
class HearingOpened(HearingEvent):
    """A panel begins to hear a student.

    Attributes:
        form: one of HEARING_FORMS.
        indicators: the key indicators that are heard.
    """

    form: str
    panel: tuple[Seat, ...]
    indicators: tuple[str, ...]
    opened_at: datetime


class HearingOpenedSchema(HearingEventSchema, EventSchema[HearingOpened]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = HearingOpened
    form = fields.String(required=True, validate=validate.OneOf(HEARING_FORMS))
    panel = fields.List(fields.Nested(SeatSchema), required=True, validate=validate.Length(min=1))
    indicators = fields.List(fields.String(validate=_ID), required=True, validate=validate.Length(min=1))
    opened_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class HearingAdjourned(HearingEvent):
    """A hearing ended without an outcome; another sitting is to follow.

    Attributes:
        cause: one of ADJOURNMENTS; the reason in words stays in the record.
    """

    cause: str
    adjourned_at: datetime


class HearingAdjournedSchema(HearingEventSchema, EventSchema[HearingAdjourned]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = HearingAdjourned
    cause = fields.String(required=True, validate=validate.OneOf(ADJOURNMENTS))
    adjourned_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class HearingAnnulled(HearingEvent):
    """A hearing was not held as it must be: its outcome does not count, and it is to be repeated."""

    annulled_at: datetime


class HearingAnnulledSchema(HearingEventSchema, EventSchema[HearingAnnulled]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = HearingAnnulled
    annulled_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class SheetSubmitted(HearingEvent):
    """One panelist has judged; the event does not say how, for the others may still be judging."""

    panelist_id: str
    round: int
    submitted_at: datetime


class SheetSubmittedSchema(HearingEventSchema, EventSchema[SheetSubmitted]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = SheetSubmitted
    panelist_id = fields.String(required=True, validate=_ID)
    round = fields.Integer(required=True, strict=True, validate=FROM_ONE)
    submitted_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class IndicatorLevel:
    """The panel's median level for one key indicator; halves are possible."""

    indicator_id: str
    level: float


class IndicatorLevelSchema(EventSchema[IndicatorLevel]):
    """Wire form of an indicator's level."""

    event = IndicatorLevel
    indicator_id = fields.String(required=True, validate=_ID)
    level = fields.Float(required=True, allow_nan=False)


def levels_field() -> fields.List[Any]:
    """Return the field of at least one indicator's level."""
    return fields.List(fields.Nested(IndicatorLevelSchema), required=True, validate=validate.Length(min=1))


@dataclass(frozen=True, kw_only=True)
class RoundClosed(HearingEvent):
    """Everybody who sits has judged.

    Attributes:
        round: 1, or 2 after the panel discussed.
        counted: panelists whose sheets are in.
        absent: panelists without whom the panel went on.
        apart: indicators on which two panelists were too far apart; in round 1 they lead to round 2.
    """

    round: int
    counted: tuple[str, ...]
    absent: tuple[str, ...]
    levels: tuple[IndicatorLevel, ...]
    apart: tuple[str, ...]
    closed_at: datetime


class RoundClosedSchema(HearingEventSchema, EventSchema[RoundClosed]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = RoundClosed
    round = fields.Integer(required=True, strict=True, validate=FROM_ONE)
    counted = fields.List(fields.String(validate=_ID), required=True, validate=validate.Length(min=1))
    absent = fields.List(fields.String(validate=_ID), required=True)
    levels = levels_field()
    apart = fields.List(fields.String(validate=_ID), required=True)
    closed_at = fields.AwareDateTime(required=True)


HEARING_OPENED = Contract("defenses", "hearing.opened", 1, HearingOpenedSchema, outward=True)
HEARING_ADJOURNED = Contract("defenses", "hearing.adjourned", 1, HearingAdjournedSchema)
HEARING_ANNULLED = Contract("defenses", "hearing.annulled", 1, HearingAnnulledSchema)
SHEET_SUBMITTED = Contract("defenses", "sheet.submitted", 1, SheetSubmittedSchema, outward=True)
ROUND_CLOSED = Contract("defenses", "round.closed", 1, RoundClosedSchema, outward=True)

CONTRACTS = (HEARING_OPENED, HEARING_ADJOURNED, HEARING_ANNULLED, SHEET_SUBMITTED, ROUND_CLOSED)
