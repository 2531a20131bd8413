"""Outcomes, redefenses, central scores and calibrations, on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from chassis.http import PageQuerySchema
from defenses.domain.hearings.outcomes import NOT_YET, READY
from defenses.domain.hearings.records import counted_sheets
from defenses.domain.hearings.redefenses import PlanStep
from defenses.entrypoints.schemas.hearings import DueSchema, MarkSchema, MedianSchema, VersionBodySchema
from defenses.use_cases.hearings.reading import Reading

_ID = validate.Length(1, 200)


class MarksBodySchema(Schema):
    """All marks of a central scorer."""

    marks = fields.List(fields.Nested(MarkSchema), required=True, validate=validate.Length(1, 50))


class OutcomesQuerySchema(PageQuerySchema):
    """Which outcomes."""

    school_id = fields.String(load_default=None, validate=_ID)
    student_id = fields.String(load_default=None, validate=_ID)
    status = fields.String(load_default=None, validate=validate.OneOf((READY, NOT_YET)))


class SchoolQuerySchema(PageQuerySchema):
    """Of which school."""

    school_id = fields.String(load_default=None, validate=_ID)


class PlanStepSchema(Schema):
    """What a student does about one unmet indicator, and who helps."""

    indicator_id = fields.String(required=True, validate=_ID)
    step = fields.String(required=True, validate=validate.Length(1, 4000))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> PlanStep:
        """Build the step."""
        return PlanStep(**values)


class PlanBodySchema(VersionBodySchema):
    """What is done about the unmet indicators of a version of the record."""

    steps = fields.List(fields.Nested(PlanStepSchema), required=True, validate=validate.Length(1, 50))


class PlanSchema(Schema):
    """One version of a plan; a later one supersedes it."""

    version = fields.Integer(required=True)
    record_version = fields.Integer(required=True, attribute="record")
    steps = fields.List(fields.Nested(PlanStepSchema), required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class PlansSchema(Schema):
    """Every version of a hearing's plan, oldest first."""

    hearing_id = fields.String(required=True)
    plans = fields.List(fields.Nested(PlanSchema), required=True)


def _feedback(reading: Reading) -> list[dict[str, Any]]:
    """Return the notes an indicator, in an order that does not tell whose they are."""
    sheets = counted_sheets(reading.hearing, reading.record)
    return [
        {
            "indicator_id": indicator,
            "notes": sorted(
                mark.note
                for sheet in sheets
                for mark in sheet.marks
                if mark.indicator_id == indicator and mark.note
            ),
        }
        for indicator in reading.hearing.matter.indicators
    ]


class OutcomeSchema(Schema):
    """What a hearing led to, as the caller may read it; `feedback` is what the panel noted, unsigned."""

    hearing_id = fields.String(required=True, attribute="hearing.hearing_id")
    student_id = fields.String(required=True, attribute="hearing.student_id")
    school_id = fields.String(required=True, attribute="hearing.school_id")
    transition = fields.String(required=True, attribute="hearing.matter.transition")
    school_year = fields.String(required=True, attribute="hearing.matter.school_year")
    attempt = fields.Integer(required=True, attribute="hearing.matter.attempt")
    version = fields.Integer(required=True, attribute="record.version")
    status = fields.String(required=True, attribute="record.outcome.status")
    levels = fields.List(fields.Nested(MedianSchema), required=True, attribute="record.outcome.levels")
    unmet = fields.List(fields.String(), required=True, attribute="record.outcome.unmet")
    rule_version = fields.String(required=True, attribute="record.outcome.rule_version")
    explanation = fields.Function(lambda reading: reading.record.outcome.explanation.to_tree())
    feedback = fields.Function(_feedback)
    redefense = fields.Nested(DueSchema, required=True, allow_none=True, attribute="record.redefense")
    plan = fields.Nested(PlanSchema, required=True, allow_none=True)
    decided_at = fields.AwareDateTime(required=True, attribute="record.decided_at")


class RedefenseSchema(Schema):
    """A redefense that an outcome asks for; `answer` is the hearing that answers it, in `answer_state`."""

    hearing_id = fields.String(required=True, attribute="asking.hearing_id")
    student_id = fields.String(required=True, attribute="asking.student_id")
    school_id = fields.String(required=True, attribute="asking.school_id")
    transition = fields.String(required=True, attribute="asking.matter.transition")
    school_year = fields.String(required=True, attribute="asking.matter.school_year")
    indicators = fields.List(fields.String(), required=True, attribute="asking.record.redefense.indicators")
    plan_due_on = fields.Date(required=True, attribute="asking.record.redefense.plan_due_on")
    defend_by = fields.Date(required=True, attribute="asking.record.redefense.defend_by")
    excluded_panelist_ids = fields.List(
        fields.String(), required=True, attribute="asking.record.redefense.excluded"
    )
    planned = fields.Function(lambda due: bool(due.asking.plans))
    answer = fields.String(attribute="answer.hearing_id", dump_default=None, allow_none=True)
    answer_state = fields.String(attribute="answer.state", dump_default=None, allow_none=True)


class RescoringSchema(Schema):
    """A hearing that is to be scored again, without whose it is and what the panel found."""

    hearing_id = fields.String(required=True)
    transition = fields.String(required=True, attribute="matter.transition")
    form = fields.String(required=True)
    indicators = fields.List(fields.String(), required=True, attribute="matter.indicators")


class DifferenceSchema(Schema):
    """The central level less the panel's."""

    indicator_id = fields.String(required=True)
    levels = fields.Float(required=True)


class ComparisonSchema(Schema):
    """What a central scorer found beside what the panel found; the outcome stays as it is."""

    hearing_id = fields.String(required=True)
    school_id = fields.String(required=True)
    panel = fields.List(fields.String(), required=True, attribute="panelist_ids")
    why = fields.String(required=True, attribute="central.why")
    record_version = fields.Integer(required=True, attribute="central.comparison.record")
    differences = fields.List(
        fields.Nested(DifferenceSchema), required=True, attribute="central.comparison.differences"
    )
    status = fields.String(required=True, attribute="central.comparison.status")
    same_status = fields.Boolean(required=True, attribute="central.comparison.same_status")
    scored_by = fields.String(required=True, attribute="central.comparison.scored_by")
    scored_at = fields.AwareDateTime(required=True, attribute="central.comparison.scored_at")


class CalibrationBodySchema(Schema):
    """Until when a panelist may take a seat (null: not at all), and what that rests on."""

    valid_until = fields.Date(required=True, allow_none=True)
    basis = fields.String(required=True, validate=validate.Length(1, 500))


class CalibrationSchema(CalibrationBodySchema):
    """One panelist's calibration."""

    panelist_id = fields.String(required=True)
    recorded_by = fields.String(required=True)
    recorded_at = fields.AwareDateTime(required=True)
