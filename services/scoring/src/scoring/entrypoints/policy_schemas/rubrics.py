"""Rubrics, as a district writes them: their shape; whether they fit together is for the domain to say."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from chassis.policy import VersionSchema
from contracts.artifacts import GRADES
from scoring.domain.rubrics import (
    Criterion,
    Descriptor,
    Framework,
    Rubric,
    RubricVersion,
    Skill,
    VersionState,
    framework_faults,
)

_MOST_RUBRICS = 500
_MOST_CRITERIA = 50
_MOST_LEVELS = 20
_ID = validate.Length(max=200)
_TEXT = validate.Length(max=2000)


class DescriptorSchema(Schema):
    """What one level of a criterion looks like."""

    level = fields.Integer(required=True, strict=True)
    text = fields.String(required=True, validate=_TEXT)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Descriptor:
        """Build the descriptor."""
        return Descriptor(**values)


class CriterionSchema(Schema):
    """One thing that a scorer judges."""

    criterion_id = fields.String(required=True, validate=_ID)
    name = fields.String(required=True, validate=_TEXT)
    descriptors = fields.List(
        fields.Nested(DescriptorSchema), required=True, validate=validate.Length(max=_MOST_LEVELS)
    )

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Criterion:
        """Build the criterion."""
        return Criterion(**{**values, "descriptors": tuple(values["descriptors"])})


class RubricSchema(Schema):
    """One rubric, which gets the version of what it stands in."""

    rubric_id = fields.String(required=True, validate=_ID)
    title = fields.String(required=True, validate=_TEXT)
    skill_id = fields.String(required=True, validate=_ID)
    band = fields.String(required=True, validate=_TEXT)
    grades = fields.List(fields.String(), required=True, validate=validate.Length(max=len(GRADES)))
    criteria = fields.List(
        fields.Nested(CriterionSchema), required=True, validate=validate.Length(max=_MOST_CRITERIA)
    )


class SkillSchema(Schema):
    """One of the skills that students show."""

    skill_id = fields.String(required=True, validate=_ID)
    name = fields.String(required=True, validate=_TEXT)
    statement = fields.String(required=True, validate=_TEXT)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Skill:
        """Build the skill."""
        return Skill(**values)


class FrameworkContentSchema(Schema):
    """Skills and rubrics, under a title."""

    title = fields.String(required=True, validate=_TEXT)
    skills = fields.List(
        fields.Nested(SkillSchema), required=True, validate=validate.Length(max=_MOST_RUBRICS)
    )
    rubrics = fields.List(
        fields.Nested(RubricSchema), required=True, validate=validate.Length(max=_MOST_RUBRICS)
    )


class RubricsSchema(FrameworkContentSchema, VersionSchema):
    """One version of a district's file; it becomes a published RubricVersion.

    A file holds no crosswalks: what they lead from can only be checked where all versions are.
    """

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> RubricVersion:
        """Build the version, if its framework is in order."""
        framework = built(values, version=values["version"])
        faults = [f"{each.field}: {each.reason}" for each in framework_faults(framework, grades=GRADES)]
        if faults:
            raise ValidationError(faults)
        return RubricVersion(framework=framework, state=VersionState.PUBLISHED, effective=values["effective"])


def built(values: dict[str, Any], *, version: str) -> Framework:
    """Return the framework that a FrameworkContentSchema has loaded, without crosswalks."""
    return Framework(
        version=version,
        title=values["title"],
        skills=tuple(values["skills"]),
        rubrics=tuple(
            Rubric(
                **{**each, "grades": tuple(each["grades"]), "criteria": tuple(each["criteria"])},
                version=version,
            )
            for each in values["rubrics"]
        ),
        crosswalks=(),
    )
