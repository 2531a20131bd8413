"""Milestones, the events at which they are held, and journeys, on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from chassis.http import PageQuerySchema
from contracts.artifacts import GRADES
from defenses.domain.milestones.milestones import STATES
from defenses.use_cases.milestones.planning import Proposal

_ID = validate.Length(1, 200)
_GRADE = validate.OneOf(GRADES)
_PLACE = validate.Length(1, 200)
_REASON = validate.Length(1, 500)
_YEAR = validate.Regexp(r"^[0-9]{4}-[0-9]{2}$", error="Not a school year, such as 2026-27.")
_MANY = validate.Length(1, 5_000)
_CHOICES = ("grades", "teacher_ids", "student_ids")


class MilestoneEventBodySchema(Schema):
    """An event to plan, for whole grades, for the students of teachers, or for listed students."""

    school_id = fields.String(required=True, validate=_ID)
    form = fields.String(required=True, validate=_ID)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    place = fields.String(required=True, validate=_PLACE)
    grades = fields.List(fields.String(validate=_GRADE), validate=_MANY)
    teacher_ids = fields.List(fields.String(validate=_ID), validate=_MANY)
    student_ids = fields.List(fields.String(validate=_ID), validate=_MANY)

    @validates_schema
    def check_choice(self, values: dict[str, Any], **_: Any) -> None:
        """Make sure that it is clear for whom the event is."""
        given = [name for name in _CHOICES if name in values]
        if len(given) != 1:
            field = given[-1] if given else _CHOICES[-1]
            raise ValidationError(f"Give one of {', '.join(_CHOICES)}.", field)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Proposal:
        """Build the proposal."""
        values |= {name: tuple(values[name]) for name in _CHOICES if name in values}
        return Proposal(**values)


class EventMoveBodySchema(Schema):
    """Another time or place; `revision` is the one that the caller has read."""

    revision = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    place = fields.String(required=True, validate=_PLACE)
    reason = fields.String(required=True, validate=_REASON)


class EventCancellationBodySchema(Schema):
    """Why an event is cancelled."""

    revision = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    reason = fields.String(required=True, validate=_REASON)


class AttendanceBodySchema(Schema):
    """Who was not there; everybody else was."""

    revision = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    missed = fields.List(fields.String(validate=_ID), required=True, validate=validate.Length(max=5_000))


class MilestoneEventsQuerySchema(PageQuerySchema):
    """Which events."""

    school_id = fields.String(load_default=None, validate=_ID)
    school_year = fields.String(load_default=None, validate=_YEAR)


class LeftOutSchema(Schema):
    """A student who was left out of an event, and why."""

    student_id = fields.String(required=True)
    reason = fields.String(required=True)


class MilestoneEventSchema(Schema):
    """An event; once `is_applied`, its students' milestones follow this revision."""

    event_id = fields.String(required=True)
    school_id = fields.String(required=True)
    school_year = fields.String(required=True)
    form = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True, attribute="slot.starts_at")
    ends_at = fields.AwareDateTime(required=True, attribute="slot.ends_at")
    time_zone = fields.String(required=True, attribute="slot.time_zone")
    place = fields.String(required=True, attribute="slot.place")
    state = fields.String(required=True)
    revision = fields.Integer(required=True)
    is_applied = fields.Boolean(required=True)
    changed_by = fields.String(required=True)
    changed_at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)
    student_ids = fields.List(fields.String(), required=True)
    missed = fields.List(fields.String(), required=True)
    left_out = fields.List(fields.Nested(LeftOutSchema), required=True)


class MilestonesQuerySchema(PageQuerySchema):
    """Which milestones."""

    school_id = fields.String(load_default=None, validate=_ID)
    student_id = fields.String(load_default=None, validate=_ID)
    grade = fields.String(load_default=None, validate=_GRADE)
    school_year = fields.String(load_default=None, validate=_YEAR)
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))
    overdue = fields.Boolean(load_default=None, attribute="is_overdue")


class SkillLevelSchema(Schema):
    """The level of one skill."""

    skill_id = fields.String(required=True, validate=_ID)
    level = fields.Float(required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> tuple[str, float]:
        """Build the pair."""
        return values["skill_id"], values["level"]


class MilestoneRecordBodySchema(Schema):
    """What is put on record of a milestone."""

    reflection = fields.String(required=True, validate=validate.Length(1, 10_000))
    levels = fields.List(
        fields.Nested(SkillLevelSchema), load_default=list, validate=validate.Length(max=100)
    )


class MilestoneRecordSchema(Schema):
    """What is on record of a milestone."""

    reflection = fields.String(required=True)
    levels = fields.Function(
        lambda record: [{"skill_id": skill, "level": level} for skill, level in record.levels]
    )
    recorded_by = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)
    policy_version = fields.String(required=True)


class MilestonePlanSchema(Schema):
    """When, where and in which form a milestone is held."""

    event_id = fields.String(required=True)
    school_id = fields.String(required=True)
    form = fields.String(required=True)
    starts_at = fields.AwareDateTime(required=True, attribute="slot.starts_at")
    ends_at = fields.AwareDateTime(required=True, attribute="slot.ends_at")
    time_zone = fields.String(required=True, attribute="slot.time_zone")
    place = fields.String(required=True, attribute="slot.place")


class MilestoneSchema(Schema):
    """One student's milestone; the last of `records` holds, and superseded the others."""

    milestone_id = fields.String(required=True)
    student_id = fields.String(required=True)
    school_id = fields.String(required=True)
    grade = fields.String(required=True)
    school_year = fields.String(required=True)
    due_on = fields.Date(required=True)
    state = fields.String(required=True)
    overdue = fields.Boolean(required=True, attribute="is_overdue")
    revision = fields.Integer(required=True)
    plan = fields.Nested(MilestonePlanSchema, required=True, allow_none=True)
    cause = fields.String(required=True)
    reason = fields.String(required=True)
    records = fields.List(fields.Nested(MilestoneRecordSchema), required=True)


class OverdueQuerySchema(Schema):
    """Of which school."""

    school_id = fields.String(load_default=None, validate=_ID)


class OverdueGradeSchema(Schema):
    """How many milestones of a school's grade are overdue, by how far they are."""

    school_id = fields.String(required=True)
    grade = fields.String(required=True)
    state = fields.String(required=True)
    count = fields.Integer(required=True)


class OverdueSchema(Schema):
    """How many milestones are overdue."""

    count = fields.Integer(required=True)
    groups = fields.List(fields.Nested(OverdueGradeSchema), required=True)
