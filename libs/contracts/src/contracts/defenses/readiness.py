"""Who is ready to defend."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marshmallow import fields, validate

from contracts.base import Contract, EventSchema

_ID = validate.Length(1, 200)

#: INSUFFICIENT_EVIDENCE is the school's to mend: the student had no opportunity to show more.
READINESS = ("READY", "NOT_YET", "INSUFFICIENT_EVIDENCE")


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
    transition = fields.String(required=True, validate=validate.Length(1, 10))
    status = fields.String(required=True, validate=validate.OneOf(READINESS))
    previous_status = fields.String(required=True, allow_none=True, validate=validate.OneOf(READINESS))
    rule_version = fields.String(required=True, validate=validate.Length(1, 50))
    explanation = fields.Dict(required=True)
    input_hash = fields.String(required=True, validate=validate.Regexp(r"^[0-9a-f]{64}$"))
    decided_at = fields.AwareDateTime(required=True)


READINESS_CHANGED = Contract("defenses", "readiness.changed", 1, ReadinessChangedSchema)

CONTRACTS = (READINESS_CHANGED,)
