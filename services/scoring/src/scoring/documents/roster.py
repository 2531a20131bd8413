"""Copies of the roster: what routing needs, and no names."""

from __future__ import annotations

from mongoengine import BooleanField, EmbeddedDocument, EmbeddedDocumentListField, ListField, StringField

from chassis.mongo import ReplicaDocument
from chassis.mongo.documents import RawField


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
    """What routing needs of a student, and by what the reports of equity group them: no name."""

    meta = {"collection": "students"}
    school_id = StringField(required=True)
    teacher_ids = ListField(StringField())
    former_teachers = RawField(default=list)
    enrolled = BooleanField(required=True)
    grade = StringField()
    home_language = StringField()
