"""Hearings with their records, and who is calibrated."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, DictField, IntField, ListField, StringField

from chassis.mongo import AggregateDocument
from chassis.mongo.documents import RawField


class HearingDocument(AggregateDocument):
    """One sitting; the id is derived from student, transition, school year, attempt and sitting.

    Days are text. What queries ask for stands at the top, and once more in what is kept as it is.
    """

    meta: ClassVar[dict[str, Any]] = {
        "collection": "hearings",
        "indexes": [
            {"fields": ["district", "student_id"], "cls": False},
            {"fields": ["district", "school_id", "state", "status"], "cls": False},
            {"fields": ["district", "panelist_ids"], "cls": False},
            {"fields": ["district", "follows"], "cls": False},
            # What a partial index is about comes first in it: the embedded store finds nothing by one whose
            # first key a query does not give.
            {
                "fields": ["to_rescore", "district"],
                "partialFilterExpression": {"to_rescore": True},
                "cls": False,
            },
            {
                "fields": ["rescored", "district"],
                "partialFilterExpression": {"rescored": True},
                "cls": False,
            },
        ],
    }
    student_id = StringField(required=True)
    school_id = StringField(required=True)
    state = StringField(required=True)
    status = StringField()
    panelist_ids = ListField(StringField())
    follows = StringField()
    #: Whether the family may read a record that holds.
    readable = BooleanField(required=True)
    to_rescore = BooleanField(required=True)
    rescored = BooleanField(required=True)
    defense_id = StringField()
    matter = DictField(required=True)
    sitting = IntField(required=True)
    form = StringField(required=True)
    seats = ListField(RawField())
    opened_by = StringField(required=True)
    opened_at = DateTimeField(required=True)
    round = IntField(required=True)
    sheets = ListField(RawField())
    rounds = ListField(RawField())
    records = ListField(RawField())
    released = IntField(required=True)
    ending = DictField()
    central = DictField()
    plans = ListField(RawField())


class CalibrationDocument(AggregateDocument):
    """One panelist's calibration; the id is the panelist's. `valid_until` is a day as text."""

    meta: ClassVar[dict[str, Any]] = {"collection": "calibrations"}
    valid_until = StringField()
    basis = StringField(required=True)
    recorded_by = StringField(required=True)
    recorded_at = DateTimeField(required=True)
