"""Events of schools, the milestones held at them, and the last sweep."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, DictField, IntField, ListField, StringField

from chassis.mongo import AggregateDocument


class SchoolEventDocument(AggregateDocument):
    """One event for many students."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "milestone_events",
        "indexes": [
            {"fields": ["district", "school_id", "school_year"], "cls": False},
            # For the timer, which serves all districts.
            {"fields": ["is_applied", "district"], "cls": False},
        ],
    }
    school_id = StringField(required=True)
    school_year = StringField(required=True)
    form = StringField(required=True)
    starts_at = DateTimeField(required=True)
    ends_at = DateTimeField(required=True)
    time_zone = StringField(required=True)
    place = StringField(required=True)
    student_ids = ListField(StringField())
    state = StringField(required=True)
    revision = IntField(required=True)
    is_applied = BooleanField(required=True)
    missed = ListField(StringField())
    changed_by = StringField(required=True)
    event_changed_at = DateTimeField(required=True)
    reason = StringField()
    #: [student id, reason] pairs.
    left_out = ListField(ListField(StringField()))


class MilestoneDocument(AggregateDocument):
    """One student's milestone; the id is derived from student and school year. Days are text."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "milestones",
        "indexes": [
            {"fields": ["district", "school_id", "school_year", "state"], "cls": False},
            {"fields": ["district", "school_id", "grade", "school_year", "state"], "cls": False},
            {"fields": ["district", "is_overdue", "school_id"], "cls": False},
            {"fields": ["district", "student_id"], "cls": False},
        ],
    }
    student_id = StringField(required=True)
    school_id = StringField(required=True)
    grade = StringField(required=True)
    school_year = StringField(required=True)
    due_on = StringField(required=True)
    roster_version = IntField(required=True)
    state = StringField(required=True)
    revision = IntField(required=True)
    plan = DictField()
    cause = StringField()
    reason = StringField()
    records = ListField(DictField())
    is_overdue = BooleanField(required=True)


class MilestoneSweepDocument(AggregateDocument):
    """The hour of the last sweep of a district; the id is derived from the district's."""

    meta: ClassVar[dict[str, Any]] = {"collection": "milestone_sweeps"}
    hour = DateTimeField(required=True)
