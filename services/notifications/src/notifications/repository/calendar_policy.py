"""What a district decides about families' own calendars, as a policy file."""

from datetime import timedelta
from typing import Any

from marshmallow import fields, post_load, validate

from chassis.policy import VersionSchema
from notifications.domain.feeds import CalendarRules


class CalendarsSchema(VersionSchema):
    """policy/calendars.json."""

    link_in_emails = fields.Boolean(required=True)
    past_days = fields.Integer(required=True, strict=True, validate=validate.Range(0, 366))

    @post_load
    def make(self, values: dict[str, Any], **_: Any) -> CalendarRules:
        """Build the rules."""
        return CalendarRules(
            link_in_emails=values["link_in_emails"], past=timedelta(days=values["past_days"])
        )
