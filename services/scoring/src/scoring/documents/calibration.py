"""Papers with known levels, and how scorers read them."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, IntField, ListField, StringField

from chassis.mongo import AggregateDocument
from chassis.mongo.documents import RawField


class PaperDocument(AggregateDocument):
    """One paper; its id is its artifact's. `submission` and `known` are only ever looked at whole."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "papers",
        "indexes": [{"fields": ["skill_id", "band", "purpose", "district"], "cls": False}],
    }
    purpose = StringField(required=True)
    skill_id = StringField(required=True)
    band = StringField(required=True)
    submission = RawField(required=True)
    rubric_id = StringField(required=True)
    rubric_version = StringField(required=True)
    known = RawField(required=True)
    rationale = StringField()
    active = BooleanField(required=True)
    set_by = StringField(required=True)
    set_at = DateTimeField(required=True)


class ScorerRecordDocument(AggregateDocument):
    """One scorer in one skill and band; `season` is a day as text."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "scorer_records",
        "indexes": [{"fields": ["scorer_id", "district"], "cls": False}],
    }
    scorer_id = StringField(required=True)
    skill_id = StringField(required=True)
    band = StringField(required=True)
    season = StringField(required=True)
    state = StringField(required=True)
    reads = IntField(required=True)
    seeds = IntField(required=True)
    last_read_at = DateTimeField()
    qualified_at = DateTimeField()
    trusted_since = DateTimeField()
    window = RawField(default=list)
    seen = ListField(StringField())
    attempt = RawField()
    practice = RawField(default=list)
    failed = IntField(required=True)
    stops = RawField(default=list)
    history = RawField(default=list)
