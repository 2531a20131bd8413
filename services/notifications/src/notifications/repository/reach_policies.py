"""What a district decides about reaching families, and how texts are shared out between routes."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from chassis.policy import VersionSchema
from notifications.domain.messages import State
from notifications.domain.reach import ReachRules
from notifications.domain.roster import Channel
from notifications.domain.routes import RouteRules

_SECONDS = validate.Range(min=0)
_WAIT = validate.Range(min=0, min_inclusive=False)
_CONFIRMING = validate.OneOf((State.SENT, State.DELIVERED))


class ConfirmedSchema(Schema):
    """By channel, what proves that a message arrived."""

    email = fields.Enum(State, by_value=True, required=True, validate=_CONFIRMING)
    sms = fields.Enum(State, by_value=True, required=True, validate=_CONFIRMING)

    @post_load
    def make(self, values: dict[str, State], **_: Any) -> dict[Channel, State]:
        """Return them by channel."""
        return {channel: values[channel.value] for channel in Channel}


class ReachSchema(VersionSchema):
    """policy/reach.json."""

    confirmed_by = fields.Nested(ConfirmedSchema, required=True)
    in_reserve = fields.List(fields.Enum(Channel, by_value=True), required=True)
    useful_s = fields.Float(required=True, validate=_SECONDS)
    receipt_patience_s = fields.Float(required=True, validate=_WAIT)
    listed_before_s = fields.Float(required=True, validate=_SECONDS)
    grace_s = fields.Float(required=True, validate=_SECONDS)
    first_look_s = fields.Float(required=True, validate=_WAIT)
    longest_look_s = fields.Float(required=True, validate=_WAIT)
    listed_look_s = fields.Float(required=True, validate=_WAIT)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> ReachRules:
        """Build the rules."""
        del values["version"], values["effective"]
        return ReachRules(**{**values, "in_reserve": frozenset(values["in_reserve"])})


class RoutesSchema(VersionSchema):
    """policy/routes.json; of all districts, because they share the routes."""

    resting = fields.Dict(
        keys=fields.String(), values=fields.Integer(validate=validate.Range(0, 100)), required=True
    )
    step = fields.Integer(required=True, validate=validate.Range(1, 100))
    most_errors = fields.Integer(required=True, validate=validate.Range(min=1))
    errors_within_s = fields.Float(required=True, validate=_WAIT)
    slow_after_s = fields.Float(required=True, validate=_WAIT)
    slow_share = fields.Float(required=True, validate=validate.Range(0, 1, min_inclusive=False))
    slow_within_s = fields.Float(required=True, validate=_WAIT)
    least_texts = fields.Integer(required=True, validate=validate.Range(min=1))
    pause_after_errors_s = fields.Float(required=True, validate=_SECONDS)
    pause_after_slowness_s = fields.Float(required=True, validate=_SECONDS)
    drift_after_s = fields.Float(required=True, validate=_SECONDS)
    drift_every_s = fields.Float(required=True, validate=_SECONDS)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> RouteRules:
        """Build the rules."""
        if {"first", "second"} - set(values["resting"]):
            raise ValidationError("must have the routes first and second", "resting")
        del values["version"], values["effective"]
        return RouteRules(**values)
