"""Scores, reviews and histories as they go over HTTP."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from chassis.http import PageQuerySchema
from scoring.domain.tasks import Task

_ID = validate.Length(1, 200)
_CONFIDENTIAL = frozenset({"safeguarding", "given_back"})


class ScoresQuerySchema(PageQuerySchema):
    """Whose scores."""

    student_id = fields.String(required=True, validate=_ID)


class CriterionScoreViewSchema(Schema):
    """The outcome on one criterion."""

    criterion_id = fields.String(required=True)
    level = fields.Float(required=True)
    feedback = fields.String(required=True)


class ReviewViewSchema(Schema):
    """A review of a score; `decision` says in words what came of it."""

    requested_at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)
    decided_at = fields.AwareDateTime(required=True, allow_none=True)
    replaced = fields.Boolean(required=True)
    decision = fields.String(required=True, allow_none=True)


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
    released_at = fields.AwareDateTime(required=True)
    readers = fields.Integer(required=True)
    nominated = fields.Boolean(required=True)
    review = fields.Nested(ReviewViewSchema, required=True, allow_none=True)


class ReviewRequestSchema(Schema):
    """Which score should be looked at again, and why."""

    artifact_id = fields.String(required=True, validate=_ID)
    reason = fields.String(required=True, validate=validate.Length(1, 2_000))


class NominationSchema(Schema):
    """An artifact by which a student wants to be judged."""

    artifact_id = fields.String(required=True, validate=_ID)


class EntrySchema(Schema):
    """One thing that happened; who did it is for the office."""

    at = fields.AwareDateTime(required=True)
    by = fields.String()
    what = fields.String(required=True)
    why = fields.String(required=True)
    state = fields.String(required=True)


class PastReadSchema(Schema):
    """One read of the task; a void one does not count."""

    stage = fields.String(required=True)
    scorer_id = fields.String()
    levels = fields.List(fields.Nested(CriterionScoreViewSchema), required=True)
    given_at = fields.AwareDateTime(required=True)
    void = fields.String(required=True, allow_none=True)


class TaskHistorySchema(Schema):
    """Everything that happened to a task, oldest first."""

    task_id = fields.String(required=True)
    artifact_id = fields.String(required=True)
    state = fields.String(required=True)
    second_because = fields.List(fields.String(), required=True)
    reads = fields.List(fields.Nested(PastReadSchema), required=True)
    entries = fields.List(fields.Nested(EntrySchema), required=True)


def scored(task: Task) -> dict[str, Any]:
    """Return the score that is out."""
    outcome, about = task.score, task.submission
    assert outcome is not None  # only tasks with a released score are asked for
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
        "released_at": outcome.released_at,
        "readers": outcome.readers,
        "nominated": task.nominated,
        "review": task.review,
    }


def history(task: Task, *, names: bool) -> dict[str, Any]:
    """Return a task's history; without `names` nobody can tell who read it."""
    entries = [
        {
            "at": each.at,
            "what": each.what,
            # What a scorer wrote to the office is not for the family.
            "why": each.why if names or each.what not in _CONFIDENTIAL else "",
            "state": str(each.state),
            **({"by": each.by} if names else {}),
        }
        for each in task.history
    ]
    reads = [
        {
            "stage": str(each.stage),
            "levels": each.levels,
            "given_at": each.given_at,
            "void": each.void,
            **({"scorer_id": each.scorer_id} if names else {}),
        }
        for each in task.reads
    ]
    return {
        "task_id": task.task_id,
        "artifact_id": task.submission.artifact_id,
        "state": str(task.state),
        "second_because": task.second_because,
        "reads": reads,
        "entries": entries,
    }
