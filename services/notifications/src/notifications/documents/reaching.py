"""Whether families were reached, and by which route texts go, as documents."""

from typing import Any, ClassVar

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    StringField,
)

from chassis.mongo import AggregateDocument


class ObstaclePart(EmbeddedDocument):
    """Why a guardian was not reached on a channel."""

    guardian_id = StringField()
    channel = StringField()
    reason = StringField(required=True)


class ReachDocument(AggregateDocument):
    """Whether a family has been reached by a fact; its id is the fact's."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "reaches",
        "indexes": [
            {"fields": ["due", "due_at"], "partialFilterExpression": {"due": True}, "cls": False},
            {"fields": ["state", "district", "school_id"], "cls": False},
        ],
    }
    revision = IntField(required=True)
    student_id = StringField(required=True)
    school_id = StringField(required=True)
    deadline = DateTimeField(required=True)
    since = DateTimeField(required=True)
    state = StringField(required=True)
    due = BooleanField()
    due_at = DateTimeField()
    looks = IntField(required=True)
    obstacles = EmbeddedDocumentListField(ObstaclePart)
    listed_at = DateTimeField()
    announced_at = DateTimeField()
    closed_at = DateTimeField()
    closed_by = StringField()
    told_how = StringField()
    note = StringField()
    heard_by_hand = BooleanField()


class RouteChangePart(EmbeddedDocument):
    """One change of weights."""

    at = DateTimeField(required=True)
    reason = StringField(required=True)
    weights = DictField(required=True)


class RoutesDocument(AggregateDocument):
    """How texts are shared out between the routes; one document, of no district."""

    meta: ClassVar[dict[str, Any]] = {"collection": "routes", "indexes": []}
    weights = DictField(required=True)
    changes = EmbeddedDocumentListField(RouteChangePart)
