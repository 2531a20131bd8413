"""Decisions about readiness, on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.http import PageQuerySchema
from defenses.domain.readiness import STATUSES

_ID = validate.Length(1, 200)


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
