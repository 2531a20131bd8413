"""Nightly runs, and the rows of their reports."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, Document, IntField, StringField

from chassis.mongo import AggregateDocument
from chassis.mongo.documents import RawField


class NightsDocument(AggregateDocument):
    """One district's nightly runs; `night` is a day as text."""

    meta: ClassVar[dict[str, Any]] = {"collection": "nights"}
    night = StringField()
    attempts = IntField(required=True)
    asked_at = DateTimeField()
    run = RawField()
    failure = RawField()
    report = RawField()


class QualityRowDocument(Document):
    """One row of one report, written once; its id is the report's, the kind and the subject."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "quality_rows",
        "strict": False,
        "auto_create_index": False,
        "indexes": [
            {"fields": ["report_id", "kind", "district"], "cls": False},
            {"fields": ["report_id", "kind", "flagged", "district"], "cls": False},
            {"fields": ["report_id", "kind", "subject", "district"], "cls": False},
        ],
    }
    id = StringField(primary_key=True)
    district = StringField(required=True)
    report_id = StringField(required=True)
    kind = StringField(required=True)
    subject = StringField()
    flagged = BooleanField(required=True)
    reads = IntField(required=True)
    pairs = IntField(required=True)
    figures = RawField(default=dict)
    flags = RawField(default=list)


class EquityRowDocument(Document):
    """One cell of one report, written once."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "equity_rows",
        "strict": False,
        "auto_create_index": False,
        "indexes": [
            {"fields": ["report_id", "skill_id", "grouping_id", "district"], "cls": False},
            {"fields": ["report_id", "school_id", "skill_id", "grouping_id", "district"], "cls": False},
        ],
    }
    id = StringField(primary_key=True)
    district = StringField(required=True)
    report_id = StringField(required=True)
    grouping_id = StringField(required=True)
    skill_id = StringField(required=True)
    school_id = StringField(required=True)
    group_id = StringField(required=True)
    published = RawField(default=dict)
    internal = RawField(default=dict)


class BucketDocument(Document):
    """A part of a season's tasks, as the last night left it; its id is its number and the district.

    Nothing is lost with one: the next night fills it anew.
    """

    meta: ClassVar[dict[str, Any]] = {
        "collection": "night_buckets",
        "strict": False,
        "auto_create_index": False,
    }
    id = StringField(primary_key=True)
    district = StringField(required=True)
    format = IntField(required=True)
    as_of = DateTimeField(required=True)
    packed = RawField(required=True)
