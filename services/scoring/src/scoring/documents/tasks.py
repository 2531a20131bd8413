"""Scoring tasks and scorers' desks as they are stored."""

from __future__ import annotations

from mongoengine import BooleanField, DateTimeField, FloatField, ListField, StringField

from chassis.mongo import AggregateDocument
from chassis.mongo.documents import RawField


class TaskDocument(AggregateDocument):
    """One artifact on its way to a score; what the student handed in is frozen in it.

    What only the domain looks at is stored as it is (RawField); what is asked for has a field of its own.
    """

    meta = {
        "collection": "tasks",
        # As few as can be: the embedded store reads their list some twenty times for each written task.
        "indexes": [
            # What waits: everything of one lane from a place on. The lane begins with the district.
            {"fields": ["lane", "place"], "cls": False},
            # What a scorer has open; no two tasks lie on one place of their desk.
            {
                "fields": ["slot"],
                "unique": True,
                "partialFilterExpression": {"slot": {"$exists": True}},
                "cls": False,
            },
            {"fields": ["scorer_id"], "cls": False},
            # What a scorer has read: everything, and of one student.
            {"fields": ["readers", "student_id"], "cls": False},
            # What a rule has something to do with; `wakes` keeps those apart that never wake.
            {"fields": ["wakes", "wake_at"], "cls": False},
            # A student's scores.
            {"fields": ["student_id", "scored", "district"], "cls": False},
            # The office's lists, and what the night reads: all of a state that changed since a time.
            {"fields": ["state", "district", "changed_at"], "cls": False},
        ],
    }
    artifact_id = StringField(required=True)
    student_id = StringField()
    school_id = StringField()
    grade = StringField(required=True)
    skill_id = StringField(required=True)
    title = StringField(required=True)
    reflection = StringField()
    media_type = StringField(required=True)
    sha256 = StringField()
    assignment_id = StringField()
    rubric_id = StringField(required=True)
    rubric_version = StringField(required=True)
    band = StringField(required=True)
    purpose = StringField(required=True)
    state = StringField(required=True)
    opened_at = DateTimeField(required=True)
    lane = StringField()
    place = FloatField()
    scorer_id = StringField()
    slot = StringField()
    lease = RawField()
    readers = ListField(StringField())
    reads = RawField(default=list)
    history = RawField(default=list)
    nominated = BooleanField(default=False)
    disputed = BooleanField(default=False)
    second_because = ListField(StringField())
    declined = ListField(StringField())
    stage_since = DateTimeField()
    due_at = DateTimeField()
    next_step_at = DateTimeField()
    steps = ListField(StringField())
    wakes = BooleanField()
    wake_at = DateTimeField()
    release_at = DateTimeField()
    held = RawField()
    score = RawField()
    #: Whether a score is out, which families may see.
    scored = BooleanField()
    review = RawField()


class DeskDocument(AggregateDocument):
    """What is known of one scorer besides the roster; its id is the district's and the scorer's."""

    meta = {"collection": "desks"}
    scorer_id = StringField(required=True)
    students = ListField(StringField())
    schools = ListField(StringField())
    expiries = RawField(default=list)
    suspended_at = DateTimeField()
