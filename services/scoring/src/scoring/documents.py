"""The documents of the scoring service and their indexes."""

from __future__ import annotations

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from chassis.mongo import AggregateDocument, ReplicaDocument


class GivenLevel(EmbeddedDocument):
    """One criterion's level in a read."""

    meta = {"strict": False}
    criterion_id = StringField(required=True)
    level = IntField(required=True)
    feedback = StringField(required=True)


class GivenRead(EmbeddedDocument):
    """One scorer's read."""

    meta = {"strict": False}
    scorer_id = StringField(required=True)
    levels = EmbeddedDocumentListField(GivenLevel, required=True)
    given_at = DateTimeField(required=True)


class TaskDocument(AggregateDocument):
    """One artifact to be read; what the student handed in is frozen in it."""

    meta = {
        "collection": "tasks",
        "indexes": [
            # A scorer's list, and what is queued everywhere.
            {"fields": ["district", "scorer_id", "state"], "cls": False},
            {"fields": ["state", "district"], "cls": False},
            # A student's scores.
            {"fields": ["district", "student_id", "state"], "cls": False},
        ],
    }
    artifact_id = StringField(required=True)
    student_id = StringField(required=True)
    school_id = StringField(required=True)
    grade = StringField(required=True)
    skill_id = StringField(required=True)
    title = StringField(required=True)
    reflection = StringField()
    media_type = StringField(required=True)
    rubric_id = StringField(required=True)
    rubric_version = StringField(required=True)
    state = StringField(required=True)
    scorer_id = StringField()
    reads = EmbeddedDocumentListField(GivenRead)
    opened_at = DateTimeField(required=True)
    assigned_at = DateTimeField()


class PostAt(EmbeddedDocument):
    """What somebody is at one school."""

    meta = {"strict": False}
    school_id = StringField(required=True)
    role = StringField(required=True)


class StaffCopy(ReplicaDocument):
    """What routing needs of a staff member: no name, no address."""

    meta = {
        "collection": "staff",
        "indexes": [{"fields": ["district", "active"], "cls": False}],
    }
    posts = EmbeddedDocumentListField(PostAt)
    active = BooleanField(required=True)


class StudentCopy(ReplicaDocument):
    """What routing needs of a student: no name."""

    meta = {"collection": "students"}
    school_id = StringField(required=True)
    teacher_ids = ListField(StringField())
    enrolled = BooleanField(required=True)
