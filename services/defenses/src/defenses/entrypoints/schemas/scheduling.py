"""Runs and defenses, on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.http import PageQuerySchema

_ID = validate.Length(1, 200)


class RunBodySchema(Schema):
    """For which school a run is wanted, and whether families hear of its defenses at once."""

    school_id = fields.String(required=True, validate=_ID)
    publish = fields.Boolean(load_default=True)


class UnplacedSchema(Schema):
    """A ready student without a place: a stable word and a sentence."""

    student_id = fields.String(required=True)
    reason = fields.String(required=True)
    detail = fields.String(required=True)


class RunSchema(Schema):
    """A run and how far it is; `placed` and `unplaced` are known once it is applying."""

    run_id = fields.String(required=True)
    school_id = fields.String(required=True)
    state = fields.String(required=True)
    requested_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    failure = fields.String(required=True)
    publish = fields.Boolean(required=True)
    published_at = fields.AwareDateTime(required=True, allow_none=True)
    placed = fields.Function(lambda run: len(run.plan.placements) if run.plan else 0)
    unplaced = fields.List(fields.Nested(UnplacedSchema), attribute="plan.unplaced", dump_default=list)
    cost = fields.Integer(attribute="plan.cost", dump_default=None, allow_none=True)
    lower_bound = fields.Float(attribute="plan.lower_bound", dump_default=None, allow_none=True)
    seconds = fields.Float(attribute="plan.seconds", dump_default=None, allow_none=True)


class DefensesQuerySchema(PageQuerySchema):
    """Which defenses."""

    school_id = fields.String(load_default=None, validate=_ID)
    student_id = fields.String(load_default=None, validate=_ID)


class SeatSchema(Schema):
    """One seat of a panel."""

    panelist_id = fields.String(required=True)
    role = fields.String(required=True)


class DefenseSchema(Schema):
    """A defense; times are UTC, and `time_zone` says in which zone the school's clocks show them.

    `attempt` is 1 for the defense and above that for redefenses. `revision` rises with what a family must
    hear of, `edition` with every change; whoever changes the defense says which edition they have seen.
    """

    defense_id = fields.String(required=True)
    student_id = fields.String(required=True)
    school_id = fields.String(required=True)
    transition = fields.String(required=True)
    school_year = fields.String(required=True)
    attempt = fields.Integer(required=True)
    starts_at = fields.AwareDateTime(required=True)
    ends_at = fields.AwareDateTime(required=True)
    time_zone = fields.String(required=True)
    room_id = fields.String(required=True)
    room = fields.String(required=True)
    panel = fields.List(fields.Nested(SeatSchema), required=True)
    revision = fields.Integer(required=True)
    edition = fields.Integer(required=True)
    locked = fields.Boolean(required=True)
    accepted_at = fields.AwareDateTime(required=True, allow_none=True)
    state = fields.String(required=True)
