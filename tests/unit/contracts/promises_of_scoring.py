"""What the goldens of scoring stand for."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.unit.contracts.promises import (
    ARTIFACT,
    SCHOOL,
    STUDENT,
    TEACHER,
    Promise,
)

from contracts.envelope import derived_id
from contracts.scoring import (
    ArtifactReturned,
    ArtifactScored,
    ArtifactUnscorable,
    CriterionScore,
    DeadlinePassed,
    LeaseWarned,
    ReadGiven,
    ReadLevel,
    ReviewDecided,
    SafeguardingRaised,
    ScoreQuarantined,
    ScorerPaused,
    ScorerSuspended,
)

PROMISES = {
    "scoring.artifact.scored.v1": Promise(
        ArtifactScored(
            artifact_id=ARTIFACT,
            student_id=STUDENT,
            school_id=SCHOOL,
            grade="5",
            skill_id="effective-communicator",
            rubric_id="effective-communicator-k-5",
            rubric_version="2026.1",
            criteria=(
                CriterionScore(
                    criterion_id="organization",
                    level=3.0,
                    feedback="Your claim comes first and the data follows.",
                ),
                CriterionScore(criterion_id="audience", level=2.5, feedback=""),
            ),
            mean_level=2.75,
            scored_at=datetime(2026, 10, 19, 20, 41, 7, tzinfo=UTC),
        ),
        (derived_id("scoring", "task", ARTIFACT), 4),
        datetime(2026, 10, 19, 20, 41, 7, tzinfo=UTC),
    ),
    "scoring.score.quarantined.v1": Promise(
        ScoreQuarantined(
            artifact_id=ARTIFACT,
            student_id=STUDENT,
            school_id=SCHOOL,
            skill_id="effective-communicator",
            quarantined_at=datetime(2026, 10, 21, 8, 15, tzinfo=UTC),
        ),
        (derived_id("scoring", "task", ARTIFACT), 5),
        datetime(2026, 10, 21, 8, 15, tzinfo=UTC),
    ),
    "scoring.review.decided.v1": Promise(
        ReviewDecided(
            artifact_id=ARTIFACT,
            student_id=STUDENT,
            school_id=SCHOOL,
            skill_id="effective-communicator",
            replaced=True,
            mean_before=2.0,
            mean_after=3.25,
            reason="2 scorers who had not read this work before gave it 3.25 on average.",
            decided_at=datetime(2026, 11, 9, 15, 2, tzinfo=UTC),
        ),
        (derived_id("scoring", "task", ARTIFACT), 11),
        datetime(2026, 11, 9, 15, 2, tzinfo=UTC),
    ),
    "scoring.read.given.v1": Promise(
        ReadGiven(
            task_id=derived_id("scoring", "task", ARTIFACT),
            artifact_id=ARTIFACT,
            purpose="artifact",
            stage="first",
            scorer_id=TEACHER,
            school_id=SCHOOL,
            skill_id="effective-communicator",
            band="K-5",
            rubric_id="effective-communicator-k-5",
            rubric_version="2026.1",
            levels=(
                ReadLevel(criterion_id="organization", level=3),
                ReadLevel(criterion_id="audience", level=2),
            ),
            lease_id="2f0c9d7e-58a1-5b62-9c3d-4e5f6a7b8c0b",
            leased_at=datetime(2026, 10, 19, 20, 30, tzinfo=UTC),
            given_at=datetime(2026, 10, 19, 20, 41, 7, tzinfo=UTC),
        ),
        (derived_id("scoring", "task", ARTIFACT), 3),
        datetime(2026, 10, 19, 20, 41, 7, tzinfo=UTC),
    ),
    "scoring.scorer.paused.v1": Promise(
        ScorerPaused(
            scorer_id=TEACHER,
            skill_id="effective-communicator",
            band="K-5",
            reads_since=datetime(2026, 10, 17, 9, 0, tzinfo=UTC),
            reason="seeds",
            paused_at=datetime(2026, 10, 21, 8, 14, 59, tzinfo=UTC),
        ),
        (TEACHER, 9),
        datetime(2026, 10, 21, 8, 14, 59, tzinfo=UTC),
    ),
    "scoring.artifact.returned.v1": Promise(
        ArtifactReturned(
            artifact_id=ARTIFACT,
            student_id=STUDENT,
            school_id=SCHOOL,
            skill_id="effective-communicator",
            reason="unreadable",
            returned_at=datetime(2026, 10, 14, 17, 5, 13, tzinfo=UTC),
        ),
        (derived_id("scoring", "task", ARTIFACT), 1),
        datetime(2026, 10, 14, 17, 5, 13, tzinfo=UTC),
    ),
    "scoring.artifact.unscorable.v1": Promise(
        ArtifactUnscorable(
            artifact_id=ARTIFACT,
            student_id=STUDENT,
            school_id=SCHOOL,
            skill_id="effective-communicator",
            code="blank",
            found_at=datetime(2026, 10, 19, 20, 35, tzinfo=UTC),
        ),
        (derived_id("scoring", "task", ARTIFACT), 3),
        datetime(2026, 10, 19, 20, 35, tzinfo=UTC),
    ),
    "scoring.safeguarding.raised.v1": Promise(
        SafeguardingRaised(
            task_id=derived_id("scoring", "task", ARTIFACT),
            artifact_id=ARTIFACT,
            student_id=STUDENT,
            school_id=SCHOOL,
            raised_at=datetime(2026, 10, 19, 20, 36, tzinfo=UTC),
        ),
        (derived_id("scoring", "task", ARTIFACT), 3),
        datetime(2026, 10, 19, 20, 36, tzinfo=UTC),
    ),
    "scoring.deadline.passed.v1": Promise(
        DeadlinePassed(
            task_id=derived_id("scoring", "task", ARTIFACT),
            stage="second",
            step="nudge",
            skill_id="effective-communicator",
            band="K-5",
            scorer_id=None,
            due_at=datetime(2026, 10, 22, 20, 41, 7, tzinfo=UTC),
            passed_at=datetime(2026, 10, 21, 23, 5, tzinfo=UTC),
        ),
        (derived_id("scoring", "task", ARTIFACT), 4),
        datetime(2026, 10, 21, 23, 5, tzinfo=UTC),
    ),
    "scoring.lease.warned.v1": Promise(
        LeaseWarned(
            task_id=derived_id("scoring", "task", ARTIFACT),
            scorer_id=TEACHER,
            expires_at=datetime(2026, 10, 22, 20, 30, tzinfo=UTC),
        ),
        (derived_id("scoring", "task", ARTIFACT), 3),
        datetime(2026, 10, 21, 20, 30, tzinfo=UTC),
    ),
    "scoring.scorer.suspended.v1": Promise(
        ScorerSuspended(
            scorer_id=TEACHER, expiries=2, suspended_at=datetime(2026, 10, 22, 20, 30, 3, tzinfo=UTC)
        ),
        (derived_id("scoring", "desk", "jcps", TEACHER), 2),
        datetime(2026, 10, 22, 20, 30, 3, tzinfo=UTC),
    ),
}
