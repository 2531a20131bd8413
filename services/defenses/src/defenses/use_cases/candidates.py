"""Roster and scores in, decisions out."""

from __future__ import annotations

from datetime import datetime

from contracts.artifacts import StudentEnrolled, StudentWithdrawn
from contracts.scoring import ArtifactScored
from defenses.domain.candidates import Candidate, Enrollment
from defenses.domain.readiness import Evidence
from defenses.use_cases.readiness_news import Rules, change
from defenses.use_cases.stores import Aggregates


def enroll(
    event: StudentEnrolled,
    *,
    version: int,
    candidates: Aggregates[Candidate],
    rules: Rules,
    now: datetime,
) -> Candidate | None:
    """Take the roster's facts about a student, and return them; their grade may make a decision due."""
    enrollment = Enrollment(
        school_id=event.school_id,
        grade=event.grade,
        guardian_ids=event.guardian_ids,
        teacher_ids=event.teacher_ids,
    )

    def told(candidate: Candidate) -> Candidate:
        return candidate.enrolled(enrollment, version=version)

    return candidates.change(event.student_id, change(event.student_id, told, rules=rules, now=now))


def withdraw(
    event: StudentWithdrawn,
    *,
    version: int,
    candidates: Aggregates[Candidate],
    rules: Rules,
    now: datetime,
) -> Candidate | None:
    """Take it that a student left the district, and return them; nothing is decided until they come back."""

    def told(candidate: Candidate) -> Candidate:
        return candidate.withdrawn(version=version)

    return candidates.change(event.student_id, change(event.student_id, told, rules=rules, now=now))


def add_evidence(
    event: ArtifactScored,
    *,
    version: int,
    candidates: Aggregates[Candidate],
    rules: Rules,
    now: datetime,
) -> None:
    """Take an artifact's score, and decide again; the roster may name the student later."""
    entry = Evidence(
        artifact_id=event.artifact_id,
        skill_id=event.skill_id,
        grade=event.grade,
        levels=tuple((criterion.criterion_id, criterion.level) for criterion in event.criteria),
        mean_level=event.mean_level,
        scored_at=event.scored_at,
        version=version,
        assignment_id=event.assignment_id,
        nominated=event.nominated,
        readers=event.readers,
        school_id=event.school_id,
    )

    def told(candidate: Candidate) -> Candidate:
        return candidate.scored(entry)

    candidates.change(event.student_id, change(event.student_id, told, rules=rules, now=now))
