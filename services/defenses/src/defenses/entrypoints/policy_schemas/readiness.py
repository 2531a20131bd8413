"""The readiness rule as a district writes it."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from chassis.policy import VersionSchema
from contracts.artifacts import GRADES
from defenses.domain.readiness import (
    Cohort,
    Compensation,
    Nomination,
    OpportunitySeason,
    ReadinessRule,
    Recency,
)

_GRADE = validate.OneOf(GRADES)
_LEVEL = validate.Range(min=0)
_COUNT = validate.Range(min=1)
_SKILL = validate.Length(1, 200)


class CompensationSchema(Schema):
    """How far below the mean a skill may be made up for by the others."""

    max_skills = fields.Integer(required=True, validate=_COUNT)
    mean_at_least = fields.Float(required=True, validate=_LEVEL)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Compensation:
        """Build it."""
        return Compensation(**values)


class RecencySchema(Schema):
    """How many artifacts must be how new."""

    artifacts = fields.Integer(required=True, validate=_COUNT)
    months = fields.Integer(required=True, validate=validate.Range(1, 240))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Recency:
        """Build it."""
        return Recency(**values)


class NominationSchema(Schema):
    """How many artifacts a student chooses, and how near to the mean a choice needs how many readers."""

    artifacts = fields.Integer(required=True, validate=_COUNT)
    confirm_within = fields.Float(required=True, validate=_LEVEL)
    readers = fields.Integer(required=True, validate=_COUNT)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Nomination:
        """Build it."""
        return Nomination(**values)


class MonthDayField(fields.String):
    """A day of any year, as `MM-DD`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text = super()._deserialize(value, attr, data, **options)
        try:
            # A leap year has all days.
            found = date.fromisoformat(f"2000-{text}")
        except ValueError as error:
            raise ValidationError("must be a day of the year, as MM-DD") from error
        return found.month, found.day


class OpportunitySeasonSchema(Schema):
    """From which to which day of the year too little evidence is raised against the school."""

    first = MonthDayField(required=True)
    last = MonthDayField(required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> OpportunitySeason:
        """Build it."""
        return OpportunitySeason(**values)


class CohortSchema(Schema):
    """The students of one transition in one school year."""

    transition = fields.String(required=True, validate=_GRADE)
    school_year = fields.String(required=True, validate=validate.Regexp(r"^\d{4}-\d{2}$"))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Cohort:
        """Build it."""
        return Cohort(**values)


class ReadinessRuleSchema(VersionSchema):
    """One version of the readiness rule; see ReadinessRule."""

    transitions = fields.Dict(
        keys=fields.String(validate=_GRADE),
        values=fields.List(fields.String(validate=_GRADE), validate=validate.Length(min=1)),
        required=True,
        validate=validate.Length(min=1),
    )
    skills = fields.List(fields.String(validate=_SKILL), required=True, validate=validate.Length(1, 50))
    min_artifacts = fields.Integer(required=True, validate=_COUNT)
    counted_artifacts = fields.Integer(required=True, validate=_COUNT)
    mean_at_least = fields.Float(required=True, validate=_LEVEL)
    criterion_floor = fields.Float(required=True, validate=_LEVEL)
    compensation = fields.Nested(CompensationSchema, required=True, allow_none=True)
    recency = fields.Nested(RecencySchema, load_default=None, allow_none=True)
    distinct_assignments = fields.Integer(load_default=None, allow_none=True, validate=_COUNT)
    nomination = fields.Nested(NominationSchema, load_default=None, allow_none=True)
    opportunity = fields.Nested(OpportunitySeasonSchema, load_default=None, allow_none=True)
    cohorts = fields.List(fields.Nested(CohortSchema), load_default=[])

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> ReadinessRule:
        """Build the rule."""
        skills, transitions = values["skills"], values["transitions"]
        if len(set(skills)) < len(skills):
            raise ValidationError("names a skill twice", "skills")
        values.update(
            skills=tuple(skills),
            transitions={grade: tuple(grades) for grade, grades in transitions.items()},
            cohorts=tuple(values["cohorts"]),
        )
        return ReadinessRule(**values)
