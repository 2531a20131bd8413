"""Calendars that people subscribe to."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import DateTimeField, StringField

from chassis.mongo import AggregateDocument


class FeedDocument(AggregateDocument):
    """One calendar; the secret of its address is kept as a digest only."""

    meta: ClassVar[dict[str, Any]] = {"collection": "calendar_feeds"}
    kind = StringField(required=True)
    school_id = StringField()
    about_id = StringField()
    digest = StringField()
    given_at = DateTimeField(required=True)
    given_by = StringField(required=True)
