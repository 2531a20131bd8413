"""The district's scoring policy: its rubrics, and who reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from chassis.policy import Policies, PolicyError, VersionSchema
from contracts.artifacts import GRADES
from scoring.domain import Criterion, Descriptor, NoRubricError, Rubric

_ID = validate.Regexp(r"^[a-z0-9-]{1,100}$")
_TEXT = validate.Length(1, 1000)


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
    descriptors = fields.List(fields.Nested(DescriptorSchema), required=True, validate=validate.Length(min=2))

    @validates_schema
    def check_order(self, values: Mapping[str, Any], **_: Any) -> None:
        """Levels rise; each stands once."""
        levels = [each.level for each in values["descriptors"]]
        if levels != sorted(set(levels)):
            raise ValidationError("levels must rise", "descriptors")

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Criterion:
        """Build the criterion."""
        return Criterion(**{**values, "descriptors": tuple(values["descriptors"])})


class RubricSchema(Schema):
    """One rubric, which gets the version of the file's entry that it stands in."""

    rubric_id = fields.String(required=True, validate=_ID)
    title = fields.String(required=True, validate=_TEXT)
    skill_id = fields.String(required=True, validate=_ID)
    band = fields.String(required=True, validate=_TEXT)
    grades = fields.List(fields.String(validate=validate.OneOf(GRADES)), required=True)
    criteria = fields.List(fields.Nested(CriterionSchema), required=True, validate=validate.Length(min=1))

    @validates_schema
    def check_criteria(self, values: Mapping[str, Any], **_: Any) -> None:
        """Each criterion stands once."""
        ids = [each.criterion_id for each in values["criteria"]]
        if len(ids) != len(set(ids)):
            raise ValidationError("a criterion stands twice", "criteria")


class RubricsSchema(VersionSchema):
    """One version of all rubrics of a district; it becomes a tuple of rubrics."""

    rubrics = fields.List(fields.Nested(RubricSchema), required=True, validate=validate.Length(min=1))

    @validates_schema
    def check_places(self, values: Mapping[str, Any], **_: Any) -> None:
        """A skill has one rubric in a grade, and an id is one rubric's."""
        places = [(each["skill_id"], grade) for each in values["rubrics"] for grade in each["grades"]]
        ids = [each["rubric_id"] for each in values["rubrics"]]
        if len(places) != len(set(places)) or len(ids) != len(set(ids)):
            raise ValidationError("a skill and grade, or an id, has two rubrics", "rubrics")

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> tuple[Rubric, ...]:
        """Build the rubrics."""
        return tuple(
            Rubric(
                **{**each, "grades": tuple(each["grades"]), "criteria": tuple(each["criteria"])},
                version=values["version"],
            )
            for each in values["rubrics"]
        )


class RoutingSchema(VersionSchema):
    """One version of the rule of who reads."""

    roles = fields.List(fields.String(validate=_TEXT), required=True, validate=validate.Length(min=1))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> frozenset[str]:
        """Return the roles that read."""
        return frozenset(values["roles"])


#: The policies of this service, as `chassis.policy.Policies` takes them.
POLICIES: Mapping[str, type[VersionSchema]] = {"rubrics": RubricsSchema, "routing": RoutingSchema}


class DistrictRubrics:
    """The rubrics of one district."""

    def __init__(self, policies: Policies, district: str) -> None:
        self._policies = policies
        self._district = district

    def current(self, at: datetime) -> Sequence[Rubric]:
        """Return the rubrics in force at a time."""
        rubrics: tuple[Rubric, ...] = self._policies.current("rubrics", district=self._district, on=at.date())
        return rubrics

    def of_version(self, version: str) -> Sequence[Rubric]:
        """Return the rubrics of one version.

        Raises:
            NoRubricError: if there is no such version.
        """
        try:
            rubrics: tuple[Rubric, ...] = self._policies.version(
                "rubrics", district=self._district, version=version
            )
        except PolicyError as error:
            raise NoRubricError(f"there is no version {version} of the rubrics") from error
        return rubrics


class DistrictRouting:
    """Who reads in one district."""

    def __init__(self, policies: Policies, district: str) -> None:
        self._policies = policies
        self._district = district

    def roles(self, at: datetime) -> frozenset[str]:
        """Return the roles that read at a time."""
        roles: frozenset[str] = self._policies.current("routing", district=self._district, on=at.date())
        return roles
