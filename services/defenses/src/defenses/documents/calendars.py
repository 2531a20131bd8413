"""When schools and families can."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import DateTimeField, DictField, IntField, ListField, StringField

from chassis.mongo import AggregateDocument


class AvailabilityDocument(AggregateDocument):
    """What one school offers; the id is the school's. Dates and wall times are text."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "availabilities",
        "indexes": [{"fields": ["district", "panelist_ids"], "cls": False}],
    }
    availability = DictField(required=True)
    #: The listed people once more, for the query of where somebody sits on panels.
    panelist_ids = ListField(StringField())
    published_at = DateTimeField(required=True)
    edition = IntField(default=1)


class FamilyWindowsDocument(AggregateDocument):
    """When one student's family can come; the id is the student's. Windows are [day, start, end] texts."""

    meta: ClassVar[dict[str, Any]] = {"collection": "family_windows"}
    windows = ListField(ListField(StringField()))
    told_at = DateTimeField(required=True)
    interpreter = StringField()
