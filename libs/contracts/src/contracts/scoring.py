"""Events of the scoring service, which alone may change this file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from marshmallow import fields, validate

from contracts.artifacts import GRADES
from contracts.base import Contract, EventSchema

_ID = validate.Length(1, 200)


@dataclass(frozen=True, kw_only=True)
class CriterionScore:
    """The outcome on one criterion; `level` is the mean of the reads that count, on the rubric's scale."""

    criterion_id: str
    level: float
    feedback: str


class CriterionScoreSchema(EventSchema[CriterionScore]):
    """Wire form of the outcome on one criterion."""

    event = CriterionScore
    criterion_id = fields.String(required=True, validate=_ID)
    level = fields.Float(required=True, allow_nan=False)
    feedback = fields.String(required=True)


@dataclass(frozen=True, kw_only=True)
class ArtifactScored:
    """An artifact has its score, bound to the rubric version under which it was given.

    Attributes:
        mean_level: mean of the criteria's levels, on the rubric's scale.
        scored_at: when the last read that counts was given.
    """

    artifact_id: str
    student_id: str
    school_id: str
    grade: str
    skill_id: str
    rubric_id: str
    rubric_version: str
    criteria: tuple[CriterionScore, ...]
    mean_level: float
    scored_at: datetime


class ArtifactScoredSchema(EventSchema[ArtifactScored]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = ArtifactScored
    artifact_id = fields.String(required=True, validate=_ID)
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    grade = fields.String(required=True, validate=validate.OneOf(GRADES))
    skill_id = fields.String(required=True, validate=_ID)
    rubric_id = fields.String(required=True, validate=_ID)
    rubric_version = fields.String(required=True, validate=validate.Length(1, 50))
    criteria = fields.List(
        fields.Nested(CriterionScoreSchema), required=True, validate=validate.Length(min=1)
    )
    mean_level = fields.Float(required=True, allow_nan=False)
    scored_at = fields.AwareDateTime(required=True)


ARTIFACT_SCORED = Contract("scoring", "artifact.scored", 1, ArtifactScoredSchema)

CONTRACTS = (ARTIFACT_SCORED,)
