"""Decisions about readiness, on the wire."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from chassis.http import PageQuerySchema
from contracts.artifacts import GRADES
from defenses.domain.readiness import (
    EXCEPTION_KINDS,
    MAY_DEFEND,
    REDUCED_COUNTS,
    STATUSES,
    Evidence,
    ReadinessException,
    Snapshot,
)
from defenses.entrypoints.policy_schemas.readiness import ReadinessRuleSchema

_ID = validate.Length(1, 200)
_GRADE = validate.OneOf(GRADES)

#: Whoever may defend, by evidence or by a waiver.
READY_ALIAS = "READY"


class ReadinessQuerySchema(PageQuerySchema):
    """Which decisions; with a skill, `status` is the skill's own. `READY` means whoever may defend."""

    school_id = fields.String(load_default=None, validate=_ID)
    grade = fields.String(load_default=None, validate=_GRADE)
    skill_id = fields.String(load_default=None, validate=_ID)
    status = fields.String(load_default=None, validate=validate.OneOf([READY_ALIAS, *STATUSES]))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Turn skill and status into what candidates are found by."""
        skill, status = values.pop("skill_id"), values.pop("status")
        # Those about whom nothing is decided have no status, so that a page is a page of decisions.
        statuses = list(STATUSES) if status is None else [status]
        if status == READY_ALIAS:
            statuses = list(MAY_DEFEND)
        if skill is None:
            return {**values, "status": statuses}
        return {**values, "skill_standings": [f"{skill}:{each}" for each in statuses]}


class ReplayQuerySchema(Schema):
    """Which decision: one of the past by its input hash, else the one that holds."""

    input_hash = fields.String(load_default=None, validate=validate.Length(equal=64))


class ReplaySchema(Schema):
    """The decision made again from its snapshot; `same` says that nothing of it is another."""

    same = fields.Boolean(required=True)
    rule_version = fields.String(required=True, attribute="decision.rule_version")
    as_of = fields.Date(required=True, attribute="decision.as_of")
    status = fields.String(required=True, attribute="decision.status")
    input_hash = fields.String(required=True, attribute="decision.input_hash")
    explanation = fields.Function(lambda replay: replay.decision.explanation.to_tree())


class SnapshotEvidenceSchema(Schema):
    """One scored artifact as `readiness.changed` tells of it; `levels` are [criterion id, level] pairs."""

    artifact_id = fields.String(required=True, validate=_ID)
    skill_id = fields.String(required=True, validate=_ID)
    grade = fields.String(required=True, validate=_GRADE)
    levels = fields.List(fields.Tuple((fields.String(), fields.Float())), required=True)
    mean_level = fields.Float(required=True)
    scored_at = fields.AwareDateTime(required=True)
    assignment_id = fields.String(load_default=None, validate=_ID)
    nominated = fields.Boolean(load_default=False)
    readers = fields.Integer(load_default=1, validate=validate.Range(min=1))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Evidence:
        """Build it; the version of a score decides nothing."""
        return Evidence(**{**values, "levels": tuple(values["levels"])}, version=1)


class SnapshotExceptionSchema(Schema):
    """One exception that held, as `readiness.changed` tells of it."""

    exception_id = fields.String(required=True, validate=_ID)
    kind = fields.String(required=True, validate=validate.OneOf(EXCEPTION_KINDS))
    min_artifacts = fields.Integer(required=True, allow_none=True, validate=validate.Range(1, 100))
    skills = fields.List(fields.String(), required=True)


class SnapshotSchema(Schema):
    """What a decision was made from, as `readiness.changed` tells of it."""

    transition = fields.String(required=True, validate=_GRADE)
    as_of = fields.Date(required=True)
    evidence = fields.List(
        fields.Nested(SnapshotEvidenceSchema), required=True, validate=validate.Length(max=2000)
    )
    exceptions = fields.List(
        fields.Nested(SnapshotExceptionSchema), required=True, validate=validate.Length(max=100)
    )

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Snapshot:
        """Build it; of an exception it is known that it held on the day, and who approved it is not told."""
        as_of = values["as_of"]
        held = tuple(
            ReadinessException(
                **{**each, "skills": tuple(each["skills"])},
                approved_by="",
                recorded_by="",
                reason="",
                approved_at=datetime.combine(as_of, time.min, UTC),
                ends_on=as_of,
            )
            for each in values["exceptions"]
        )
        return Snapshot(**{**values, "evidence": tuple(values["evidence"]), "exceptions": held})


class ReplayBodySchema(Schema):
    """A decision of the past: its `snapshot` and `rule_version` from `readiness.changed`, version 2."""

    rule_version = fields.String(required=True, validate=validate.Length(1, 50))
    snapshot = fields.Nested(SnapshotSchema, required=True)


class DecisionSchema(Schema):
    """What is decided, and why."""

    transition = fields.String(required=True)
    status = fields.String(required=True)
    rule_version = fields.String(required=True)
    input_hash = fields.String(required=True)
    explanation = fields.Function(lambda decision: decision.explanation.to_tree())


class ReadinessSchema(Schema):
    """What is decided about one student's transition, and why.

    `explanation` is a tree of clauses {id, met, observed, required, artifact_ids, clauses}. Its root is
    `readiness`; below it is one clause a skill, under the skill's id, made of `evidence` (enough scored
    artifacts), where the rule asks for it `recent` (enough new ones), `assignments` (of enough assignments),
    `nominated` (enough of the student's choice) and `confirmed` (enough readers of what is near the mean),
    `mean` (their mean level) and `criterion-floor` (the lowest criterion's median level); then `compensation`
    and `waiver`, if any.
    """

    student_id = fields.String(required=True)
    school_id = fields.String(required=True)
    transition = fields.String(required=True, attribute="current.transition")
    status = fields.String(required=True, attribute="current.status")
    rule_version = fields.String(required=True, attribute="current.rule_version")
    explanation = fields.Function(lambda candidate: candidate.current.explanation.to_tree())
    input_hash = fields.String(required=True, attribute="current.input_hash")
    as_of = fields.Date(required=True, attribute="current.as_of")
    decided_at = fields.AwareDateTime(required=True)


class PastDecisionSchema(Schema):
    """One decision that was said; its `input_hash` replays it."""

    transition = fields.String(required=True)
    status = fields.String(required=True)
    rule_version = fields.String(required=True)
    input_hash = fields.String(required=True)
    as_of = fields.Date(required=True)
    decided_at = fields.AwareDateTime(required=True)


class ReadinessHistorySchema(Schema):
    """The decisions that were said about a student, oldest first: each has another status or rule version."""

    student_id = fields.String(required=True)
    decisions = fields.List(fields.Nested(PastDecisionSchema), required=True, attribute="history")


class ExceptionBodySchema(Schema):
    """An exception that somebody has approved for a student."""

    kind = fields.String(required=True, validate=validate.OneOf(EXCEPTION_KINDS))
    approved_by = fields.String(required=True, validate=_ID)
    reason = fields.String(required=True, validate=validate.Length(1, 1000))
    ends_on = fields.Date(required=True)
    min_artifacts = fields.Integer(load_default=None, strict=True, validate=validate.Range(1, 100))
    skills = fields.List(fields.String(validate=_ID), load_default=[], validate=validate.Length(max=50))

    @validates_schema
    def check(self, values: dict[str, Any], **_: Any) -> None:
        """See that reduced counts say how many, and that a waiver says nothing of counts."""
        reduces = values["kind"] == REDUCED_COUNTS
        if reduces == (values["min_artifacts"] is None):
            reason = "is needed with reduced_counts" if reduces else "belongs to reduced_counts only"
            raise ValidationError(reason, "min_artifacts")
        if values["skills"] and not reduces:
            raise ValidationError("belongs to reduced_counts only", "skills")


class ExceptionSchema(Schema):
    """An exception as it was recorded."""

    exception_id = fields.String(required=True)
    kind = fields.String(required=True)
    approved_by = fields.String(required=True)
    recorded_by = fields.String(required=True)
    reason = fields.String(required=True)
    approved_at = fields.AwareDateTime(required=True)
    ends_on = fields.Date(required=True)
    min_artifacts = fields.Integer(required=True, allow_none=True)
    skills = fields.List(fields.String(), required=True)


class ExceptionsSchema(Schema):
    """A student's exceptions, those that ended included, and the status that holds with them."""

    student_id = fields.String(required=True)
    status = fields.String(required=True, allow_none=True)
    exceptions = fields.List(fields.Nested(ExceptionSchema), required=True)


class DryRunQuerySchema(PageQuerySchema):
    """A page has so many schools: few, for a school may have hundreds of students."""

    limit = fields.Integer(load_default=1, validate=validate.Range(1, 10))


class DryRunBodySchema(Schema):
    """A rule to try at one school, or at a page of the district's."""

    rule = fields.Nested(ReadinessRuleSchema, required=True)
    school_id = fields.String(load_default=None, validate=_ID)


class RuleChangeSchema(Schema):
    """One student about whom the rule would decide otherwise."""

    student_id = fields.String(required=True)
    transition = fields.String(required=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True)
    unmet = fields.List(fields.String(), required=True)


class RuleTrialSchema(Schema):
    """What a rule would do at one school; `stay_ready` are ready and would not be by this rule alone."""

    school_id = fields.String(required=True)
    students = fields.Integer(required=True)
    stay_ready = fields.Integer(required=True)
    counts = fields.Function(
        lambda trial: [
            {"before": before, "after": after, "students": students}
            for before, after, students in trial.counts
        ]
    )
    changes = fields.List(fields.Nested(RuleChangeSchema), required=True)


class GapsQuerySchema(PageQuerySchema):
    """Whose gaps."""

    school_id = fields.String(load_default=None, validate=_ID)
    skill_id = fields.String(load_default=None, validate=_ID)


class GapSchema(Schema):
    """One skill's gap."""

    skill_id = fields.String(required=True)
    clause = fields.String(required=True)
    observed = fields.Integer(required=True)
    required = fields.Integer(required=True)
    since = fields.Date(required=True)


class StudentGapsSchema(Schema):
    """What a school owes one student."""

    student_id = fields.String(required=True)
    school_id = fields.String(required=True)
    transition = fields.String(required=True)
    gaps = fields.List(fields.Nested(GapSchema), required=True)


class SummaryQuerySchema(PageQuerySchema):
    """Of which school, grade and skill; a page has so many schools."""

    school_id = fields.String(load_default=None, validate=_ID)
    grade = fields.String(load_default=None, validate=_GRADE)
    skill_id = fields.String(load_default=None, validate=_ID)


class SkillSummarySchema(Schema):
    """One skill: students by its own status, and the clauses that fail, most first."""

    skill_id = fields.String(required=True)
    statuses = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    failing = fields.Function(
        lambda summary: [{"clause": clause, "students": students} for clause, students in summary.failing]
    )


class GradeSummarySchema(Schema):
    """One transition grade of one school: students by status, and its skills."""

    school_id = fields.String(required=True)
    grade = fields.String(required=True)
    statuses = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    skills = fields.List(fields.Nested(SkillSummarySchema), required=True)
