"""A student's journey, on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields

from defenses.entrypoints.schemas.milestones import MilestoneSchema


class ComponentSchema(Schema):
    """How much of a component was due in the grades on record until now, and how much of that is there."""

    due = fields.Integer(required=True)
    done = fields.Integer(required=True)


class SkillShownSchema(Schema):
    """What the scored artifacts of one year show of a skill."""

    skill_id = fields.String(required=True)
    artifacts = fields.Integer(required=True)
    mean_level = fields.Float(required=True)


class SkillProgressSchema(Schema):
    """How far a student is with a skill on the way to a defense."""

    skill_id = fields.String(required=True)
    artifacts_due = fields.Integer(required=True)
    artifacts = fields.Integer(required=True)
    mean_level = fields.Float(required=True, allow_none=True)


class JourneyDefenseSchema(Schema):
    """A defense that the family knows of."""

    defense_id = fields.String(required=True)
    school_id = fields.String(required=True)
    school_year = fields.String(required=True)
    state = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True)
    time_zone = fields.String(required=True)


class StageSchema(Schema):
    """The grades that lead to one defense.

    `readiness` is the last decision about it; `outcome` is what the panels found, once the family was told.
    """

    transition = fields.String(required=True)
    grades = fields.List(fields.String(), required=True)
    skills = fields.List(fields.Nested(SkillProgressSchema), required=True)
    readiness = fields.String(required=True, allow_none=True)
    defenses = fields.List(fields.Nested(JourneyDefenseSchema), required=True)
    outcome = fields.String(required=True, allow_none=True)


class GradeYearSchema(Schema):
    """One grade in one school year: what was due, and what is there."""

    grade = fields.String(required=True)
    school_year = fields.String(required=True, allow_none=True)
    school_ids = fields.List(fields.String(), required=True)
    standing = fields.String(required=True)
    skills = fields.List(fields.Nested(SkillShownSchema), required=True)
    artifacts = fields.Integer(required=True)
    milestone_due = fields.Boolean(required=True)
    milestone_due_on = fields.Date(required=True, allow_none=True)
    milestone = fields.Nested(MilestoneSchema, required=True, allow_none=True)
    defense_due = fields.Boolean(required=True)
    defense = fields.Nested(JourneyDefenseSchema, required=True, allow_none=True)


class JourneySchema(Schema):
    """A student's way from kindergarten to grade 12 over skills, artifacts, milestones and defenses.

    A grade of which nothing is on record has no `school_year`. `grade` is null for a student who has left.
    """

    student_id = fields.String(required=True)
    grade = fields.String(required=True, allow_none=True)
    school_year = fields.String(required=True)
    skills = fields.Nested(ComponentSchema, required=True)
    artifacts = fields.Nested(ComponentSchema, required=True)
    milestones = fields.Nested(ComponentSchema, required=True)
    defenses = fields.Nested(ComponentSchema, required=True)
    stages = fields.List(fields.Nested(StageSchema), required=True)
    years = fields.List(fields.Nested(GradeYearSchema), required=True)
