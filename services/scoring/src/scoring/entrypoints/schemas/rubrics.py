"""Rubrics as they go over HTTP."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from chassis.http import PageQuerySchema
from contracts.artifacts import GRADES
from scoring.domain.rubrics import (
    Carried,
    CriterionRef,
    Crosswalk,
    Link,
    Relation,
    RubricVersion,
)
from scoring.entrypoints.policy_schemas.rubrics import FrameworkContentSchema

_ID = validate.Length(1, 200)
_VERSION = validate.Length(1, 50)
_MOST_LINKS = 5_000
_MOST_CROSSWALKS = 50


class RubricsQuerySchema(PageQuerySchema):
    """Which rubrics."""

    skill_id = fields.String(load_default=None, validate=_ID)
    grade = fields.String(load_default=None, validate=validate.OneOf(GRADES))
    version = fields.String(load_default=None, validate=_VERSION)


class DescriptorViewSchema(Schema):
    """What one level looks like."""

    level = fields.Integer(required=True)
    text = fields.String(required=True)


class CriterionViewSchema(Schema):
    """One thing that a scorer judges."""

    criterion_id = fields.String(required=True)
    name = fields.String(required=True)
    descriptors = fields.List(fields.Nested(DescriptorViewSchema), required=True)


class RubricViewSchema(Schema):
    """One version of one rubric."""

    rubric_id = fields.String(required=True)
    version = fields.String(required=True)
    title = fields.String(required=True)
    skill_id = fields.String(required=True)
    band = fields.String(required=True)
    grades = fields.List(fields.String(), required=True)
    criteria = fields.List(fields.Nested(CriterionViewSchema), required=True)


class CriterionRefSchema(Schema):
    """One criterion of one rubric."""

    rubric_id = fields.String(required=True, validate=_ID)
    criterion_id = fields.String(required=True, validate=_ID)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> CriterionRef:
        """Build the reference."""
        return CriterionRef(**values)


class LinkSchema(Schema):
    """What one criterion of an earlier version has become."""

    old = fields.Nested(CriterionRefSchema, required=True)
    new = fields.Nested(CriterionRefSchema, required=True)
    relation = fields.Enum(Relation, by_value=True, required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Link:
        """Build the link."""
        return Link(**values)


class CrosswalkSchema(Schema):
    """What the criteria of one earlier version have become."""

    from_version = fields.String(required=True, validate=_VERSION)
    links = fields.List(fields.Nested(LinkSchema), required=True, validate=validate.Length(1, _MOST_LINKS))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Crosswalk:
        """Build the crosswalk."""
        return Crosswalk(**{**values, "links": tuple(values["links"])})


class CrosswalksSchema(Schema):
    """All crosswalks of a version."""

    crosswalks = fields.List(
        fields.Nested(CrosswalkSchema), required=True, validate=validate.Length(max=_MOST_CROSSWALKS)
    )


class FrameworkBodySchema(FrameworkContentSchema, CrosswalksSchema):
    """The whole of a version, as a district writes it."""

    crosswalks = fields.List(
        fields.Nested(CrosswalkSchema), load_default=list, validate=validate.Length(max=_MOST_CROSSWALKS)
    )


class CasePackageSchema(Schema):
    """A CFPackage of CASE 1.1; its inside is checked, and its faults are named, by the domain."""

    CFDocument = fields.Raw(metadata={"type": "object"})
    CFItems = fields.Raw(metadata={"type": "array"})
    CFAssociations = fields.Raw(metadata={"type": "array"})
    CFDefinitions = fields.Raw(metadata={"type": "object"})
    CFRubrics = fields.Raw(metadata={"type": "array"})
    extensions = fields.Raw(metadata={"type": "object"})


class TableQuerySchema(Schema):
    """What a table does not say."""

    title = fields.String(required=True, validate=validate.Length(1, 1000))


class PublicationSchema(Schema):
    """From when a version is in force."""

    effective = fields.Date(required=True)


class ChangeViewSchema(Schema):
    """What somebody did to a version."""

    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    what = fields.String(required=True)


class VersionSummarySchema(Schema):
    """One version, without its text."""

    version = fields.String(required=True)
    title = fields.String(required=True)
    state = fields.String(required=True)
    effective = fields.Date(required=True, allow_none=True)
    history = fields.List(fields.Nested(ChangeViewSchema), required=True)


class VersionViewSchema(VersionSummarySchema, FrameworkContentSchema):
    """One version with its text."""

    crosswalks = fields.List(fields.Nested(CrosswalkSchema), required=True)


class CarriedQuerySchema(Schema):
    """From which version to which."""

    from_version = fields.String(required=True, validate=_VERSION)
    to_version = fields.String(required=True, validate=_VERSION)


class OldLevelSchema(Schema):
    """A level as it was given."""

    old = fields.Nested(CriterionRefSchema, required=True)
    level = fields.Integer(required=True, strict=True, validate=validate.Range(1, 4))


class OldLevelsSchema(Schema):
    """Levels as they were given, in the terms of the earlier version."""

    levels = fields.List(fields.Nested(OldLevelSchema), required=True, validate=validate.Length(1, 100))


class CarriedLevelsSchema(Schema):
    """The old levels behind one criterion of the later version."""

    new = fields.Nested(CriterionRefSchema, required=True)
    given = fields.List(fields.Nested(OldLevelSchema), required=True)


class CarriedSchema(Schema):
    """Old levels in the terms of a later version; the scores stay as they are."""

    levels = fields.List(fields.Nested(CarriedLevelsSchema), required=True)
    left = fields.List(fields.Nested(CriterionRefSchema), required=True)


def summary(found: RubricVersion) -> dict[str, Any]:
    """Return what a VersionSummarySchema shows."""
    return {
        "version": found.version,
        "title": found.framework.title,
        "state": str(found.state),
        "effective": found.effective,
        "history": found.history,
    }


def whole(found: RubricVersion) -> dict[str, Any]:
    """Return what a VersionViewSchema shows."""
    framework = found.framework
    return {
        **summary(found),
        "skills": framework.skills,
        "rubrics": framework.rubrics,
        "crosswalks": framework.crosswalks,
    }


def carried(found: Carried) -> dict[str, Any]:
    """Return what a CarriedSchema shows."""
    return {
        "levels": [
            {"new": new, "given": [{"old": old, "level": level} for old, level in given]}
            for new, given in found.levels.items()
        ],
        "left": found.left,
    }
