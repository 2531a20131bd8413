"""The policy of hearings and their outcomes."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from chassis.policy import VersionSchema
from defenses.domain.hearings.outcomes import Compensation, OutcomeRule, Rescoring, Scale

_COUNT = validate.Range(min=1)
_NOT_NEGATIVE = validate.Range(min=0)


class ScaleSchema(Schema):
    """The levels that a panelist may give."""

    lowest = fields.Integer(required=True, strict=True, validate=_NOT_NEGATIVE)
    highest = fields.Integer(required=True, strict=True, validate=_COUNT)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Scale:
        """Build it."""
        if values["lowest"] >= values["highest"]:
            raise ValidationError("is not above the lowest", "highest")
        return Scale(**values)


class CompensationSchema(Schema):
    """How far the other indicators may make up for one."""

    max_indicators = fields.Integer(required=True, strict=True, validate=_COUNT)
    mean_at_least = fields.Float(required=True, validate=_NOT_NEGATIVE)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Compensation:
        """Build it."""
        return Compensation(**values)


class RescoringSchema(Schema):
    """Which hearings are scored again centrally."""

    rate = fields.Float(required=True, validate=validate.Range(0, 1))
    split = fields.Boolean(required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Rescoring:
        """Build it."""
        return Rescoring(**values)


class OutcomeRuleSchema(VersionSchema):
    """One version of the rules for hearings; see OutcomeRule."""

    indicators = fields.List(
        fields.String(validate=validate.Length(1, 200)), required=True, validate=validate.Length(min=1)
    )
    scale = fields.Nested(ScaleSchema, required=True)
    cut = fields.Float(required=True, validate=_NOT_NEGATIVE)
    floor = fields.Float(required=True, validate=_NOT_NEGATIVE)
    compensation = fields.Nested(CompensationSchema, required=True, allow_none=True)
    apart = fields.Integer(required=True, strict=True, validate=_COUNT)
    quorum = fields.Integer(required=True, strict=True, validate=_COUNT)
    calibration_required = fields.Boolean(required=True)
    release_at_once = fields.Boolean(required=True)
    plan_within_school_days = fields.Integer(required=True, strict=True, validate=_COUNT)
    redefense_within_school_days = fields.Integer(required=True, strict=True, validate=_COUNT)
    no_school = fields.List(fields.Date(), required=True)
    rescoring = fields.Nested(RescoringSchema, required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> OutcomeRule:
        """Build the rule."""
        del values["effective"]
        if len(set(values["indicators"])) < len(values["indicators"]):
            raise ValidationError("names an indicator twice", "indicators")
        if values["floor"] > values["cut"]:
            raise ValidationError("is above the cut", "floor")
        if not values["scale"].lowest <= values["cut"] <= values["scale"].highest:
            raise ValidationError("is not on the scale", "cut")
        return OutcomeRule(
            plan_within=values.pop("plan_within_school_days"),
            redefense_within=values.pop("redefense_within_school_days"),
            indicators=tuple(values.pop("indicators")),
            no_school=frozenset(values.pop("no_school")),
            **values,
        )
