"""Students and what is known of them."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import (
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    FloatField,
    IntField,
    ListField,
    StringField,
)

from chassis.mongo import AggregateDocument


class EvidenceEntry(EmbeddedDocument):
    """One scored artifact; `levels` are [criterion id, level] pairs."""

    meta = {"strict": False}
    artifact_id = StringField(required=True)
    skill_id = StringField(required=True)
    grade = StringField(required=True)
    levels = ListField(ListField())
    mean_level = FloatField(required=True)
    scored_at = DateTimeField(required=True)
    source_version = IntField(required=True)


class CandidateDocument(AggregateDocument):
    """One student; the id is the student's. What the roster says is unset while they are not enrolled."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "candidates",
        "indexes": [
            {"fields": ["district", "school_id", "status"], "cls": False},
            {"fields": ["district", "guardian_ids"], "cls": False},
        ],
    }
    roster_version = IntField(required=True)
    school_id = StringField()
    grade = StringField()
    guardian_ids = ListField(StringField())
    teacher_ids = ListField(StringField())
    evidence = EmbeddedDocumentListField(EvidenceEntry)
    #: The readiness that holds now, for queries; `decision` may be about a transition that is past.
    status = StringField()
    decision = DictField()
    decided_at = DateTimeField()
