"""Monitoring and equity, as a district writes its rules."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from chassis.policy import VersionSchema
from contracts.artifacts import GRADES
from scoring.domain.fairness.rules import UNKNOWN, EquityRule, Group, Grouping
from scoring.domain.monitoring.rules import MonitoringRule, NightRule, Thresholds

_SHARE = validate.Range(0, 1)
_COUNT = validate.Range(1, 100_000)
_AMOUNT = validate.Range(0, 100)
_NAME = validate.Regexp(r"^[A-Za-z0-9_-]{1,50}$")


class NightSchema(Schema):
    """When reports are made."""

    time_zone = fields.String(required=True, validate=validate.OneOf(sorted(available_timezones())))
    run_at = fields.Time(required=True)
    limit_minutes = fields.Float(required=True, validate=validate.Range(0, 600, min_inclusive=False))
    attempts = fields.Integer(required=True, strict=True, validate=_COUNT)
    pause_minutes = fields.Float(required=True, validate=validate.Range(0, 600))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> NightRule:
        """Build the rule."""
        return NightRule(
            time_zone=values["time_zone"],
            run_at=values["run_at"],
            limit=timedelta(minutes=values["limit_minutes"]),
            attempts=values["attempts"],
            pause=timedelta(minutes=values["pause_minutes"]),
        )


class ScaleSchema(Schema):
    """The levels of the rubrics."""

    lowest = fields.Integer(required=True, strict=True, validate=_AMOUNT)
    highest = fields.Integer(required=True, strict=True, validate=_AMOUNT)

    @validates_schema
    def check_order(self, values: dict[str, Any], **_: Any) -> None:
        """Refuse a scale of one level."""
        if values["lowest"] >= values["highest"]:
            raise ValidationError("must be above the lowest", field_name="highest")


class EnoughSchema(Schema):
    """How much a figure needs."""

    pairs = fields.Integer(required=True, strict=True, validate=validate.Range(2, 100_000))
    reads = fields.Integer(required=True, strict=True, validate=_COUNT)


class AgreementLimitsSchema(Schema):
    """What agreement must reach."""

    exact_least = fields.Float(required=True, validate=_SHARE)
    adjacent_least = fields.Float(required=True, validate=_SHARE)
    kappa_least = fields.Float(required=True, validate=_SHARE)
    smd_most = fields.Float(required=True, validate=_AMOUNT)
    dsm_most = fields.Float(required=True, validate=_AMOUNT)


class SeverityLimitsSchema(Schema):
    """How far a scorer may lie from the others, and what is held likely of artifacts, in logits."""

    most = fields.Float(required=True, validate=_AMOUNT)
    z_most = fields.Float(required=True, validate=_AMOUNT)
    infit_least = fields.Float(required=True, validate=_AMOUNT)
    infit_most = fields.Float(required=True, validate=_AMOUNT)
    artifact_sd = fields.Float(required=True, validate=validate.Range(0.05, 10))
    learn_from = fields.Integer(required=True, strict=True, validate=_COUNT)


class DriftLimitsSchema(Schema):
    """How far readings of papers may move, in levels."""

    most = fields.Float(required=True, validate=_AMOUNT)
    chance_most = fields.Float(required=True, validate=_SHARE)


class MonitoringSchema(VersionSchema):
    """One version of the rules; it becomes a MonitoringRule."""

    night = fields.Nested(NightSchema, required=True)
    scale = fields.Nested(ScaleSchema, required=True)
    window_days = fields.Integer(required=True, strict=True, validate=_COUNT)
    enough = fields.Nested(EnoughSchema, required=True)
    agreement = fields.Nested(AgreementLimitsSchema, required=True)
    severity = fields.Nested(SeverityLimitsSchema, required=True)
    drift = fields.Nested(DriftLimitsSchema, required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> MonitoringRule:
        """Build the rule."""
        severity, drift = values["severity"], values["drift"]
        thresholds = Thresholds(
            **values["scale"],
            **values["agreement"],
            window_days=values["window_days"],
            pairs_least=values["enough"]["pairs"],
            reads_least=values["enough"]["reads"],
            infit_least=severity["infit_least"],
            infit_most=severity["infit_most"],
            severity_most=severity["most"],
            z_most=severity["z_most"],
            artifact_sd=severity["artifact_sd"],
            learn_from=severity["learn_from"],
            drift_most=drift["most"],
            drift_chance_most=drift["chance_most"],
        )
        return MonitoringRule(version=values["version"], night=values["night"], thresholds=thresholds)


class GroupSchema(Schema):
    """Students of some grades or home languages; no values stand for all others whom the roster knows."""

    id = fields.String(required=True, validate=[_NAME, validate.NoneOf(["all", UNKNOWN])])
    values = fields.List(fields.String(validate=_NAME), required=True)


class GroupingSchema(Schema):
    """One way to group students."""

    id = fields.String(required=True, validate=_NAME)
    by = fields.String(required=True, validate=validate.OneOf(["grade", "home_language"]))
    groups = fields.List(fields.Nested(GroupSchema), required=True, validate=validate.Length(1, 20))

    @validates_schema
    def check_groups(self, values: dict[str, Any], **_: Any) -> None:
        """Refuse grades that there are not, and two groups of one name."""
        names = [each["id"] for each in values["groups"]]
        if len(names) != len(set(names)):
            raise ValidationError("two groups have one id", field_name="groups")
        said = {value for each in values["groups"] for value in each["values"]}
        if values["by"] == "grade" and not said <= set(GRADES):
            raise ValidationError(f"these are no grades: {sorted(said - set(GRADES))}", field_name="groups")

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Grouping:
        """Build the grouping."""
        by_grade = values["by"] == "grade"
        groups = (
            Group(
                group_id=each["id"],
                grades=tuple(each["values"]) if by_grade else (),
                languages=() if by_grade else tuple(map(str.lower, each["values"])),
            )
            for each in values["groups"]
        )
        return Grouping(grouping_id=values["id"], by=values["by"], groups=tuple(groups))


class RiskLimitsSchema(Schema):
    """How much a risk ratio needs, of the group and of all others."""

    students_least = fields.Integer(required=True, strict=True, validate=_COUNT)
    cases_least = fields.Integer(required=True, strict=True, validate=_COUNT)


class EquitySchema(VersionSchema):
    """One version of the rules; it becomes an EquityRule."""

    #: Below 5 no state goes (NCES 2011-603).
    students_least = fields.Integer(required=True, strict=True, validate=validate.Range(5, 1000))
    edge = fields.Float(required=True, validate=validate.Range(0, 0.5))
    risk = fields.Nested(RiskLimitsSchema, required=True)
    artifacts_due = fields.Integer(required=True, strict=True, validate=_COUNT)
    cut = fields.Float(required=True, validate=_AMOUNT)
    missing_level = fields.Float(required=True, validate=_AMOUNT)
    groupings = fields.List(fields.Nested(GroupingSchema), required=True, validate=validate.Length(1, 10))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> EquityRule:
        """Build the rule."""
        risk = values["risk"]
        return EquityRule(
            version=values["version"],
            students_least=values["students_least"],
            edge=values["edge"],
            risk_students_least=risk["students_least"],
            risk_cases_least=risk["cases_least"],
            artifacts_due=values["artifacts_due"],
            cut=values["cut"],
            missing_level=values["missing_level"],
            groupings=tuple(values["groupings"]),
        )
