"""What the goldens of milestones stand for."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.unit.contracts.promises import (
    EASTERN,
    SCHOOL,
    STUDENT,
    Promise,
)

from contracts.defenses import (
    FormName,
    MilestoneCancelled,
    MilestoneLapsed,
    MilestoneMissed,
    MilestoneMoved,
    MilestonePlanned,
    MilestoneRecorded,
    SkillLevel,
)

#: What a milestone's events say alike: a student of grade 4 in the school's exhibition hall.
MILESTONE: dict[str, Any] = {
    "milestone_id": "b861e2d5-b42c-55f1-b380-f602e6957cd8",
    "student_id": STUDENT,
    "school_id": SCHOOL,
    "grade": "4",
    "school_year": "2025-26",
    "event_id": "88327bd1-2d17-5c88-aa23-89d302a96153",
    "form": "exhibition-of-learning",
    "form_names": (
        FormName(language="en", name="Exhibition of Learning"),
        FormName(language="es", name="Exposición de aprendizaje"),
    ),
    "starts_at": datetime(2026, 4, 14, 18, 0, tzinfo=EASTERN),
    "ends_at": datetime(2026, 4, 14, 19, 30, tzinfo=EASTERN),
    "time_zone": "America/Kentucky/Louisville",
    "place": "Gymnasium",
}

PROMISES = {
    "defenses.milestone.planned.v1": Promise(
        MilestonePlanned(**MILESTONE, revision=1),
        (MILESTONE["milestone_id"], 1),
        datetime(2026, 3, 2, 15, 0, tzinfo=UTC),
    ),
    "defenses.milestone.moved.v1": Promise(
        MilestoneMoved(
            **MILESTONE,
            revision=2,
            previous_starts_at=datetime(2026, 4, 13, 18, 0, tzinfo=EASTERN),
            previous_place="Library",
            reason="The library is being painted.",
        ),
        (MILESTONE["milestone_id"], 2),
        datetime(2026, 3, 9, 13, 30, tzinfo=UTC),
    ),
    "defenses.milestone.missed.v1": Promise(
        MilestoneMissed(**MILESTONE, revision=3),
        (MILESTONE["milestone_id"], 3),
        datetime(2026, 4, 15, 12, 5, tzinfo=UTC),
    ),
    "defenses.milestone.cancelled.v1": Promise(
        MilestoneCancelled(
            **MILESTONE, revision=3, cause="event_cancelled", reason="The school is closed that day."
        ),
        (MILESTONE["milestone_id"], 3),
        datetime(2026, 4, 13, 20, 45, tzinfo=UTC),
    ),
    "defenses.milestone.recorded.v1": Promise(
        MilestoneRecorded(
            **MILESTONE,
            revision=4,
            record=1,
            levels=(SkillLevel(skill_id="effective-communicator", level=3.0),),
            recorded_at=datetime(2026, 4, 16, 19, 20, 11, tzinfo=UTC),
        ),
        (MILESTONE["milestone_id"], 5),
        datetime(2026, 4, 16, 19, 20, 11, tzinfo=UTC),
    ),
    "defenses.milestone.lapsed.v1": Promise(
        MilestoneLapsed(
            milestone_id=MILESTONE["milestone_id"],
            student_id=STUDENT,
            school_id=SCHOOL,
            grade="4",
            school_year="2025-26",
            due_on=date(2026, 5, 15),
            state="missed",
        ),
        (MILESTONE["milestone_id"], 4),
        datetime(2026, 5, 16, 6, 0, 4, tzinfo=UTC),
    ),
}
