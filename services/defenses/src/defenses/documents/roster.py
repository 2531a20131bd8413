"""Our copies of what the roster says of schools and staff."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import BooleanField, EmbeddedDocument, EmbeddedDocumentListField, StringField

from chassis.mongo import ReplicaDocument


class SchoolCopy(ReplicaDocument):
    """What we need of a school."""

    meta: ClassVar[dict[str, Any]] = {"collection": "schools"}
    name = StringField(required=True)
    time_zone = StringField(required=True)
    active = BooleanField(required=True)


class PostAt(EmbeddedDocument):
    """What somebody is at one school."""

    meta = {"strict": False}
    school_id = StringField(required=True)
    role = StringField(required=True)


class StaffCopy(ReplicaDocument):
    """What we need of a staff member: no name, no address."""

    meta: ClassVar[dict[str, Any]] = {"collection": "staff"}
    posts = EmbeddedDocumentListField(PostAt)
    active = BooleanField(required=True)
