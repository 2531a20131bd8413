"""The rules of the workflow and its deadlines, as a district writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates, validates_schema

from chassis.policy import VersionSchema
from contracts.artifacts import GRADES
from scoring.domain.tasks import (
    AgreementRule,
    Calendar,
    Deadlines,
    LeaseRule,
    ReviewRule,
    SecondReadRule,
    Stage,
    Step,
    Window,
    Workflow,
)

_SHARE = validate.Range(0, 1)
_COUNT = validate.Range(min=1)
_POSITIVE = validate.Range(min=0, min_inclusive=False)
_NOT_NEGATIVE = validate.Range(min=0)
_CODE = validate.Regexp(r"^[a-z0-9_]{1,50}$")
_GRADE_LIST = partial(fields.List, fields.String(validate=validate.OneOf(GRADES)), required=True)


class LeaseSchema(Schema):
    """See LeaseRule."""

    hours = fields.Float(required=True, validate=_POSITIVE)
    warn_after_hours = fields.Float(required=True, validate=_POSITIVE)
    most_open = fields.Integer(required=True, validate=_COUNT)
    expiries = fields.Integer(required=True, validate=_COUNT)
    window_days = fields.Float(required=True, validate=_POSITIVE)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> LeaseRule:
        """Build it."""
        if values["warn_after_hours"] >= values["hours"]:
            raise ValidationError("is not before the end", "warn_after_hours")
        return LeaseRule(
            length=timedelta(hours=values["hours"]),
            warn_after=timedelta(hours=values["warn_after_hours"]),
            most_open=values["most_open"],
            expiries=values["expiries"],
            window=timedelta(days=values["window_days"]),
        )


class SecondReadSchema(Schema):
    """See SecondReadRule."""

    share = fields.Float(required=True, validate=_SHARE)
    new_scorer_share = fields.Float(required=True, validate=_SHARE)
    new_scorer_reads = fields.Integer(required=True, validate=_NOT_NEGATIVE)
    new_rubric_share = fields.Float(required=True, validate=_SHARE)
    new_rubric_days = fields.Float(required=True, validate=_NOT_NEGATIVE)
    near_cut = fields.Float(required=True, validate=_NOT_NEGATIVE)
    transition_grades = _GRADE_LIST()
    extremes = fields.List(fields.Integer(), required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> SecondReadRule:
        """Build it."""
        return SecondReadRule(
            share=values["share"],
            new_scorer_share=values["new_scorer_share"],
            new_scorer_reads=values["new_scorer_reads"],
            new_rubric_share=values["new_rubric_share"],
            new_rubric=timedelta(days=values["new_rubric_days"]),
            near_cut=values["near_cut"],
            transition_grades=frozenset(values["transition_grades"]),
            extremes=frozenset(values["extremes"]),
        )


class AgreementSchema(Schema):
    """See AgreementRule."""

    adjacent = fields.Integer(required=True, validate=_NOT_NEGATIVE)
    cut = fields.Float(required=True)
    same_side = fields.String(required=True, validate=validate.OneOf(["all", "nominated", "none"]))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> AgreementRule:
        """Build it."""
        return AgreementRule(**values)


class ReviewSchema(Schema):
    """See ReviewRule."""

    within_school_days = fields.Float(required=True, validate=_POSITIVE)
    readers = fields.Integer(required=True, validate=_COUNT)
    outside = fields.Float(required=True, validate=_POSITIVE)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> ReviewRule:
        """Build it."""
        return ReviewRule(
            within_days=values["within_school_days"],
            readers=values["readers"],
            outside=values["outside"],
        )


class WorkflowSchema(VersionSchema):
    """One version of the workflow, without its deadlines; see Workflow."""

    media_types = fields.List(
        fields.String(validate=validate.Length(1, 200)), required=True, validate=validate.Length(min=1)
    )
    lease = fields.Nested(LeaseSchema, required=True)
    second_read = fields.Nested(SecondReadSchema, required=True)
    agreement = fields.Nested(AgreementSchema, required=True)
    adjudication_within = fields.Integer(required=True, validate=_NOT_NEGATIVE)
    release_time = fields.Time(required=True, allow_none=True, format="%H:%M")
    review = fields.Nested(ReviewSchema, required=True)
    unscorable_codes = fields.List(fields.String(validate=_CODE), required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> partial[Workflow]:
        """Return the workflow, which lacks its deadlines."""
        return partial(
            Workflow,
            version=values["version"],
            media_types=tuple(values["media_types"]),
            lease=values["lease"],
            second=values["second_read"],
            agreement=values["agreement"],
            adjudication_within=values["adjudication_within"],
            release_time=values["release_time"],
            review=values["review"],
            unscorable_codes=frozenset(values["unscorable_codes"]),
        )


class DaysSchema(Schema):
    """A first and a last day."""

    first = fields.Date(required=True)
    last = fields.Date(required=True)

    @validates_schema
    def check_order(self, values: Mapping[str, date], **_: Any) -> None:
        """The last is not before the first."""
        if values["last"] < values["first"]:
            raise ValidationError("is before the first", "last")


class WindowSchema(DaysSchema):
    """See Window."""

    grades = _GRADE_LIST()

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Window:
        """Build it."""
        return Window(**{**values, "grades": frozenset(values["grades"])})


class DeadlinesSchema(VersionSchema):
    """One version of the deadlines; see Deadlines."""

    time_zone = fields.String(required=True)
    weekdays = fields.List(
        fields.Integer(validate=validate.Range(0, 6)), required=True, validate=validate.Length(min=1)
    )
    closed = fields.List(fields.Nested(DaysSchema), required=True)
    days = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(Stage))),
        values=fields.Float(validate=_POSITIVE),
        required=True,
        validate=validate.Length(equal=len(Stage)),
    )
    window_days = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(Stage))),
        values=fields.Float(validate=_POSITIVE),
        required=True,
    )
    windows = fields.List(fields.Nested(WindowSchema), required=True)
    steps = fields.Dict(
        keys=fields.String(validate=validate.OneOf(list(Step))),
        values=fields.Float(validate=_POSITIVE),
        required=True,
        validate=validate.Length(equal=len(Step)),
    )

    @validates("time_zone")
    def check_zone(self, value: str, **_: Any) -> None:
        """The time zone is known."""
        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            raise ValidationError("is no IANA time zone") from error

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Deadlines:
        """Build them."""
        steps = [values["steps"][each] for each in Step]
        if steps != sorted(steps):
            raise ValidationError("do not follow one another", "steps")
        closed = frozenset(
            each["first"] + timedelta(days=number)
            for each in values["closed"]
            for number in range((each["last"] - each["first"]).days + 1)
        )
        return Deadlines(
            version=values["version"],
            calendar=Calendar(
                time_zone=values["time_zone"],
                weekdays=frozenset(values["weekdays"]),
                closed=closed,
            ),
            days={Stage(name): days for name, days in values["days"].items()},
            window_days={Stage(name): days for name, days in values["window_days"].items()},
            windows=tuple(values["windows"]),
            steps={Step(name): share for name, share in values["steps"].items()},
        )
