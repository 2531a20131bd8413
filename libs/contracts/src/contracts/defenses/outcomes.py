"""What comes of hearings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marshmallow import fields, validate

from contracts.base import Contract, EventSchema
from contracts.defenses.hearings import (
    FROM_ONE,
    HearingEvent,
    HearingEventSchema,
    IndicatorLevel,
    levels_field,
)

_ID = validate.Length(1, 200)
_WORD = validate.Length(1, 50)

OUTCOMES = ("READY", "NOT_YET")


@dataclass(frozen=True, kw_only=True)
class OutcomeDecided(HearingEvent):
    """What a hearing led to, or what a correction made of that.

    Attributes:
        record_version: from 1; a higher one supersedes the lower ones of this hearing.
        outcome: one of OUTCOMES.
        unmet: the indicators to be defended again.
        rule_version: the version of the district's rule that decided.
        explanation: the clause tree: id, met, observed, required, artifact_ids, clauses.
        input_hash: SHA-256 over levels and rule version, lower-case hex.
    """

    record_version: int
    outcome: str
    levels: tuple[IndicatorLevel, ...]
    unmet: tuple[str, ...]
    rule_version: str
    explanation: dict[str, Any]
    input_hash: str
    decided_at: datetime


class OutcomeDecidedSchema(HearingEventSchema, EventSchema[OutcomeDecided]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = OutcomeDecided
    record_version = fields.Integer(required=True, strict=True, validate=FROM_ONE)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    levels = levels_field()
    unmet = fields.List(fields.String(validate=_ID), required=True)
    rule_version = fields.String(required=True, validate=_WORD)
    explanation = fields.Dict(required=True)
    input_hash = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))
    decided_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class OutcomeReleased(HearingEvent):
    """The family may read this version of the outcome now.

    Attributes:
        plan_due_on, defend_by: after NOT_YET, the last days for the plan and for the redefense; else None.
    """

    record_version: int
    outcome: str
    unmet: tuple[str, ...]
    plan_due_on: date | None
    defend_by: date | None
    released_at: datetime


class OutcomeReleasedSchema(HearingEventSchema, EventSchema[OutcomeReleased]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = OutcomeReleased
    record_version = fields.Integer(required=True, strict=True, validate=FROM_ONE)
    outcome = fields.String(required=True, validate=validate.OneOf(OUTCOMES))
    unmet = fields.List(fields.String(validate=_ID), required=True)
    plan_due_on = fields.Date(required=True, allow_none=True)
    defend_by = fields.Date(required=True, allow_none=True)
    released_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class RedefenseRequested(HearingEvent):
    """A student is to defend the unmet indicators again, before people who have not heard them.

    It is said once the panel has decided, which the family may not know before the outcome is released:
    families hear of both days from OutcomeReleased.

    Attributes:
        record_version: of the outcome that asks for it.
        indicators: what is to be shown again; nothing else is.
        plan_due_on: last day for the plan with the student.
        defend_by: last day for the redefense.
        excluded_panelist_ids: who may not sit.
    """

    record_version: int
    indicators: tuple[str, ...]
    plan_due_on: date
    defend_by: date
    excluded_panelist_ids: tuple[str, ...]
    requested_at: datetime


class RedefenseRequestedSchema(HearingEventSchema, EventSchema[RedefenseRequested]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = RedefenseRequested
    record_version = fields.Integer(required=True, strict=True, validate=FROM_ONE)
    indicators = fields.List(fields.String(validate=_ID), required=True, validate=validate.Length(min=1))
    plan_due_on = fields.Date(required=True)
    defend_by = fields.Date(required=True)
    excluded_panelist_ids = fields.List(fields.String(validate=_ID), required=True)
    requested_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class PlanRecorded(HearingEvent):
    """What is done before a redefense is written down; the steps stay in the record.

    Attributes:
        record_version: of the outcome whose unmet indicators it is for.
        plan_version: from 1; a higher one supersedes the lower ones of this hearing.
        indicators: those that it has steps for.
    """

    record_version: int
    plan_version: int
    indicators: tuple[str, ...]
    recorded_at: datetime


class PlanRecordedSchema(HearingEventSchema, EventSchema[PlanRecorded]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = PlanRecorded
    record_version = fields.Integer(required=True, strict=True, validate=FROM_ONE)
    plan_version = fields.Integer(required=True, strict=True, validate=FROM_ONE)
    indicators = fields.List(fields.String(validate=_ID), required=True, validate=validate.Length(min=1))
    recorded_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class HearingRescored(HearingEvent):
    """A hearing was scored again centrally; its outcome stays as it is.

    Attributes:
        record_version: of the record that was compared.
        differences: the central level less the panel's, in levels.
        same_outcome: whether the central levels would have led to the panel's outcome.
    """

    record_version: int
    differences: tuple[IndicatorLevel, ...]
    same_outcome: bool
    rescored_at: datetime


class HearingRescoredSchema(HearingEventSchema, EventSchema[HearingRescored]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = HearingRescored
    record_version = fields.Integer(required=True, strict=True, validate=FROM_ONE)
    differences = levels_field()
    same_outcome = fields.Boolean(required=True)
    rescored_at = fields.AwareDateTime(required=True)


HEARING_RESCORED = Contract("defenses", "hearing.rescored", 1, HearingRescoredSchema, outward=True)
OUTCOME_DECIDED = Contract("defenses", "outcome.decided", 1, OutcomeDecidedSchema, outward=True)
OUTCOME_RELEASED = Contract("defenses", "outcome.released", 1, OutcomeReleasedSchema)
REDEFENSE_REQUESTED = Contract("defenses", "redefense.requested", 1, RedefenseRequestedSchema, outward=True)
PLAN_RECORDED = Contract("defenses", "plan.recorded", 1, PlanRecordedSchema, outward=True)

CONTRACTS = (HEARING_RESCORED, OUTCOME_DECIDED, OUTCOME_RELEASED, REDEFENSE_REQUESTED, PLAN_RECORDED)
