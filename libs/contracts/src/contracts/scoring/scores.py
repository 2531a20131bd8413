"""Scores: what an artifact was found to be worth, and when that is in doubt."""

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
        assignment_id: what the artifact was made for; None if nobody has said.
        nominated: whether the student has chosen to be judged by it.
        readers: how many people have read it independently.
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
    assignment_id: str | None = None
    nominated: bool = False
    readers: int = 1


class ArtifactScoredSchema(EventSchema[ArtifactScored]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = ArtifactScored
    unsaid = {"assignment_id": None, "nominated": False, "readers": 1}
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
    assignment_id = fields.String(load_default=None, validate=_ID)
    nominated = fields.Boolean(load_default=False)
    readers = fields.Integer(load_default=1, strict=True, validate=validate.Range(min=1))


@dataclass(frozen=True, kw_only=True)
class ScoreQuarantined:
    """A released score is in doubt, because one of its scorers was stopped: the artifact is read again.

    Attributes:
        quarantined_at: from when nobody should rely on the score; another `artifact.scored` follows.
    """

    artifact_id: str
    student_id: str
    school_id: str
    skill_id: str
    quarantined_at: datetime


class ScoreQuarantinedSchema(EventSchema[ScoreQuarantined]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = ScoreQuarantined
    artifact_id = fields.String(required=True, validate=_ID)
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    skill_id = fields.String(required=True, validate=_ID)
    quarantined_at = fields.AwareDateTime(required=True)


@dataclass(frozen=True, kw_only=True)
class ReviewDecided:
    """A score that somebody had asked to be reviewed stands, or a higher one replaces it.

    Attributes:
        mean_before, mean_after: mean levels, on the rubric's scale; equal if the score stands.
        reason: in words, for the family.
    """

    artifact_id: str
    student_id: str
    school_id: str
    skill_id: str
    replaced: bool
    mean_before: float
    mean_after: float
    reason: str
    decided_at: datetime


class ReviewDecidedSchema(EventSchema[ReviewDecided]):
    """Wire form, version 1: add optional fields only; anything else is version 2."""

    event = ReviewDecided
    artifact_id = fields.String(required=True, validate=_ID)
    student_id = fields.String(required=True, validate=_ID)
    school_id = fields.String(required=True, validate=_ID)
    skill_id = fields.String(required=True, validate=_ID)
    replaced = fields.Boolean(required=True)
    mean_before = fields.Float(required=True, allow_nan=False)
    mean_after = fields.Float(required=True, allow_nan=False)
    reason = fields.String(required=True, validate=validate.Length(1, 2000))
    decided_at = fields.AwareDateTime(required=True)


ARTIFACT_SCORED = Contract("scoring", "artifact.scored", 1, ArtifactScoredSchema)
SCORE_QUARANTINED = Contract("scoring", "score.quarantined", 1, ScoreQuarantinedSchema, outward=True)
REVIEW_DECIDED = Contract("scoring", "review.decided", 1, ReviewDecidedSchema, outward=True)

CONTRACTS = (ARTIFACT_SCORED, SCORE_QUARANTINED, REVIEW_DECIDED)
