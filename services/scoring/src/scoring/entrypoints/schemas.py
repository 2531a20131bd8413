"""What goes over HTTP: what callers may ask and send, and the shapes of the answers."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from chassis.http import PageQuerySchema
from contracts.artifacts import GRADES
from scoring import domain
from scoring.domain import CriterionLevel, Rubric, State, Task

_ID = validate.Length(1, 200)
_MOST_CRITERIA = 50
_MOST_FEEDBACK = 5_000


class TasksQuerySchema(PageQuerySchema):
    """Which tasks."""

    state = fields.String(load_default=None, validate=validate.OneOf([str(state) for state in State]))
    scorer_id = fields.String(load_default=None, validate=_ID)


class ScoresQuerySchema(PageQuerySchema):
    """Whose scores."""

    student_id = fields.String(required=True, validate=_ID)


class RubricsQuerySchema(PageQuerySchema):
    """Which rubrics."""

    skill_id = fields.String(load_default=None, validate=_ID)
    grade = fields.String(load_default=None, validate=validate.OneOf(GRADES))
    version = fields.String(load_default=None, validate=validate.Length(1, 50))


class LevelSchema(Schema):
    """One criterion's level; it becomes a CriterionLevel."""

    criterion_id = fields.String(required=True, validate=_ID)
    level = fields.Integer(required=True, strict=True)
    feedback = fields.String(load_default="", validate=validate.Length(max=_MOST_FEEDBACK))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> CriterionLevel:
        """Build the level."""
        return CriterionLevel(**values)


class ReadSchema(Schema):
    """A scorer's read of one artifact."""

    levels = fields.List(
        fields.Nested(LevelSchema), required=True, validate=validate.Length(1, _MOST_CRITERIA)
    )


class TaskSchema(Schema):
    """A task as a scorer sees it: nothing says whose artifact it is, nor from which school."""

    task_id = fields.String(required=True)
    artifact_id = fields.String(required=True)
    content_url = fields.String(
        required=True, metadata={"description": "Where the artifact's bytes are, from the API's root."}
    )
    skill_id = fields.String(required=True)
    grade = fields.String(required=True)
    title = fields.String(required=True)
    reflection = fields.String(required=True)
    media_type = fields.String(required=True)
    state = fields.String(required=True)
    scorer_id = fields.String(required=True, allow_none=True)
    rubric_id = fields.String(required=True)
    rubric_version = fields.String(required=True)
    opened_at = fields.AwareDateTime(required=True)
    assigned_at = fields.AwareDateTime(required=True, allow_none=True)


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


class GivenLevelSchema(Schema):
    """One criterion's level in a read that was given."""

    criterion_id = fields.String(required=True)
    level = fields.Integer(required=True)
    feedback = fields.String(required=True)


class GivenReadSchema(Schema):
    """A read that was given."""

    task_id = fields.String(required=True)
    artifact_id = fields.String(required=True)
    state = fields.String(required=True)
    levels = fields.List(fields.Nested(GivenLevelSchema), required=True)
    given_at = fields.AwareDateTime(required=True)


class TaskWithRubricSchema(TaskSchema):
    """A task with the rubric version that it is read with, and its read once it has one."""

    rubric = fields.Nested(RubricViewSchema, required=True)
    levels = fields.List(fields.Nested(GivenLevelSchema), required=True)


class CriterionScoreViewSchema(Schema):
    """The outcome on one criterion."""

    criterion_id = fields.String(required=True)
    level = fields.Float(required=True)
    feedback = fields.String(required=True)


class ScoreSchema(Schema):
    """The score of one artifact."""

    artifact_id = fields.String(required=True)
    student_id = fields.String(required=True)
    grade = fields.String(required=True)
    skill_id = fields.String(required=True)
    rubric_id = fields.String(required=True)
    rubric_version = fields.String(required=True)
    criteria = fields.List(fields.Nested(CriterionScoreViewSchema), required=True)
    mean_level = fields.Float(required=True)
    scored_at = fields.AwareDateTime(required=True)


def blind(task: Task) -> dict[str, Any]:
    """Return what a scorer may see of a task."""
    seen = task.submission
    return {
        "task_id": task.task_id,
        "artifact_id": seen.artifact_id,
        "content_url": f"/v1/artifacts/{seen.artifact_id}/content",
        "skill_id": seen.skill_id,
        "grade": seen.grade,
        "title": seen.title,
        "reflection": seen.reflection,
        "media_type": seen.media_type,
        "state": str(task.state),
        "scorer_id": task.scorer_id,
        "rubric_id": task.rubric_id,
        "rubric_version": task.rubric_version,
        "opened_at": task.opened_at,
        "assigned_at": task.assigned_at,
    }


def with_rubric(task: Task, rubric: Rubric) -> dict[str, Any]:
    """Return a task as `blind` does, with its rubric and the levels that were given."""
    levels = task.reads[-1].levels if task.reads else ()
    return {**blind(task), "rubric": rubric, "levels": levels}


def given_read(task: Task) -> dict[str, Any]:
    """Return the read of a scored task."""
    read = task.reads[-1]
    return {**blind(task), "levels": read.levels, "given_at": read.given_at}


def scored(task: Task) -> dict[str, Any]:
    """Return the score of a scored task."""
    outcome, about = domain.score(task), task.submission
    return {
        "artifact_id": about.artifact_id,
        "student_id": about.student_id,
        "grade": about.grade,
        "skill_id": about.skill_id,
        "rubric_id": task.rubric_id,
        "rubric_version": task.rubric_version,
        "criteria": outcome.criteria,
        "mean_level": outcome.mean_level,
        "scored_at": outcome.scored_at,
    }
