"""The documents of the notifications service and their indexes."""

from typing import Any, ClassVar

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from chassis.disclosures import DisclosureDocument  # noqa: F401 - one of our documents
from chassis.mongo import AggregateDocument, ReplicaDocument


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


class MessageDocument(AggregateDocument):
    """One message; `due` is True exactly while `due_at` is set, so that an index holds the due ones only.

    What waits for a digest is not sent by itself: in place of `due` it has `gather`.
    """

    meta: ClassVar[dict[str, Any]] = {
        "collection": "messages",
        "indexes": [
            {
                "fields": ["due", "channel", "due_at"],
                "partialFilterExpression": {"due": True},
                "cls": False,
            },
            {
                "fields": ["gather", "due_at"],
                "partialFilterExpression": {"gather": True},
                "cls": False,
            },
            {"fields": ["digest_id", "district"], "cls": False, "sparse": True},
            {"fields": ["fact_id", "district"], "cls": False},
            {"fields": ["district", "student_id", "id"], "cls": False},
            {"fields": ["district", "school_id", "id"], "cls": False},
            {"fields": ["district", "state", "id"], "cls": False},
            {"fields": ["district", "provider_id"], "cls": False},
            # Texts by how far they are: which have no receipt for too long, and how fast each route is.
            {"fields": ["state", "sent_at"], "partialFilterExpression": {"channel": "sms"}, "cls": False},
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
    due = BooleanField()
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
    gather = BooleanField()
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
