"""Runs, the defenses they made, and who plans for a district."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import (
    BinaryField,
    BooleanField,
    DateTimeField,
    DictField,
    Document,
    EmbeddedDocument,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from chassis.mongo import AggregateDocument


class ScheduleRunDocument(AggregateDocument):
    """One run with its plan."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "schedule_runs",
        "indexes": [
            # For the timer, which serves all districts.
            {"fields": ["state", "district"], "cls": False},
            {"fields": ["district", "season_run_id"], "cls": False},
        ],
    }
    school_ids = ListField(StringField())
    #: Of runs of before there were runs of several schools, which have no `school_ids`.
    school_id = StringField()
    season_run_id = StringField()
    state = StringField(required=True)
    requested_at = DateTimeField(required=True)
    attempts = IntField(required=True)
    rounds = IntField(default=0)
    plan = DictField()
    #: Compressed, see `repository.plans`; unset in runs of before there were runs of several schools.
    placements = BinaryField()
    progress = DictField()
    stop = StringField()
    failure = StringField()
    finished_at = DateTimeField()
    #: Unset in runs of before there were drafts, whose defenses were published at once.
    publish = BooleanField(default=True)
    published_at = DateTimeField()
    publication = DictField()


class PanelSeatEntry(EmbeddedDocument):
    """One seat of a panel."""

    meta = {"strict": False}
    panelist_id = StringField(required=True)
    role = StringField(required=True)


class DefenseDocument(AggregateDocument):
    """One defense; the id is derived from student, transition, school year and attempt."""

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
    locked = BooleanField(default=False)
    accepted_at = DateTimeField()
    history = ListField(DictField())
    interpreter = StringField()
    #: Of defenses of before there were redefenses it is unset, and 1.
    attempt = IntField(default=1)


class RepairDocument(AggregateDocument):
    """A set of changes; times are dates, days are ISO text."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "repairs",
        # For whoever finishes what a process that died began.
        "indexes": [{"fields": ["state", "district"], "cls": False}],
    }
    state = StringField(required=True)
    school_year = StringField(required=True)
    note = DictField(required=True)
    disturbance = DictField()
    school_ids = ListField(StringField())
    steps = ListField(DictField())
    unplaced = ListField(DictField())
    applied_at = DateTimeField()


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
