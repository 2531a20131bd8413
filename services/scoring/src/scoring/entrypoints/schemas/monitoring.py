"""Reports of quality and equity, as they go over HTTP."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from marshmallow import Schema, fields, validate

from chassis.http import PageQuerySchema
from chassis.mongo import Page
from scoring.domain.fairness.rows import EquityRow
from scoring.domain.monitoring.nights import Nights, Report
from scoring.domain.monitoring.rows import Kind, Measure, QualityRow

_ID = validate.Length(1, 200)
#: What would tell a scorer how many of their reads were of papers with known levels, or of which students.
_NOT_FOR_SCORERS = frozenset({Measure.DRIFT, Measure.DSM})


class FigureSchema(Schema):
    """A number from so many observations, or why there is none and how many it takes."""

    value = fields.Float(required=True, allow_none=True)
    count = fields.Integer(required=True)
    low = fields.Float(required=True, allow_none=True)
    high = fields.Float(required=True, allow_none=True)
    standard_error = fields.Float(required=True, allow_none=True)
    chance = fields.Float(required=True, allow_none=True)
    group = fields.String(required=True, allow_none=True)
    shortage = fields.String(required=True, allow_none=True)
    need = fields.Integer(required=True, allow_none=True)


class DisparitySchema(Schema):
    """How unequal groups or schools are in a skill."""

    grouping_id = fields.String(required=True)
    skill_id = fields.String(required=True)
    index = fields.Nested(FigureSchema, required=True)
    gini = fields.Nested(FigureSchema, required=True)


class FailureSchema(Schema):
    """A run that did not end well."""

    night = fields.Date(required=True)
    at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)


class ReportSchema(Schema):
    """The last good report in short."""

    report_id = fields.String(required=True)
    night = fields.Date(required=True)
    made_at = fields.AwareDateTime(required=True)
    seconds = fields.Float(required=True)
    policy_version = fields.String(required=True)
    equity_version = fields.String(required=True)
    reads = fields.Integer(required=True)
    left_out = fields.Integer(required=True)
    flags = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    separation = fields.Dict(keys=fields.String(), values=fields.Float(), required=True, allow_none=True)
    subsets = fields.Integer(required=True)


class QualityQuerySchema(PageQuerySchema):
    """Which rows; scorers get their own, whatever they ask for."""

    kind = fields.Enum(Kind, by_value=True, load_default=Kind.SCORER)
    subject = fields.String(load_default=None, validate=_ID)
    flagged = fields.Boolean(load_default=None)


class QualityRowSchema(Schema):
    """What a night found about one subject."""

    kind = fields.String(required=True)
    subject = fields.String(required=True)
    reads = fields.Integer(required=True)
    pairs = fields.Integer(required=True)
    figures = fields.Dict(keys=fields.String(), values=fields.Nested(FigureSchema), required=True)
    flags = fields.List(fields.String(), required=True)


class QualityPageSchema(Schema):
    """A part of a report; without one there are no items."""

    report = fields.Nested(ReportSchema, required=True, allow_none=True)
    failure = fields.Nested(FailureSchema, required=True, allow_none=True)
    items = fields.List(fields.Nested(QualityRowSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class EquityQuerySchema(PageQuerySchema):
    """Which cells; `all` names totals."""

    skill_id = fields.String(load_default=None, validate=_ID)
    grouping_id = fields.String(load_default=None, validate=_ID)
    school_id = fields.String(load_default=None, validate=_ID)
    view = fields.String(load_default="published", validate=validate.OneOf(["published", "internal"]))


class ShareSchema(Schema):
    """A share; between both ends if it is near 0 or 1."""

    low = fields.Float(required=True)
    high = fields.Float(required=True)


class PartsSchema(Schema):
    """A gap in levels per artifact due, and what it is made of."""

    total = fields.Float(required=True)
    participation = fields.Float(required=True)
    task_ceiling = fields.Float(required=True)
    scorer_severity = fields.Float(required=True)
    performance = fields.Float(required=True)


class PublishedSchema(Schema):
    """What may be published of a cell; null is hidden."""

    students = fields.Integer(required=True, allow_none=True)
    with_artifact = fields.Nested(ShareSchema, required=True, allow_none=True)
    levels = fields.Dict(
        keys=fields.String(), values=fields.Nested(ShareSchema), required=True, allow_none=True
    )
    ceiling = fields.Float(required=True, allow_none=True)
    turnaround_days = fields.Float(required=True, allow_none=True)
    gap = fields.Nested(PartsSchema, required=True, allow_none=True)
    risk_ratio = fields.Nested(FigureSchema, required=True, allow_none=True)
    hedges_g = fields.Nested(FigureSchema, required=True, allow_none=True)


class InternalSchema(Schema):
    """The counts of a cell, small ones too."""

    students = fields.Integer(required=True)
    with_artifact = fields.Integer(required=True)
    artifacts = fields.Integer(required=True)
    levels = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class EquityRowSchema(Schema):
    """One school, group of students and skill."""

    grouping_id = fields.String(required=True)
    skill_id = fields.String(required=True)
    school_id = fields.String(required=True)
    group_id = fields.String(required=True)
    published = fields.Nested(PublishedSchema, required=True)
    internal = fields.Nested(InternalSchema, required=True, allow_none=True)


class EquityPageSchema(Schema):
    """A part of a report; without one there are no items."""

    report = fields.Nested(ReportSchema, required=True, allow_none=True)
    disparities = fields.List(fields.Nested(DisparitySchema), required=True)
    items = fields.List(fields.Nested(EquityRowSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class ReportRequestSchema(Schema):
    """A report was asked for."""

    asked_at = fields.AwareDateTime(required=True, allow_none=True)


def quality_page(nights: Nights | None, found: Page[QualityRow], *, for_office: bool) -> dict[str, Any]:
    """Return rows with the report that they are of."""
    report, failure = (nights.report, nights.failure) if nights and for_office else (None, None)
    return {
        "report": report,
        "failure": failure,
        "items": [_quality_row(row, for_office=for_office) for row in found.items],
        "next_cursor": found.next_cursor,
    }


def equity_page(report: Report | None, found: Page[EquityRow], *, internal: bool) -> dict[str, Any]:
    """Return cells with the report that they are of."""
    return {
        "report": report,
        "disparities": report.disparities if report else (),
        "items": [
            {
                "grouping_id": row.grouping_id,
                "skill_id": row.skill_id,
                "school_id": row.school_id,
                "group_id": row.group_id,
                "published": row.published,
                "internal": row.internal if internal else None,
            }
            for row in found.items
        ],
        "next_cursor": found.next_cursor,
    }


def _quality_row(row: QualityRow, *, for_office: bool) -> dict[str, Any]:
    return {
        "kind": str(row.kind),
        "subject": row.subject,
        "reads": row.reads,
        "pairs": row.pairs,
        "figures": {name: row.figures[name] for name in _shown(row.figures, for_office=for_office)},
        "flags": [str(each) for each in _shown(row.flags, for_office=for_office)],
    }


def _shown(names: Iterable[Measure], *, for_office: bool) -> list[Measure]:
    return [each for each in names if for_office or each not in _NOT_FOR_SCORERS]
