"""Runs and defenses, on the wire."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from chassis.http import PageQuerySchema
from defenses.domain.runs import DISCARD, KEEP

_ID = validate.Length(1, 200)
_MANY = validate.Length(max=1_000)


class RunBodySchema(Schema):
    """For which school a run is wanted, and whether families hear of its defenses at once."""

    school_id = fields.String(required=True, validate=_ID)
    publish = fields.Boolean(load_default=True)


class UnplacedSchema(Schema):
    """A ready student without a place: a stable word and a sentence."""

    student_id = fields.String(required=True)
    reason = fields.String(required=True)
    detail = fields.String(required=True)


class ProgressSchema(Schema):
    """How far a search is: students to place, those without a place in its best schedule, what it costs."""

    students = fields.Integer(required=True)
    unscheduled = fields.Integer(required=True)
    cost = fields.Integer(required=True)
    seconds = fields.Float(required=True)


class AreaRunSchema(Schema):
    """A run and how far it is; `placed` is known once it is applying."""

    run_id = fields.String(required=True)
    school_ids = fields.List(fields.String(), required=True)
    season_run_id = fields.String(required=True)
    state = fields.String(required=True)
    requested_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    failure = fields.String(required=True)
    publish = fields.Boolean(required=True)
    published_at = fields.AwareDateTime(required=True, allow_none=True)
    stop = fields.String(required=True)
    progress = fields.Nested(ProgressSchema, required=True, allow_none=True)
    placed = fields.Integer(required=True)
    cost = fields.Integer(attribute="plan.cost", dump_default=None, allow_none=True)
    lower_bound = fields.Float(attribute="plan.lower_bound", dump_default=None, allow_none=True)
    seconds = fields.Float(attribute="plan.seconds", dump_default=None, allow_none=True)


class RunSchema(AreaRunSchema):
    """A run with those whom it could not place; `school_id` is the first of its schools."""

    school_id = fields.Function(lambda run: run.school_ids[0])
    unplaced = fields.List(fields.Nested(UnplacedSchema), required=True)


class SeasonRunBodySchema(Schema):
    """For which schools runs are wanted, the whole district if none is named; and what families hear."""

    school_ids = fields.List(fields.String(validate=_ID), load_default=list, validate=_MANY)
    publish = fields.Boolean(load_default=True)


class SeasonRunSchema(Schema):
    """A request for many schools: a run for each area of schools that share panelists."""

    season_run_id = fields.String(required=True)
    state = fields.String(required=True)
    requested_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)
    ended = fields.Integer(required=True)
    placed = fields.Integer(required=True)
    unplaced = fields.Integer(required=True)
    runs = fields.List(fields.Nested(AreaRunSchema), required=True)


class StopBodySchema(Schema):
    """Whether the best schedule so far is applied (`keep`) or only shown (`discard`)."""

    stop = fields.String(required=True, validate=validate.OneOf((KEEP, DISCARD)))


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
    interpreter = fields.String(required=True, allow_none=True)
    state = fields.String(required=True)
