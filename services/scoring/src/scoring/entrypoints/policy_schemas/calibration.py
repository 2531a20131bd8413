"""Calibration, as a district writes its rules."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from chassis.policy import VersionSchema
from scoring.domain.calibration.rules import CalibrationRules, Qualifying, Seeding, Stopping

_SHARE = validate.Range(0, 1)
_COUNT = validate.Range(1, 1000)
_MOST = validate.Range(0, 1000)


class QualifyingSchema(Schema):
    """What a scorer must show before they read."""

    practice_papers = fields.Integer(required=True, strict=True, validate=_COUNT)
    papers = fields.Integer(required=True, strict=True, validate=_COUNT)
    exact_share_least = fields.Float(required=True, validate=_SHARE)
    two_apart_most = fields.Integer(required=True, strict=True, validate=_MOST)
    wrong_side_most = fields.Integer(required=True, strict=True, validate=_MOST)
    cut = fields.Float(required=True, validate=validate.Range(1, 4))
    attempts_most = fields.Integer(required=True, strict=True, validate=_COUNT)
    idle_days_most = fields.Integer(required=True, strict=True, validate=_COUNT)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Qualifying:
        """Build the rules."""
        return Qualifying(**values)


class SeedingSchema(Schema):
    """How often a scorer gets a seed."""

    first_reads = fields.Integer(required=True, strict=True, validate=_MOST)
    first_every = fields.Integer(required=True, strict=True, validate=_COUNT)
    later_every = fields.Integer(required=True, strict=True, validate=_COUNT)
    idle_days = fields.Integer(required=True, strict=True, validate=_COUNT)
    after_miss = fields.Boolean(required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Seeding:
        """Build the rules."""
        return Seeding(**values)


class StoppingSchema(Schema):
    """When seeds stop a scorer."""

    criterion_tolerance = fields.Integer(required=True, strict=True, validate=_MOST)
    total_tolerance = fields.Integer(required=True, strict=True, validate=_MOST)
    window = fields.Integer(required=True, strict=True, validate=_COUNT)
    misses_most = fields.Integer(required=True, strict=True, validate=_MOST)
    rolling = fields.Integer(required=True, strict=True, validate=_COUNT)
    exact_share_least = fields.Float(required=True, validate=_SHARE)
    adjacent_share_least = fields.Float(required=True, validate=_SHARE)
    stops_most = fields.Integer(required=True, strict=True, validate=_COUNT)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Stopping:
        """Build the rules."""
        return Stopping(**values)


class CalibrationSchema(VersionSchema):
    """One version of the rules; it becomes CalibrationRules."""

    required_from = fields.Date(required=True, allow_none=True)
    season_starts = fields.String(
        required=True, validate=validate.Regexp(r"^(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$")
    )
    qualifying = fields.Nested(QualifyingSchema, required=True)
    seeding = fields.Nested(SeedingSchema, required=True)
    stopping = fields.Nested(StoppingSchema, required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> CalibrationRules:
        """Build the rules."""
        month, day = values["season_starts"].split("-")
        return CalibrationRules(
            required_from=values["required_from"],
            season_starts=(int(month), int(day)),
            qualifying=values["qualifying"],
            seeding=values["seeding"],
            stopping=values["stopping"],
        )
