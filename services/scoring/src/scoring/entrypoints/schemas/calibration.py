"""Calibration as it goes over HTTP; nothing that a scorer sees says which of their tasks was a seed."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from chassis.http import PageQuerySchema
from scoring.domain.calibration.papers import PURPOSES
from scoring.domain.calibration.record import ScorerRecord
from scoring.domain.tasks import Purpose

_ID = validate.Length(1, 200)
_BAND = validate.Length(1, 1000)
_SETS = (Purpose.PRACTICE, Purpose.QUALIFICATION)


class KnownLevelSchema(Schema):
    """One criterion's settled level."""

    criterion_id = fields.String(required=True, validate=_ID)
    level = fields.Integer(required=True, strict=True)


class PaperBodySchema(Schema):
    """What experts have settled about an artifact, and what it is to be used for."""

    purpose = fields.String(required=True, validate=validate.OneOf([str(each) for each in PURPOSES]))
    levels = fields.List(fields.Nested(KnownLevelSchema), required=True, validate=validate.Length(1, 50))
    rationale = fields.String(load_default="", validate=validate.Length(max=5_000))


class PapersQuerySchema(PageQuerySchema):
    """Which papers."""

    purpose = fields.String(load_default=None, validate=validate.OneOf([str(each) for each in PURPOSES]))
    skill_id = fields.String(load_default=None, validate=_ID)
    band = fields.String(load_default=None, validate=_BAND)


class PaperSchema(Schema):
    """A paper, as the office sees it."""

    paper_id = fields.String(required=True)
    purpose = fields.String(required=True)
    skill_id = fields.String(required=True)
    band = fields.String(required=True)
    rubric_id = fields.String(required=True)
    rubric_version = fields.String(required=True)
    levels = fields.List(fields.Nested(KnownLevelSchema), required=True, attribute="known")
    rationale = fields.String(required=True)
    active = fields.Boolean(required=True)
    set_by = fields.String(required=True)
    set_at = fields.AwareDateTime(required=True)


class SetBodySchema(Schema):
    """Which set to open."""

    skill_id = fields.String(required=True, validate=_ID)
    band = fields.String(required=True, validate=_BAND)
    purpose = fields.String(required=True, validate=validate.OneOf([str(each) for each in _SETS]))


class CalibrationsQuerySchema(PageQuerySchema):
    """Whose calibration."""

    scorer_id = fields.String(load_default=None, validate=_ID)


class PractisedSchema(Schema):
    """How a practice paper was read, and how experts read it."""

    artifact_id = fields.String(required=True)
    given = fields.List(fields.Nested(KnownLevelSchema), required=True)
    known = fields.List(fields.Nested(KnownLevelSchema), required=True)
    rationale = fields.String(required=True)


class OpenSetSchema(Schema):
    """How far a set has been read."""

    purpose = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)
    read = fields.Integer(required=True)


class CalibrationSchema(Schema):
    """How somebody stands in a skill and band."""

    calibration_id = fields.String(required=True)
    scorer_id = fields.String(required=True)
    skill_id = fields.String(required=True)
    band = fields.String(required=True)
    season = fields.Date(required=True)
    state = fields.String(required=True)
    reads = fields.Integer(required=True)
    qualified_at = fields.AwareDateTime(required=True, allow_none=True)
    failed = fields.Integer(required=True)
    open_set = fields.Nested(OpenSetSchema, required=True, allow_none=True)
    practice = fields.List(fields.Nested(PractisedSchema), required=True)


def calibration(record_id: str, record: ScorerRecord) -> dict[str, Any]:
    """Return what a CalibrationSchema shows: practice is explained at once, and a qualifying set never."""
    attempt = record.attempt
    practising = attempt is not None and attempt.purpose is Purpose.PRACTICE
    read = attempt.reads if attempt is not None and practising else record.practice
    return {
        "calibration_id": record_id,
        "scorer_id": record.scorer_id,
        "skill_id": record.skill_id,
        "band": record.band,
        "season": record.season,
        "state": str(record.state),
        # All of them: how many were seeds is nobody's to know who reads them.
        "reads": record.reads,
        "qualified_at": record.qualified_at,
        "failed": record.failed,
        "open_set": attempt
        and {
            "purpose": str(attempt.purpose),
            "opened_at": attempt.opened_at,
            "read": len(attempt.reads),
        },
        "practice": [
            {
                "artifact_id": each.paper_id,
                "given": each.given,
                "known": each.known,
                "rationale": each.rationale,
            }
            for each in read
        ],
    }
