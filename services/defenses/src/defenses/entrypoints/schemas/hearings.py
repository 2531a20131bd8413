"""Hearings and their records, on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, post_load, validate

from chassis.http import PageQuerySchema
from defenses.domain.hearings.hearing import ADJOURNMENTS, FORMS, STATES
from defenses.domain.hearings.sheets import Mark

_ID = validate.Length(1, 200)
_REASON = validate.Length(1, 1000)
_SOME = validate.Length(min=1, max=50)


class MarkSchema(Schema):
    """The level for one indicator, and the evidence seen for it."""

    indicator_id = fields.String(required=True, validate=_ID)
    level = fields.Integer(required=True, strict=True)
    note = fields.String(load_default="", validate=validate.Length(max=4000))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Mark:
        """Build the mark."""
        return Mark(**values)


class OpeningBodySchema(Schema):
    """Which scheduled defense is heard, and in which form."""

    defense_id = fields.String(required=True, validate=_ID)
    form = fields.String(load_default=FORMS[0], validate=validate.OneOf(FORMS))


class PanelSeatSchema(Schema):
    """One seat of a panel."""

    panelist_id = fields.String(required=True, validate=_ID)
    role = fields.String(required=True, validate=validate.Length(1, 50))


class RedefenseBodySchema(Schema):
    """Before whom a redefense is heard, and in which form."""

    panel = fields.List(fields.Nested(PanelSeatSchema), required=True, validate=_SOME)
    form = fields.String(load_default=FORMS[0], validate=validate.OneOf(FORMS))


class SheetBodySchema(Schema):
    """All marks of the calling panelist in one round."""

    round = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    marks = fields.List(fields.Nested(MarkSchema), required=True, validate=_SOME)


class AbsenceBodySchema(Schema):
    """Without whom the panel goes on, and why."""

    panelist_ids = fields.List(fields.String(validate=_ID), required=True, validate=_SOME)
    reason = fields.String(required=True, validate=_REASON)


class AdjournmentBodySchema(Schema):
    """Why a hearing ends without an outcome: a stable word and a sentence."""

    cause = fields.String(required=True, validate=validate.OneOf(ADJOURNMENTS))
    reason = fields.String(required=True, validate=_REASON)


class VersionBodySchema(Schema):
    """Which version of the record is meant."""

    version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))


class AnnulmentBodySchema(VersionBodySchema):
    """Why the record does not count."""

    reason = fields.String(required=True, validate=_REASON)


class CorrectedSheetSchema(Schema):
    """All marks of one panelist as they should have been."""

    panelist_id = fields.String(required=True, validate=_ID)
    marks = fields.List(fields.Nested(MarkSchema), required=True, validate=_SOME)


class CorrectionBodySchema(AnnulmentBodySchema):
    """What supersedes a version of the record, and why."""

    sheets = fields.List(fields.Nested(CorrectedSheetSchema), required=True, validate=_SOME)


class HearingsQuerySchema(PageQuerySchema):
    """Which hearings; a panelist gets their own."""

    school_id = fields.String(load_default=None, validate=_ID)
    student_id = fields.String(load_default=None, validate=_ID)
    state = fields.String(load_default=None, validate=validate.OneOf(STATES))


class HearingSeatSchema(PanelSeatSchema):
    """One seat; `absent_from` is the first round that the panelist does not judge, `absence` says why."""

    absent_from = fields.Integer(required=True, allow_none=True)
    absence = fields.String(required=True)


class SheetSchema(Schema):
    """One panelist's marks in one round; none while the caller may not see them."""

    panelist_id = fields.String(required=True)
    round = fields.Integer(required=True)
    marks = fields.List(fields.Nested(MarkSchema), required=True)
    submitted_at = fields.AwareDateTime(required=True)


class MedianSchema(Schema):
    """The level of one indicator; a median of an even number may be a half."""

    indicator_id = fields.Function(lambda level: level[0])
    level = fields.Function(lambda level: level[1])


class RoundSchema(Schema):
    """What one round's sheets said together; `apart` led to a discussion, in round 1."""

    number = fields.Integer(required=True)
    counted = fields.List(fields.String(), required=True)
    medians = fields.List(fields.Nested(MedianSchema), required=True)
    apart = fields.List(fields.String(), required=True)
    closed_at = fields.AwareDateTime(required=True)


class DueSchema(Schema):
    """What is due after a NOT_YET."""

    indicators = fields.List(fields.String(), required=True)
    plan_due_on = fields.Date(required=True)
    defend_by = fields.Date(required=True)


class OutcomeRecordSchema(Schema):
    """One version of what a hearing led to; a later one supersedes it.

    `explanation` is a tree of clauses {id, met, observed, required, artifact_ids, clauses}. Its root is
    `outcome`; below it is one clause an indicator, under the indicator's id, made of `cut` and `floor`, and
    `compensation` where the rule allows it.
    """

    version = fields.Integer(required=True)
    status = fields.String(required=True, attribute="outcome.status")
    levels = fields.List(fields.Nested(MedianSchema), required=True, attribute="outcome.levels")
    unmet = fields.List(fields.String(), required=True, attribute="outcome.unmet")
    rule_version = fields.String(required=True, attribute="outcome.rule_version")
    explanation = fields.Function(lambda record: record.outcome.explanation.to_tree())
    input_hash = fields.String(required=True, attribute="outcome.input_hash")
    decided_at = fields.AwareDateTime(required=True)
    redefense = fields.Nested(DueSchema, required=True, allow_none=True)
    corrected = fields.List(fields.Nested(SheetSchema), required=True)
    by = fields.String(required=True)
    reason = fields.String(required=True)


class EndingSchema(Schema):
    """How a hearing ended without an outcome that counts."""

    cause = fields.String(required=True)
    reason = fields.String(required=True)
    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)


class HearingSchema(Schema):
    """One sitting, as the caller may see it: of an open round, no marks but their own."""

    hearing_id = fields.String(required=True)
    defense_id = fields.String(required=True, allow_none=True)
    student_id = fields.String(required=True)
    school_id = fields.String(required=True)
    transition = fields.String(required=True, attribute="matter.transition")
    school_year = fields.String(required=True, attribute="matter.school_year")
    attempt = fields.Integer(required=True, attribute="matter.attempt")
    follows = fields.String(required=True, allow_none=True)
    sitting = fields.Integer(required=True)
    form = fields.String(required=True)
    state = fields.String(required=True)
    round = fields.Integer(required=True)
    indicators = fields.List(fields.String(), required=True, attribute="matter.indicators")
    panel = fields.List(fields.Nested(HearingSeatSchema), required=True, attribute="seats")
    submitted = fields.List(fields.String(), required=True, attribute="submitted_ids")
    sheets = fields.List(fields.Nested(SheetSchema), required=True)
    rounds = fields.List(fields.Nested(RoundSchema), required=True)
    records = fields.List(fields.Nested(OutcomeRecordSchema), required=True)
    released = fields.Integer(required=True)
    ending = fields.Nested(EndingSchema, required=True, allow_none=True)
    opened_at = fields.AwareDateTime(required=True)
