"""The service's documents and their indexes."""

from __future__ import annotations

from mongoengine import (
    BinaryField,
    BooleanField,
    DateTimeField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    FloatField,
    IntField,
    ListField,
    LongField,
    StringField,
)

from chassis.disclosures import DisclosureDocument  # noqa: F401 - one of our documents
from chassis.mongo import AggregateDocument, ReplicaDocument
from chassis.mongo.documents import RawField


class SchoolDocument(AggregateDocument):
    """A school."""

    meta = {"collection": "schools", "indexes": [("district", "active")]}
    source_id = StringField(required=True)
    name = StringField(required=True)
    time_zone = StringField(required=True)
    active = BooleanField(required=True)


class StudentDocument(AggregateDocument):
    """A student."""

    meta = {
        "collection": "students",
        "indexes": [("district", "enrolled"), ("district", "school_id", "grade")],
    }
    source_id = StringField(required=True)
    school_id = StringField(required=True)
    grade = StringField(required=True)
    given_name = StringField(required=True)
    family_name = StringField(required=True)
    home_language = StringField()
    guardian_ids = ListField(StringField())
    teacher_ids = ListField(StringField())
    enrolled = BooleanField(required=True)


class RelationPart(EmbeddedDocument):
    """What a guardian is to a student."""

    student_id = StringField(required=True)
    kind = StringField(required=True)
    may_be_told = BooleanField(required=True)


class ConsentPart(EmbeddedDocument):
    """Whether a channel may be used; `recorded_on` is an ISO date, which has no time of day."""

    channel = StringField(required=True)
    granted = BooleanField(required=True)
    source = StringField(required=True)
    recorded_on = StringField(required=True)


class GuardianDocument(AggregateDocument):
    """A guardian."""

    meta = {"collection": "guardians", "indexes": [("district", "active")]}
    source_id = StringField(required=True)
    given_name = StringField(required=True)
    family_name = StringField(required=True)
    language = StringField(required=True)
    email = StringField()
    phone = StringField()
    relations = EmbeddedDocumentListField(RelationPart)
    consents = EmbeddedDocumentListField(ConsentPart)
    active = BooleanField(required=True)


class PostPart(EmbeddedDocument):
    """What somebody is at a school."""

    school_id = StringField(required=True)
    role = StringField(required=True)


class StaffDocument(AggregateDocument):
    """A staff member."""

    meta = {
        "collection": "staff",
        "indexes": [("district", "active"), ("district", "posts.school_id")],
    }
    source_id = StringField(required=True)
    given_name = StringField(required=True)
    family_name = StringField(required=True)
    email = StringField()
    posts = EmbeddedDocumentListField(PostPart)
    active = BooleanField(required=True)


class ArtifactDocument(AggregateDocument):
    """An artifact; its bytes are in the store of contents under `sha256`."""

    meta = {
        "collection": "artifacts",
        "indexes": [("district", "student_id"), ("district", "skill_id"), ("sha256",)],
    }
    student_id = StringField(required=True)
    school_id = StringField(required=True)
    grade = StringField(required=True)
    skill_id = StringField(required=True)
    title = StringField(required=True)
    reflection = StringField()
    sha256 = StringField(required=True)
    size_bytes = LongField(required=True)
    media_type = StringField(required=True)
    uploaded_at = DateTimeField(required=True)
    uploaded_by = StringField(required=True)
    assignment_id = StringField()


class ScoreCopy(ReplicaDocument):
    """What scoring said about an artifact; its id is the artifact's."""

    meta = {"collection": "score_copies", "indexes": [("district", "student_id")]}
    student_id = StringField(required=True)
    skill_id = StringField(required=True)
    rubric_id = StringField(required=True)
    rubric_version = StringField(required=True)
    criteria = ListField(RawField())
    mean_level = FloatField(required=True)
    scored_at = DateTimeField(required=True)


class ReadinessCopy(ReplicaDocument):
    """What defenses decided about a student and a transition; the id is made of both."""

    meta = {"collection": "readiness_copies", "indexes": [("district", "student_id")]}
    student_id = StringField(required=True)
    transition = StringField(required=True)
    status = StringField(required=True)
    rule_version = StringField(required=True)
    explanation = RawField()
    decided_at = DateTimeField(required=True)


class RosterImageDocument(Document):
    """Which image a district's next import starts from; the id is the district."""

    meta = {"collection": "roster_images", "strict": False, "auto_create_index": False}
    id = StringField(primary_key=True)
    image_id = StringField(required=True)
    digest = StringField(required=True)
    saved_at = DateTimeField(required=True)


class RosterImageChunkDocument(Document):
    """A piece of an image: compressed JSON lines, so that no document grows with the district."""

    meta = {
        "collection": "roster_image_chunks",
        "strict": False,
        "auto_create_index": False,
        "indexes": [("district", "image_id", "number")],
    }
    id = StringField(primary_key=True)
    district = StringField(required=True)
    image_id = StringField(required=True)
    number = IntField(required=True)
    content = BinaryField(required=True)
