"""The shapes of the work-list over HTTP."""

from typing import Any

from marshmallow import Schema, fields, validate

from chassis.http import PageQuerySchema
from notifications.domain.reach import Reach, ReachState, ToldHow

_ID = validate.Length(1, 200)


class UnreachedQuerySchema(PageQuerySchema):
    """Which families; without a state, those who are on the list now."""

    school = fields.String(load_default=None, validate=_ID)
    student = fields.String(load_default=None, validate=_ID)
    state = fields.Enum(ReachState, by_value=True, load_default=ReachState.UNREACHED)


class ObstacleSchema(Schema):
    """Why a guardian was not reached on a channel; without both where it is nobody's in particular."""

    guardian_id = fields.String(required=True, allow_none=True)
    channel = fields.String(required=True, allow_none=True)
    reason = fields.String(required=True)


class UnreachedSchema(Schema):
    """A family and a fact that it has not heard; what was tried is in the messages of the student."""

    fact_id = fields.String(required=True)
    revision = fields.Integer(required=True)
    student_id = fields.String(required=True)
    school_id = fields.String(required=True)
    state = fields.String(required=True)
    deadline = fields.AwareDateTime(required=True)
    obstacles = fields.List(fields.Nested(ObstacleSchema), required=True)
    listed_at = fields.AwareDateTime(required=True, allow_none=True)
    announced_at = fields.AwareDateTime(required=True, allow_none=True)
    closed_at = fields.AwareDateTime(required=True, allow_none=True)
    closed_by = fields.String(required=True, allow_none=True)
    told_how = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)


class ToldByHandSchema(Schema):
    """How a person has told a family."""

    how = fields.Enum(ToldHow, by_value=True, required=True)
    note = fields.String(load_default="", validate=validate.Length(max=500))


def shown_reach(reach: Reach) -> dict[str, Any]:
    """Return a family as callers see it."""
    return {
        "fact_id": reach.fact_id,
        "revision": reach.revision,
        "student_id": reach.student_id,
        "school_id": reach.school_id,
        "state": reach.state.value,
        "deadline": reach.deadline,
        "obstacles": [
            {
                "guardian_id": each.guardian_id,
                "channel": each.channel.value if each.channel else None,
                "reason": each.reason.value,
            }
            for each in reach.obstacles
        ],
        "listed_at": reach.listed_at,
        "announced_at": reach.announced_at,
        "closed_at": reach.closed_at,
        "closed_by": reach.closed_by or None,
        "told_how": reach.told_how.value if reach.told_how else None,
        "note": reach.note or None,
    }
