"""Tasks and reads as they go over HTTP: what a scorer sees is blind."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from chassis.http import PageQuerySchema
from scoring.domain.rubrics import CriterionLevel, Rubric
from scoring.domain.tasks import State, Task
from scoring.entrypoints.schemas.rubrics import RubricViewSchema

_ID = validate.Length(1, 200)
_CODE = validate.Regexp(r"^[a-z0-9_]{1,50}$")
_WORDS = validate.Length(1, 2_000)
_MOST_CRITERIA = 50
_MOST_FEEDBACK = 5_000

#: All that a scorer ever sees of a task's state.
OPEN, READ = "open", "read"


class TasksQuerySchema(PageQuerySchema):
    """Which tasks: `open` and `read` are a scorer's, the other states are for the office."""

    state = fields.String(load_default=None, validate=validate.OneOf([OPEN, READ, *map(str, State)]))
    scorer_id = fields.String(load_default=None, validate=_ID)


class ClaimSchema(Schema):
    """What a scorer wants to read; by default anything that they may."""

    skill_id = fields.String(load_default=None, validate=_ID)
    band = fields.String(load_default=None, validate=validate.Length(1, 50))


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


class UnscorableSchema(Schema):
    """Why the rubric cannot be applied, by the district's codes."""

    code = fields.String(required=True, validate=_CODE)


class ReasonSchema(Schema):
    """Why, in words; they stay in the task's history."""

    reason = fields.String(required=True, validate=_WORDS)


class BlindTaskSchema(Schema):
    """A task as a scorer sees it: nothing says whose it is, from where, or whether others have read it."""

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
    state = fields.String(required=True, metadata={"description": "For a scorer `open` or `read`."})
    rubric_id = fields.String(required=True)
    rubric_version = fields.String(required=True)
    leased_at = fields.AwareDateTime(required=True, allow_none=True)
    expires_at = fields.AwareDateTime(required=True, allow_none=True)


class OfficeTaskSchema(BlindTaskSchema):
    """A task as the office sees it in addition; a scorer's answer leaves these out."""

    opened_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime(allow_none=True)
    scorer_id = fields.String(allow_none=True)
    nominated = fields.Boolean()
    late = fields.List(fields.String())


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


class TaskWithRubricSchema(OfficeTaskSchema):
    """A task with the rubric version that it is read with, and the caller's own read once there is one."""

    rubric = fields.Nested(RubricViewSchema, required=True)
    levels = fields.List(fields.Nested(GivenLevelSchema), required=True)


class ClaimedSchema(Schema):
    """What there is to read; null if nothing waits that the caller may read."""

    task = fields.Nested(TaskWithRubricSchema, required=True, allow_none=True)


def blind(task: Task, scorer_id: str) -> dict[str, Any]:
    """Return what a scorer may see of a task that they have open or have read."""
    seen = task.submission
    own = [each for each in task.reads if each.scorer_id == scorer_id]
    lease = task.lease if task.lease and task.lease.scorer_id == scorer_id else None
    return {
        "task_id": task.task_id,
        "artifact_id": seen.artifact_id,
        "content_url": f"/v1/artifacts/{seen.artifact_id}/content",
        "skill_id": seen.skill_id,
        "grade": seen.grade,
        "title": seen.title,
        "reflection": seen.reflection,
        "media_type": seen.media_type,
        "state": READ if own else OPEN,
        "rubric_id": task.rubric_id,
        "rubric_version": task.rubric_version,
        "leased_at": own[-1].leased_at if own else lease and lease.leased_at,
        "expires_at": lease and lease.expires_at,
    }


def for_office(task: Task) -> dict[str, Any]:
    """Return what the office may see of a task: where it is, and not whose."""
    lease = task.lease
    return {
        **blind(task, lease.scorer_id if lease else ""),
        "state": str(task.state),
        "opened_at": task.opened_at,
        "due_at": task.due_at,
        "scorer_id": lease.scorer_id if lease else None,
        "nominated": task.nominated,
        "late": [str(each) for each in task.steps],
    }


def with_rubric(task: Task, rubric: Rubric, scorer_id: str | None) -> dict[str, Any]:
    """Return a task with its rubric and the levels that the scorer gave, or no levels for the office."""
    shown = for_office(task) if scorer_id is None else blind(task, scorer_id)
    own = [each for each in task.reads if each.scorer_id == scorer_id]
    return {**shown, "rubric": rubric, "levels": own[-1].levels if own else ()}


def given_read(task: Task, scorer_id: str) -> dict[str, Any]:
    """Return the scorer's own read."""
    read = next(each for each in reversed(task.reads) if each.scorer_id == scorer_id)
    return {**blind(task, scorer_id), "levels": read.levels, "given_at": read.given_at}
