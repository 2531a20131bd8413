"""Calendar addresses, on the wire."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from defenses.domain.feeds import KINDS, PANELIST, ROOM, SCHOOL

_MOST = validate.Length(max=200)
_NEEDS = {PANELIST: ("about_id",), ROOM: ("school_id", "about_id"), SCHOOL: ("school_id",)}


class FeedBodySchema(Schema):
    """Whose calendar: a panelist's, a room's of a school, or a school's."""

    kind = fields.String(required=True, validate=validate.OneOf(KINDS))
    school_id = fields.String(load_default="", validate=_MOST)
    about_id = fields.String(load_default="", validate=_MOST)

    @validates_schema
    def check(self, values: dict[str, Any], **_: Any) -> None:
        """Ask for exactly what the kind needs."""
        needs = _NEEDS[values["kind"]]
        wrong = [name for name in ("school_id", "about_id") if (name in needs) != bool(values[name])]
        if wrong:
            reason = f"A {values['kind']} has {' and '.join(needs)}."
            raise ValidationError({name: [reason] for name in wrong})


class FeedSchema(Schema):
    """A calendar; `path` is its address below this service, shown once: null in a repetition."""

    feed_id = fields.String(required=True)
    kind = fields.String(required=True)
    school_id = fields.String(required=True)
    about_id = fields.String(required=True)
    path = fields.String(required=True, allow_none=True)
    changed_at = fields.AwareDateTime(required=True)
