"""The documents of the defenses service and their indexes."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    FloatField,
    IntField,
    ListField,
    StringField,
)

from chassis.mongo import AggregateDocument, ReplicaDocument


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


class AvailabilityDocument(AggregateDocument):
    """What one school offers; the id is the school's. Dates and wall times are text."""

    meta: ClassVar[dict[str, Any]] = {"collection": "availabilities"}
    availability = DictField(required=True)
    published_at = DateTimeField(required=True)


class FamilyWindowsDocument(AggregateDocument):
    """When one student's family can come; the id is the student's. Windows are [day, start, end] texts."""

    meta: ClassVar[dict[str, Any]] = {"collection": "family_windows"}
    windows = ListField(ListField(StringField()))
    told_at = DateTimeField(required=True)


class ScheduleRunDocument(AggregateDocument):
    """One run with its plan."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "schedule_runs",
        # For the timer, which serves all districts.
        "indexes": [{"fields": ["state", "district"], "cls": False}],
    }
    school_id = StringField(required=True)
    state = StringField(required=True)
    requested_at = DateTimeField(required=True)
    attempts = IntField(required=True)
    plan = DictField()
    failure = StringField()
    finished_at = DateTimeField()


class PanelSeatEntry(EmbeddedDocument):
    """One seat of a panel."""

    meta = {"strict": False}
    panelist_id = StringField(required=True)
    role = StringField(required=True)


class DefenseDocument(AggregateDocument):
    """One defense; the id is derived from student, transition and school year."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "defenses",
        "indexes": [
            {"fields": ["district", "school_id", "school_year"], "cls": False},
            {"fields": ["district", "student_id"], "cls": False},
            {"fields": ["district", "panelist_ids"], "cls": False},
        ],
    }
    student_id = StringField(required=True)
    school_id = StringField(required=True)
    transition = StringField(required=True)
    school_year = StringField(required=True)
    revision = IntField(required=True)
    state = StringField(required=True)
    starts_at = DateTimeField(required=True)
    ends_at = DateTimeField(required=True)
    time_zone = StringField(required=True)
    room_id = StringField(required=True)
    room = StringField(required=True)
    panel = EmbeddedDocumentListField(PanelSeatEntry, required=True)
    #: The panel's people once more, for the query of who is busy when.
    panelist_ids = ListField(StringField())
    run_id = StringField(required=True)


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


class DistrictLeaseDocument(Document):
    """Who plans for a district now; the id is the district's. Times are the store's own."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "district_leases",
        "strict": False,
        "auto_create_index": False,
    }
    id = StringField(primary_key=True)
    holder = StringField(required=True)
    leased_until = DateTimeField(required=True)
