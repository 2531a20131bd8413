"""What goes wrong or takes too long on the way to a score; for those who run the scoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marshmallow import fields, validate

from contracts.base import Contract, EventSchema
from contracts.scoring.reads import STAGES

_ID = validate.Length(1, 200)
_TEXT = validate.Length(1, 50)
_CODE = validate.Regexp(r"^[a-z0-9_]{1,50}$")

#: What a deadline's passing leads to: a nudge and priority, the on-call pool, the district's lead.
STEPS = ("nudge", "on_call", "incident")


@dataclass(frozen=True, kw_only=True)
class ArtifactReturned:
    """An artifact goes back to its student unscored, because it cannot be read; that is never a score of 0.

    Attributes:
        reason: a stable word.
    """

    artifact_id: str
    student_id: str
    school_id: str
    skill_id: str
    reason: str
    returned_at: datetime


class ArtifactReturnedSchema(EventSchema[ArtifactReturned]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = ArtifactReturned
    artifact_id = fields.String(required=True, validate=_ID)
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    skill_id = fields.String(required=True, validate=_ID)
    reason = fields.String(required=True, validate=_CODE)
    returned_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class ArtifactUnscorable:
    """A scorer found that the rubric cannot be applied to an artifact.

    Attributes:
        code: why, by the district's list of codes.
    """

    artifact_id: str
    student_id: str
    school_id: str
    skill_id: str
    code: str
    found_at: datetime


class ArtifactUnscorableSchema(EventSchema[ArtifactUnscorable]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = ArtifactUnscorable
    artifact_id = fields.String(required=True, validate=_ID)
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    skill_id = fields.String(required=True, validate=_ID)
    code = fields.String(required=True, validate=_CODE)
    found_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class SafeguardingRaised:
    """A scorer worries about a student because of what an artifact says; the words stay in the service."""

    task_id: str
    artifact_id: str
    student_id: str
    school_id: str
    raised_at: datetime


class SafeguardingRaisedSchema(EventSchema[SafeguardingRaised]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = SafeguardingRaised
    task_id = fields.String(required=True, validate=_ID)
    artifact_id = fields.String(required=True, validate=_ID)
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    raised_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class DeadlinePassed:
    """A read takes longer than it should.

    Attributes:
        stage: one of STAGES, the read that is waited for.
        step: one of STEPS.
        scorer_id: who has the task open; None while it is queued.
        due_at: when the read should have been there.
    """

    task_id: str
    stage: str
    step: str
    skill_id: str
    band: str
    scorer_id: str | None
    due_at: datetime
    passed_at: datetime


class DeadlinePassedSchema(EventSchema[DeadlinePassed]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = DeadlinePassed
    task_id = fields.String(required=True, validate=_ID)
    stage = fields.String(required=True, validate=validate.OneOf(STAGES))
    step = fields.String(required=True, validate=validate.OneOf(STEPS))
    skill_id = fields.String(required=True, validate=_ID)
    band = fields.String(required=True, validate=_TEXT)
    scorer_id = fields.String(required=True, allow_none=True, validate=_ID)
    due_at = fields.AwareDateTime(required=True)
    passed_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class LeaseWarned:
    """A scorer's lease on a task ends soon."""

    task_id: str
    scorer_id: str
    expires_at: datetime


class LeaseWarnedSchema(EventSchema[LeaseWarned]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = LeaseWarned
    task_id = fields.String(required=True, validate=_ID)
    scorer_id = fields.String(required=True, validate=_ID)
    expires_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class ScorerSuspended:
    """A scorer let too many leases expire, and gets nothing to read until somebody has spoken to them.

    Attributes:
        expiries: how many within the district's window.
    """

    scorer_id: str
    expiries: int
    suspended_at: datetime


class ScorerSuspendedSchema(EventSchema[ScorerSuspended]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = ScorerSuspended
    scorer_id = fields.String(required=True, validate=_ID)
    expiries = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    suspended_at = fields.AwareDateTime(required=True)


ARTIFACT_RETURNED = Contract("scoring", "artifact.returned", 1, ArtifactReturnedSchema, outward=True)
ARTIFACT_UNSCORABLE = Contract("scoring", "artifact.unscorable", 1, ArtifactUnscorableSchema, outward=True)
SAFEGUARDING_RAISED = Contract("scoring", "safeguarding.raised", 1, SafeguardingRaisedSchema, outward=True)
DEADLINE_PASSED = Contract("scoring", "deadline.passed", 1, DeadlinePassedSchema, outward=True)
LEASE_WARNED = Contract("scoring", "lease.warned", 1, LeaseWarnedSchema, outward=True)
SCORER_SUSPENDED = Contract("scoring", "scorer.suspended", 1, ScorerSuspendedSchema, outward=True)

CONTRACTS = (
    ARTIFACT_RETURNED,
    ARTIFACT_UNSCORABLE,
    SAFEGUARDING_RAISED,
    DEADLINE_PASSED,
    LEASE_WARNED,
    SCORER_SUSPENDED,
)
