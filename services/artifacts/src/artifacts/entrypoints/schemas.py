"""The wire forms of this service's HTTP."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from artifacts.domain.artifacts import Form
from artifacts.domain.people import GRADES
from chassis.http import PageQuerySchema

_ID = validate.Length(1, 200)
_MOST_TITLE = 300
_MOST_REFLECTION = 20_000


class UploadFormSchema(Schema):
    """The fields of an upload; the file is the form's last part."""

    student_id = fields.String(required=True, validate=_ID)
    skill_id = fields.String(required=True, validate=_ID)
    title = fields.String(required=True, validate=[validate.Length(1, _MOST_TITLE), validate.Regexp(r".*\S")])
    reflection = fields.String(required=True, validate=validate.Length(1, _MOST_REFLECTION))
    assignment_id = fields.String(
        load_default=None,
        validate=_ID,
        metadata={"description": "What it was made for; the same word for all who answer the same task."},
    )

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Form:
        """Build the form."""
        return Form(**values)


class ArtifactSchema(Schema):
    """An artifact."""

    artifact_id = fields.String(required=True)
    student_id = fields.String(required=True)
    school_id = fields.String(required=True)
    grade = fields.String(required=True)
    skill_id = fields.String(required=True)
    title = fields.String(required=True)
    reflection = fields.String(required=True)
    media_type = fields.String(required=True)
    size_bytes = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    uploaded_at = fields.AwareDateTime(required=True)
    assignment_id = fields.String(required=True, allow_none=True)


class ArtifactsQuerySchema(PageQuerySchema):
    """Which artifacts are wanted."""

    student_id = fields.String(load_default=None, validate=_ID)
    skill_id = fields.String(load_default=None, validate=_ID)


class StudentSchema(Schema):
    """A student; `source_id` is the roster's sourcedId."""

    student_id = fields.String(required=True)
    source_id = fields.String(required=True)
    school_id = fields.String(required=True)
    grade = fields.String(required=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    home_language = fields.String(required=True, allow_none=True)
    guardian_ids = fields.List(fields.String(), required=True)
    teacher_ids = fields.List(fields.String(), required=True)
    enrolled = fields.Boolean(required=True)


class StudentsQuerySchema(PageQuerySchema):
    """Which students are wanted; those who have left only if asked for."""

    school_id = fields.String(load_default=None, validate=_ID)
    grade = fields.String(load_default=None, validate=validate.OneOf(GRADES))
    enrolled = fields.Boolean(load_default=True)


class SchoolSchema(Schema):
    """A school."""

    school_id = fields.String(required=True)
    source_id = fields.String(required=True)
    name = fields.String(required=True)
    time_zone = fields.String(required=True)
    active = fields.Boolean(required=True)


class PostSchema(Schema):
    """What somebody is at one school."""

    school_id = fields.String(required=True)
    role = fields.String(required=True)


class StaffSchema(Schema):
    """A staff member."""

    staff_id = fields.String(required=True)
    source_id = fields.String(required=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    posts = fields.List(fields.Nested(PostSchema), required=True)
    active = fields.Boolean(required=True)


class StaffQuerySchema(PageQuerySchema):
    """Which staff is wanted."""

    school_id = fields.String(load_default=None, validate=_ID)


class CriterionScoreSchema(Schema):
    """The outcome on one criterion."""

    criterion_id = fields.String(required=True)
    level = fields.Float(required=True)
    feedback = fields.String(required=True)


class ScoreSchema(Schema):
    """What scorers said about an artifact."""

    rubric_id = fields.String(required=True)
    rubric_version = fields.String(required=True)
    mean_level = fields.Float(required=True)
    criteria = fields.List(fields.Nested(CriterionScoreSchema), required=True)
    scored_at = fields.AwareDateTime(required=True)


class ScoredArtifactSchema(ArtifactSchema):
    """An artifact in a backpack, with its score as soon as it has one."""

    score = fields.Nested(ScoreSchema, required=True, allow_none=True)


class ReadinessSchema(Schema):
    """The decision about one transition; `explanation` is the rule's clause tree."""

    transition = fields.String(required=True)
    status = fields.String(required=True)
    rule_version = fields.String(required=True)
    explanation = fields.Dict(required=True)
    decided_at = fields.AwareDateTime(required=True)


class BackpackSchema(Schema):
    """Everything that a student has collected."""

    student = fields.Nested(StudentSchema, required=True)
    artifacts = fields.List(fields.Nested(ScoredArtifactSchema), required=True)
    readiness = fields.List(fields.Nested(ReadinessSchema), required=True)


class SkillSchema(Schema):
    """A success skill."""

    skill_id = fields.String(required=True)
    name = fields.String(required=True)


class SkillsSchema(Schema):
    """The district's success skills."""

    items = fields.List(fields.Nested(SkillSchema), required=True)
