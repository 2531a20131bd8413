"""A rubric of two criteria, a submission, and people: literals that the tests of scoring share."""

from __future__ import annotations

from datetime import UTC, datetime

from scoring.domain import (
    Criterion,
    CriterionLevel,
    Descriptor,
    Post,
    Rubric,
    Scorer,
    Student,
    Submission,
)

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)

SCALE = tuple(Descriptor(level=level, text=f"level {level}") for level in (1, 2, 3, 4))

RUBRIC = Rubric(
    rubric_id="effective-communicator-k-5",
    version="2026.1",
    title="Effective communicator",
    skill_id="effective-communicator",
    band="K-5",
    grades=("4", "5"),
    criteria=(
        Criterion(criterion_id="message", name="Has a message", descriptors=SCALE),
        Criterion(criterion_id="craft", name="Uses language well", descriptors=SCALE),
    ),
)

SUBMISSION = Submission(
    artifact_id="a-1",
    student_id="s-1",
    school_id="east",
    grade="5",
    skill_id="effective-communicator",
    title="Letter to the city",
    reflection="I rewrote the opening.",
    media_type="text/plain",
)

STUDENT = Student(student_id="s-1", school_id="east", teacher_ids=frozenset({"t-own"}), enrolled=True)


def teacher(staff_id: str, *schools: str, role: str = "teacher", active: bool = True) -> Scorer:
    return Scorer(
        staff_id=staff_id,
        posts=tuple(Post(school_id=school, role=role) for school in schools),
        active=active,
    )


def levels(message: int, craft: int, feedback: str = "") -> list[CriterionLevel]:
    return [
        CriterionLevel(criterion_id="message", level=message, feedback=feedback),
        CriterionLevel(criterion_id="craft", level=craft, feedback=feedback),
    ]
