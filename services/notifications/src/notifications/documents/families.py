"""What we know of families: copies of the roster, wishes, replies and refused addresses, as documents."""

from typing import Any, ClassVar

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


class SuppressionDocument(AggregateDocument):
    """One address that must not be used; its id is derived from the address, which is not in it."""

    meta: ClassVar[dict[str, Any]] = {"collection": "suppressions", "indexes": []}
    channel = StringField(required=True)
    reason = StringField(required=True)
    since = DateTimeField(required=True)
    active = BooleanField(required=True)


class ReplyDocument(AggregateDocument):
    """One text that came in; its id is the provider's."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "replies",
        "indexes": [{"fields": ["sender", "district"], "cls": False}],
    }
    sender = StringField(required=True)
    text = StringField()
    wish = StringField()
    received_at = DateTimeField(required=True)


class FamilyFeedDocument(AggregateDocument):
    """One guardian's calendar whose address was replaced or taken back; the address itself is not in it."""

    meta: ClassVar[dict[str, Any]] = {"collection": "family_feeds", "indexes": []}
    guardian_id = StringField(required=True)
    edition = IntField(required=True)
    revoked = BooleanField(required=True)
    changed_at = DateTimeField(required=True)
    changed_by = StringField(required=True)


class SchoolCopy(ReplicaDocument):
    """What we need of a school."""

    meta: ClassVar[dict[str, Any]] = {"collection": "schools"}
    name = StringField(required=True)
    time_zone = StringField(required=True)
    active = BooleanField(required=True)


class StudentCopy(ReplicaDocument):
    """What we need of a student."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "students",
        "indexes": [{"fields": ["school_id", "district"], "cls": False}],
    }
    school_id = StringField(required=True)
    given_name = StringField()
    family_name = StringField()
    guardian_ids = ListField(StringField())
    active = BooleanField(required=True)


class RelationPart(EmbeddedDocument):
    """A guardian's right to hear about one student."""

    student_id = StringField(required=True)
    may_be_told = BooleanField(required=True)


class ConsentPart(EmbeddedDocument):
    """What a guardian said about one channel; the day is ISO 8601."""

    channel = StringField(required=True)
    granted = BooleanField(required=True)
    recorded_on = StringField(required=True)
    source = StringField()


class GuardianCopy(ReplicaDocument):
    """What we need of a guardian."""

    meta: ClassVar[dict[str, Any]] = {"collection": "guardians"}
    language = StringField(required=True)
    email = StringField()
    phone = StringField()
    relations = EmbeddedDocumentListField(RelationPart)
    consents = EmbeddedDocumentListField(ConsentPart)
    active = BooleanField(required=True)


class ChoicePart(EmbeddedDocument):
    """What a guardian has chosen for one topic on one channel."""

    topic = StringField(required=True)
    channel = StringField(required=True)
    frequency = StringField(required=True)


class ChangePart(EmbeddedDocument):
    """A choice, with who made it, when, by which way and why."""

    topic = StringField(required=True)
    channel = StringField(required=True)
    frequency = StringField(required=True)
    at = DateTimeField(required=True)
    by = StringField(required=True)
    source = StringField(required=True)
    why = StringField()


class QuietChangePart(EmbeddedDocument):
    """Quiet hours, or none, with who chose them."""

    starts = StringField()
    ends = StringField()
    at = DateTimeField(required=True)
    by = StringField(required=True)
    source = StringField(required=True)
    why = StringField()


class PreferencesDocument(AggregateDocument):
    """What one guardian has chosen; its id is the guardian's. Times of day are ISO 8601."""

    meta: ClassVar[dict[str, Any]] = {"collection": "preferences", "indexes": []}
    choices = EmbeddedDocumentListField(ChoicePart)
    quiet_starts = StringField()
    quiet_ends = StringField()
    history = EmbeddedDocumentListField(ChangePart)
    quiet_history = EmbeddedDocumentListField(QuietChangePart)
