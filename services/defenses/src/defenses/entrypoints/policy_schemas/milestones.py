"""The district's rules for milestones."""

from __future__ import annotations

from collections import Counter
from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from chassis.policy import VersionSchema
from contracts.artifacts import GRADES
from defenses.domain.milestones.policy import Band, Form, MilestonePolicy

_SOME = validate.Length(min=1)
_ID = validate.Length(1, 200)
_LANGUAGE = validate.Regexp(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")


class FormSchema(Schema):
    """One form of a milestone."""

    names = fields.Dict(
        keys=fields.String(validate=_LANGUAGE),
        values=fields.String(validate=_ID),
        required=True,
        validate=_SOME,
    )
    has_levels = fields.Boolean(required=True)


class BandSchema(Schema):
    """Grades of which the same is asked."""

    grades = fields.List(fields.String(validate=validate.OneOf(GRADES)), required=True, validate=_SOME)
    forms = fields.List(fields.String(), required=True, validate=_SOME)
    due = fields.Date(format="%m-%d", required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Band:
        """Build the band."""
        due = values["due"]
        return Band(tuple(values["grades"]), tuple(values["forms"]), (due.month, due.day))


class MilestonePolicySchema(VersionSchema):
    """One version of the rules for milestones; see MilestonePolicy."""

    bands = fields.List(fields.Nested(BandSchema), required=True)
    forms = fields.Dict(
        keys=fields.String(validate=_ID), values=fields.Nested(FormSchema), required=True, validate=_SOME
    )
    skills = fields.List(fields.String(validate=_ID), required=True)
    lowest_level = fields.Float(required=True)
    highest_level = fields.Float(required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> MilestonePolicy:
        """Build the policy."""
        bands: list[Band] = values["bands"]
        grades = Counter(grade for band in bands for grade in band.grades)
        twice = [grade for grade, count in grades.items() if count > 1]
        if twice:
            raise ValidationError(f"grade {twice[0]} is in two of them", "bands")
        unknown = [form for band in bands for form in band.forms if form not in values["forms"]]
        if unknown:
            raise ValidationError(f"{unknown[0]} is none of the forms", "bands")
        if values["lowest_level"] >= values["highest_level"]:
            raise ValidationError("it is not above lowest_level", "highest_level")
        return MilestonePolicy(
            version=values["version"],
            bands=tuple(bands),
            forms={name: Form(form_id=name, **form) for name, form in values["forms"].items()},
            skills=tuple(values["skills"]),
            lowest_level=values["lowest_level"],
            highest_level=values["highest_level"],
        )
