"""The rules for changing what is planned, as a district writes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, post_load, validate

from chassis.policy import VersionSchema
from defenses.domain.repairing.placing import Disruption
from defenses.domain.repairing.policy import ChangePolicy, LatePolicy

_NOT_NEGATIVE = validate.Range(min=0)
_POSITIVE = validate.Range(min=0, min_inclusive=False)


class DisruptionSchema(Schema):
    """What changes cost the people; see Disruption."""

    time = fields.Integer(required=True, validate=_NOT_NEGATIVE)
    room = fields.Integer(required=True, validate=_NOT_NEGATIVE)
    day = fields.Integer(required=True, validate=_NOT_NEGATIVE)
    seat = fields.Integer(required=True, validate=_NOT_NEGATIVE)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> Disruption:
        """Build it."""
        return Disruption(**values)


class LatePolicySchema(Schema):
    """How often those who wait are looked at, and tried again; see LatePolicy."""

    every_minutes = fields.Float(required=True, validate=_POSITIVE)
    again_hours = fields.Float(required=True, validate=_POSITIVE)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> LatePolicy:
        """Build it."""
        return LatePolicy(
            every=timedelta(minutes=values["every_minutes"]), again=timedelta(hours=values["again_hours"])
        )


class ChangePolicySchema(VersionSchema):
    """One version of the rules for changes; see ChangePolicy."""

    frozen_hours = fields.Float(required=True, validate=_NOT_NEGATIVE)
    disruption = fields.Nested(DisruptionSchema, required=True)
    offers = fields.Integer(required=True, validate=validate.Range(0, 50))
    choose_before_hours = fields.Float(required=True, validate=_NOT_NEGATIVE)
    evening_from = fields.Time(format="%H:%M", required=True)
    late = fields.Nested(LatePolicySchema, load_default=None, allow_none=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> ChangePolicy:
        """Build the policy."""
        return ChangePolicy(
            version=values["version"],
            frozen=timedelta(hours=values["frozen_hours"]),
            disruption=values["disruption"],
            offers=values["offers"],
            choose_before=timedelta(hours=values["choose_before_hours"]),
            evening=values["evening_from"],
            late=values["late"],
        )
