"""Facts on their way and the messages that tell them, as documents."""

from typing import Any, ClassVar

from mongoengine import (
    BooleanField,
    DateTimeField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from chassis.mongo import AggregateDocument


class PlacePart(EmbeddedDocument):
    """When and where an appointment is, as a family was told."""

    starts_at = DateTimeField(required=True)
    ends_at = DateTimeField(required=True)
    time_zone = StringField(required=True)
    room = StringField()


class ContentPart(EmbeddedDocument):
    """What a family reads."""

    language = StringField(required=True)
    template_version = StringField(required=True)
    text = StringField(required=True)
    subject = StringField()
    html = StringField()
    calendar = StringField()
    calendar_method = StringField()
    parts = IntField()
    encoding = StringField()


class ItemPart(EmbeddedDocument):
    """What a digest tells of one student; the id is a message's."""

    message_id = StringField(required=True)
    student_id = StringField(required=True)
    purpose = StringField(required=True)


#: In place of a channel: it is due to be gathered into a digest.
GATHERED = "digest"


class MessageDocument(AggregateDocument):
    """One message; `due` says who takes it up, and is there while `due_at` is: an index holds only those.

    That is its channel's courier, or the digests (`GATHERED`): what waits for one is not sent by itself.
    """

    meta: ClassVar[dict[str, Any]] = {
        "collection": "messages",
        "indexes": [
            {"fields": ["due", "due_at"], "cls": False, "sparse": True},
            # Of these two fields alone: with the district, which all have, they would be sparse of nothing.
            {"fields": ["digest_id"], "cls": False, "sparse": True},
            {"fields": ["provider_id"], "cls": False, "sparse": True},
            {"fields": ["fact_id", "district"], "cls": False},
            {"fields": ["district", "student_id", "id"], "cls": False},
            {"fields": ["district", "school_id", "id"], "cls": False},
            # Also texts by how far they are: which have no receipt for too long, and how fast each route is.
            {"fields": ["state", "channel", "sent_at"], "cls": False},
        ],
    }
    purpose = StringField(required=True)
    channel = StringField(required=True)
    guardian_id = StringField(required=True)
    student_id = StringField(required=True)
    school_id = StringField(required=True)
    fact_id = StringField(required=True)
    revision = IntField(required=True)
    deadline = DateTimeField(required=True)
    state = StringField(required=True)
    created_at = DateTimeField(required=True)
    due = StringField()
    due_at = DateTimeField()
    reason = StringField()
    address = StringField()
    wanted_language = StringField()
    content = EmbeddedDocumentField(ContentPart)
    tells = EmbeddedDocumentField(PlacePart)
    attempts = IntField(required=True)
    lease = StringField()
    attempted_at = DateTimeField()
    sent_at = DateTimeField()
    provider_id = StringField()
    urgent = BooleanField()
    digest_id = StringField()
    items = EmbeddedDocumentListField(ItemPart)
    route = StringField()


class FormPart(EmbeddedDocument):
    """What a milestone's form is called in one language."""

    language = StringField(required=True)
    name = StringField(required=True)


class TellingDocument(AggregateDocument):
    """One fact on its way; its id is the defense's, the milestone's or the hearing's. Days are ISO 8601."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "tellings",
        "indexes": [
            {"fields": ["due", "due_at"], "partialFilterExpression": {"due": True}, "cls": False},
            {"fields": ["district", "state"], "cls": False},
            {"fields": ["student_id", "district"], "cls": False},
        ],
    }
    kind = StringField(required=True)
    revision = IntField(required=True)
    student_id = StringField(required=True)
    school_id = StringField(required=True)
    standing = StringField(required=True)
    deadline = DateTimeField(required=True)
    place = EmbeddedDocumentField(PlacePart)
    to_be_rescheduled = BooleanField()
    forms = EmbeddedDocumentListField(FormPart)
    plan_due_on = StringField()
    defend_by = StringField()
    state = StringField(required=True)
    since = DateTimeField(required=True)
    due = BooleanField()
    due_at = DateTimeField()
    looks = IntField(required=True)
    missing = ListField(StringField())
