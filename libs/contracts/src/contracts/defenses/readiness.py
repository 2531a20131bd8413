"""Who is ready to defend, and whom a school still owes the opportunity to show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from marshmallow import fields, validate

from contracts.base import Contract, EventSchema

_ID = validate.Length(1, 200)
_TRANSITION = validate.Length(1, 10)
_VERSION = validate.Length(1, 50)
_HASH = validate.Regexp(r"^[0-9a-f]{64}$")
_COUNT = validate.Range(min=0)

#: INSUFFICIENT_EVIDENCE is the school's to mend: the student had no opportunity to show more.
READINESS = ("READY", "NOT_YET", "INSUFFICIENT_EVIDENCE")

#: WAIVED: not ready by the evidence, but somebody has approved that the student may defend.
READINESS_V2 = ("READY_TO_DEFEND", "NOT_YET", "INSUFFICIENT_EVIDENCE", "WAIVED")


@dataclass(frozen=True, kw_only=True)
class ReadinessChanged:
    """The decision about one student and one transition is not what it was.

    Attributes:
        transition: the grade whose transition is decided, such as `5`.
        previous_status: None for the first decision.
        rule_version: the version of the district's rule that decided.
        explanation: the clause tree: id, met, observed, required, artifact_ids, clauses.
        input_hash: SHA-256 over evidence and rule, lower-case hex; the same input gives the same decision.
    """

    student_id: str
    school_id: str
    transition: str
    status: str
    previous_status: str | None
    rule_version: str
    explanation: dict[str, Any]
    input_hash: str
    decided_at: datetime


class ReadinessChangedSchema(EventSchema[ReadinessChanged]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = ReadinessChanged
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    transition = fields.String(required=True, validate=_TRANSITION)
    status = fields.String(required=True, validate=validate.OneOf(READINESS))
    previous_status = fields.String(required=True, allow_none=True, validate=validate.OneOf(READINESS))
    rule_version = fields.String(required=True, validate=_VERSION)
    explanation = fields.Dict(required=True)
    input_hash = fields.String(required=True, validate=_HASH)
    decided_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class ReadinessChangedV2:
    """As version 1, with all four statuses, and with what was read, so that it can be decided again.

    Attributes:
        explanation: the clause tree: id, met, observed, required, artifact_ids, clauses.
        snapshot: transition, as_of, evidence and exceptions that the rule read; no reason of an exception.
        input_hash: SHA-256 over snapshot and rule, lower-case hex.
    """

    student_id: str
    school_id: str
    transition: str
    status: str
    previous_status: str | None
    rule_version: str
    explanation: dict[str, Any]
    snapshot: dict[str, Any]
    input_hash: str
    decided_at: datetime


class ReadinessChangedV2Schema(EventSchema[ReadinessChangedV2]):
    """Wire form, version 2: add optional fields only; anything else is version 3."""

    event = ReadinessChangedV2
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    transition = fields.String(required=True, validate=_TRANSITION)
    status = fields.String(required=True, validate=validate.OneOf(READINESS_V2))
    previous_status = fields.String(required=True, allow_none=True, validate=validate.OneOf(READINESS_V2))
    rule_version = fields.String(required=True, validate=_VERSION)
    explanation = fields.Dict(required=True)
    snapshot = fields.Dict(required=True)
    input_hash = fields.String(required=True, validate=_HASH)
    decided_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class OpportunityGap:
    """A skill of which a student has too few artifacts, or too few new ones.

    Attributes:
        clause: `evidence`, or `recent` if only new artifacts are missing.
        observed, required: numbers of artifacts.
    """

    skill_id: str
    clause: str
    observed: int
    required: int
    since: date


class OpportunityGapSchema(EventSchema[OpportunityGap]):
    """Wire form of one skill's gap."""

    event = OpportunityGap
    skill_id = fields.String(required=True, validate=_ID)
    clause = fields.String(required=True, validate=_ID)
    observed = fields.Integer(required=True, strict=True, validate=_COUNT)
    required = fields.Integer(required=True, strict=True, validate=_COUNT)
    since = fields.Date(required=True)


@dataclass(frozen=True, kw_only=True)
class OpportunityMissed:
    """A school has not given a student the opportunity to show some skill, and it is late for it.

    Attributes:
        school_id: the school that owes it.
        gaps: all that are open now, not only the new ones.
    """

    student_id: str
    school_id: str
    transition: str
    gaps: tuple[OpportunityGap, ...]


class OpportunityMissedSchema(EventSchema[OpportunityMissed]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = OpportunityMissed
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    transition = fields.String(required=True, validate=_TRANSITION)
    gaps = fields.List(fields.Nested(OpportunityGapSchema), required=True, validate=validate.Length(min=1))


@dataclass(frozen=True, kw_only=True)
class OpportunitySettled:
    """Gaps are closed: the evidence came, it is not asked for any more, or the student is elsewhere.

    Attributes:
        school_id: the school that owed it.
        skill_ids: the skills whose gaps are closed by this.
        gaps: those of this school that stay open.
    """

    student_id: str
    school_id: str
    skill_ids: tuple[str, ...]
    gaps: tuple[OpportunityGap, ...]


class OpportunitySettledSchema(EventSchema[OpportunitySettled]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = OpportunitySettled
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    skill_ids = fields.List(fields.String(validate=_ID), required=True, validate=validate.Length(min=1))
    gaps = fields.List(fields.Nested(OpportunityGapSchema), required=True)


READINESS_CHANGED = Contract("defenses", "readiness.changed", 1, ReadinessChangedSchema)
READINESS_CHANGED_V2 = Contract("defenses", "readiness.changed", 2, ReadinessChangedV2Schema, outward=True)
OPPORTUNITY_MISSED = Contract("defenses", "opportunity.missed", 1, OpportunityMissedSchema, outward=True)
OPPORTUNITY_SETTLED = Contract("defenses", "opportunity.settled", 1, OpportunitySettledSchema, outward=True)

CONTRACTS = (READINESS_CHANGED, READINESS_CHANGED_V2, OPPORTUNITY_MISSED, OPPORTUNITY_SETTLED)
