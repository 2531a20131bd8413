"""Who reads what, as a district writes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import fields, post_load, validate

from chassis.policy import VersionSchema
from scoring.domain.routing import RoutingRule

_TEXT = validate.Length(1, 200)


class RoutingSchema(VersionSchema):
    """One version of the rule of who reads; see RoutingRule."""

    roles = fields.List(fields.String(validate=_TEXT), required=True, validate=validate.Length(min=1))
    lead_roles = fields.List(fields.String(validate=_TEXT), required=True)
    lead_ids = fields.List(fields.String(validate=_TEXT), required=True)
    taught_within_days = fields.Integer(required=True, validate=validate.Range(min=0))
    reads_of_student = fields.Integer(required=True, validate=validate.Range(min=1))
    year_starts = fields.Date(format="%m-%d", required=True)

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> RoutingRule:
        """Build the rule."""
        starts = values["year_starts"]
        return RoutingRule(
            version=values["version"],
            roles=frozenset(values["roles"]),
            lead_roles=frozenset(values["lead_roles"]),
            lead_ids=frozenset(values["lead_ids"]),
            taught_within=timedelta(days=values["taught_within_days"]),
            reads_of_student=values["reads_of_student"],
            year_starts=(starts.month, starts.day),
        )
