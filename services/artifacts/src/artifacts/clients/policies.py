"""The district's policies as values of the domain."""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import Schema, ValidationError, fields, post_load, validate

from artifacts.domain.artifacts import Skill, UploadPolicy
from artifacts.domain.people import DistrictPolicy
from chassis.policy import Policies, VersionSchema

_ID = validate.Length(1, 200)
_LANGUAGE = validate.Regexp(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")


def _time_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValidationError("is not an IANA time zone") from error


class SkillSchema(Schema):
    """One success skill."""

    skill_id = fields.String(required=True, validate=_ID)
    name = fields.String(required=True, validate=validate.Length(1, 200))


class SkillsSchema(VersionSchema):
    """`policy/skills.json`: the district's success skills."""

    skills = fields.List(fields.Nested(SkillSchema), required=True, validate=validate.Length(min=1))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> tuple[Skill, ...]:
        """Build the skills."""
        return tuple(Skill(**skill) for skill in values["skills"])


class UploadsSchema(VersionSchema):
    """`policy/uploads.json`: types with their size limits, and the quota of one backpack."""

    most_bytes = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[a-z]+/[\w.+-]+$")),
        values=fields.Integer(strict=True, validate=validate.Range(min=1)),
        required=True,
        validate=validate.Length(min=1),
    )
    quota_bytes = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> UploadPolicy:
        """Build the policy."""
        return UploadPolicy(most_bytes=values["most_bytes"], quota_bytes=values["quota_bytes"])


class DistrictSchema(VersionSchema):
    """`policy/district.json`: how the district reads its roster."""

    time_zone = fields.String(required=True, validate=_time_zone)
    school_time_zones = fields.Dict(
        keys=fields.String(validate=_ID), values=fields.String(validate=_time_zone), load_default=dict
    )
    language = fields.String(required=True, validate=_LANGUAGE)
    agents_may_be_told = fields.Boolean(required=True)
    most_leaving_share = fields.Float(required=True, validate=validate.Range(0, 1))
    always_may_leave = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    most_rows_of_a_person = fields.Integer(required=True, strict=True, validate=validate.Range(min=2))
    most_bundle_bytes = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> DistrictPolicy:
        """Build the policy."""
        del values["version"], values["effective"]
        return DistrictPolicy(**values)


class ArtifactPolicies:
    """The policies of this service by district."""

    def __init__(self, directory: str = "") -> None:
        schemas = {"skills": SkillsSchema, "uploads": UploadsSchema, "district": DistrictSchema}
        self._policies = Policies("artifacts", schemas, directory)

    def skills(self, district: str, on: date) -> tuple[Skill, ...]:
        """Return the district's success skills on a day."""
        skills: tuple[Skill, ...] = self._policies.current("skills", district=district, on=on)
        return skills

    def uploads(self, district: str, on: date) -> UploadPolicy:
        """Return what the district takes on a day."""
        uploads: UploadPolicy = self._policies.current("uploads", district=district, on=on)
        return uploads

    def district(self, district: str, on: date) -> DistrictPolicy:
        """Return how the district reads its roster on a day."""
        policy: DistrictPolicy = self._policies.current("district", district=district, on=on)
        return policy
