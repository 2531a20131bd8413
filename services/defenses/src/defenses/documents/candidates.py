"""Students and what is known of them."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import (
    BooleanField,
    DateTimeField,
    IntField,
    ListField,
    StringField,
)

from chassis.mongo import AggregateDocument
from chassis.mongo.documents import RawField


class CandidateDocument(AggregateDocument):
    """One student; the id is the student's. What the roster says is unset while they are not enrolled."""

    meta: ClassVar[dict[str, Any]] = {
        "collection": "candidates",
        "indexes": [
            {"fields": ["district", "school_id", "status"], "cls": False},
            # A school's students are asked for by grade, skill and status in any combination. The embedded
            # store uses an index for exactly the fields that a query gives, or for one of them alone: by this
            # one such a page took 50 ms among 10,000 students, and 3 to 9 s without it.
            {"fields": ["school_id"], "cls": False},
            {"fields": ["district", "guardian_ids"], "cls": False},
            {
                "fields": ["has_gaps", "district"],
                "partialFilterExpression": {"has_gaps": True},
                "cls": False,
            },
        ],
    }
    roster_version = IntField(required=True)
    school_id = StringField()
    grade = StringField()
    guardian_ids = ListField(StringField())
    teacher_ids = ListField(StringField())
    # Plain values of the repository's making, stored as they are given: to convert and check them field by
    # field took 1.6 ms of an event when it was read, and as long when it was written.
    #: One entry a scored artifact; `levels` are [criterion id, level] pairs.
    evidence = RawField(default=list)
    exceptions = RawField(default=list)
    #: The readiness that holds now, for queries; `decision` may be about a transition that is past.
    status = StringField()
    #: Also of the decision that holds now: each skill's own status as `skill:STATUS`, and what is not met as
    #: `skill/clause`.
    skill_standings = ListField(StringField())
    unmet = ListField(StringField())
    decision = RawField(default=dict)
    decided_at = DateTimeField()
    #: The decisions that were said, oldest first, each with what it was made from as text.
    history = RawField(default=list)
    gaps = RawField(default=list)
    #: The open gaps' skills once more, and whether there are any, for queries.
    gap_skills = ListField(StringField())
    has_gaps = BooleanField(default=False)


class ReadinessSweepDocument(AggregateDocument):
    """Until which day a district's candidates were decided again; the id is derived from the district."""

    meta: ClassVar[dict[str, Any]] = {"collection": "readiness_sweeps"}
    swept_on = StringField(required=True)
    rules = ListField(StringField())
    decided_again = IntField(required=True)
