"""What the office does to tasks and scorers, as it goes over HTTP."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from scoring.domain.tasks import State

_ID = validate.Length(1, 200)
_MOST = 500


class MoveSchema(Schema):
    """Where a task is to go, and why."""

    to = fields.String(
        required=True,
        validate=validate.OneOf([str(State.WITHDRAWN), str(State.RETURNED), str(State.QUEUED)]),
    )
    reason = fields.String(required=True, validate=validate.Length(1, 2_000))


class ConflictsSchema(Schema):
    """Whose work a scorer must not read."""

    student_ids = fields.List(
        fields.String(validate=_ID), load_default=list, validate=validate.Length(max=_MOST)
    )
    school_ids = fields.List(
        fields.String(validate=_ID), load_default=list, validate=validate.Length(max=_MOST)
    )


class DeskSchema(Schema):
    """What is known of a scorer besides the roster."""

    scorer_id = fields.String(required=True)
    student_ids = fields.List(fields.String(), required=True, attribute="students")
    school_ids = fields.List(fields.String(), required=True, attribute="schools")
    suspended_at = fields.AwareDateTime(required=True, allow_none=True)
