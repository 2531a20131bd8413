"""The golden payloads: what each event version looked like when it was promised. They are never edited."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from contracts import ALL_CONTRACTS, BY_TYPE
from contracts.artifacts import (
    ArtifactUploaded,
    Consent,
    GuardianUpdated,
    Post,
    Relation,
    SchoolUpdated,
    StaffUpdated,
    StudentEnrolled,
    StudentWithdrawn,
)
from contracts.base import Contract
from contracts.defenses import (
    DefenseCancelled,
    DefenseMoved,
    DefenseReseated,
    DefenseScheduled,
    FormName,
    HearingAdjourned,
    HearingAnnulled,
    HearingOpened,
    HearingRescored,
    IndicatorLevel,
    MilestoneCancelled,
    MilestoneLapsed,
    MilestoneMissed,
    MilestoneMoved,
    MilestonePlanned,
    MilestoneRecorded,
    OpportunityGap,
    OpportunityMissed,
    OpportunitySettled,
    OutcomeDecided,
    OutcomeReleased,
    PlanRecorded,
    ReadinessChanged,
    ReadinessChangedV2,
    RedefenseRequested,
    RoundClosed,
    Seat,
    SheetSubmitted,
    SkillLevel,
)
from contracts.envelope import Envelope, derived_id, parse, seal
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

GOLDEN = Path(__file__).parents[3] / "libs" / "contracts" / "golden"

SCHOOL = "8a3c2f0e-51b7-5d0e-a7a4-0f6f0c1d2e01"
STUDENT = "c1f5b7a2-9d64-5a3b-8f2e-6b0d4e7a1c02"
GUARDIAN = "5e9d8c7b-1a2f-5c4d-9e8f-7a6b5c4d3e03"
TEACHER = "2b4d6f8a-3c5e-57a9-bcde-f01234567804"
OUTSIDER = "7f6e5d4c-2b1a-5f0e-8d9c-8b7a69584705"
ARTIFACT = "d0c1b2a3-4f5e-56d7-98c8-b7a697887906"
DEFENSE = "fe1d2c3b-4a59-5687-a796-85746352410a"
EASTERN = timezone(timedelta(hours=-4))


@dataclass(frozen=True)
class Promise:
    """What the golden of one event version stands for: its data, its aggregate and when it happened."""

    data: Any
    subject: tuple[str, int]
    time: datetime
    traceparent: str | None = None


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

#: What a hearing's events say alike: the first sitting of a defense.
HEARING: dict[str, Any] = {
    "hearing_id": "4f0d6b92-17c3-5a8e-b0d4-2e6a9c1f7b30",
    "defense_id": DEFENSE,
    "student_id": STUDENT,
    "school_id": SCHOOL,
    "transition": "5",
    "attempt": 1,
    "sitting": 1,
}


PROMISES = {
    "artifacts.school.updated.v1": Promise(
        SchoolUpdated(
            school_id=SCHOOL,
            name="Willow Creek Elementary",
            time_zone="America/Kentucky/Louisville",
            active=True,
        ),
        (SCHOOL, 1),
        datetime(2026, 8, 3, 6, 0, tzinfo=UTC),
    ),
    "artifacts.student.enrolled.v1": Promise(
        StudentEnrolled(
            student_id=STUDENT,
            school_id=SCHOOL,
            grade="5",
            given_name="Nayeli",
            family_name="Figueroa Peña",
            home_language="es",
            guardian_ids=(GUARDIAN,),
            teacher_ids=(TEACHER,),
        ),
        (STUDENT, 3),
        datetime(2026, 8, 3, 6, 0, 12, 500_000, tzinfo=UTC),
    ),
    "artifacts.student.withdrawn.v1": Promise(
        StudentWithdrawn(student_id=STUDENT, school_id=SCHOOL),
        (STUDENT, 4),
        datetime(2027, 1, 11, 6, 0, 3, tzinfo=UTC),
    ),
    "artifacts.guardian.updated.v1": Promise(
        GuardianUpdated(
            guardian_id=GUARDIAN,
            given_name="Itzel",
            family_name="Peña",
            language="es-MX",
            email="itzel.pena@example.org",
            phone="+15025550143",
            relations=(Relation(student_id=STUDENT, kind="parent", may_be_told=True),),
            consents=(
                Consent(
                    channel="email",
                    granted=True,
                    source="enrollment-form",
                    recorded_on=date(2026, 7, 21),
                ),
                Consent(
                    channel="sms",
                    granted=False,
                    source="enrollment-form",
                    recorded_on=date(2026, 7, 21),
                ),
            ),
            active=True,
        ),
        (GUARDIAN, 2),
        datetime(2026, 8, 3, 6, 0, 9, tzinfo=UTC),
    ),
    "artifacts.staff.updated.v1": Promise(
        StaffUpdated(
            staff_id=TEACHER,
            given_name="Orla",
            family_name="McTavish-Boone",
            email=None,
            posts=(Post(school_id=SCHOOL, role="teacher"),),
            active=True,
        ),
        (TEACHER, 1),
        datetime(2026, 8, 3, 6, 0, 5, tzinfo=UTC),
    ),
    "artifacts.artifact.uploaded.v1": Promise(
        ArtifactUploaded(
            artifact_id=ARTIFACT,
            student_id=STUDENT,
            school_id=SCHOOL,
            grade="5",
            skill_id="effective-communicator",
            title="How we saved the creek 🌱",
            reflection="I explained our data to the class.\nNext time I will speak slower.",
            sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            size_bytes=482_113,
            media_type="application/pdf",
            uploaded_at=datetime(2026, 10, 14, 17, 5, 12, 123_456, tzinfo=UTC),
        ),
        (ARTIFACT, 1),
        datetime(2026, 10, 14, 17, 5, 12, 123_456, tzinfo=UTC),
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ),
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
    "defenses.readiness.changed.v1": Promise(
        ReadinessChanged(
            student_id=STUDENT,
            school_id=SCHOOL,
            transition="5",
            status="READY",
            previous_status="INSUFFICIENT_EVIDENCE",
            rule_version="2026.1",
            explanation={
                "id": "transition",
                "met": True,
                "observed": None,
                "required": 1,
                "artifact_ids": [],
                "clauses": [
                    {
                        "id": "effective-communicator.mean",
                        "met": True,
                        "observed": 2.75,
                        "required": 2.5,
                        "artifact_ids": [ARTIFACT],
                        "clauses": [],
                    }
                ],
            },
            input_hash="2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            decided_at=datetime(2027, 3, 1, 14, 22, 50, tzinfo=UTC),
        ),
        (STUDENT, 27),
        datetime(2027, 3, 1, 14, 22, 50, tzinfo=UTC),
    ),
    "defenses.readiness.changed.v2": Promise(
        ReadinessChangedV2(
            student_id=STUDENT,
            school_id=SCHOOL,
            transition="5",
            status="WAIVED",
            previous_status="INSUFFICIENT_EVIDENCE",
            rule_version="2026.1",
            explanation={
                "id": "readiness",
                "met": True,
                "observed": 0,
                "required": 1,
                "artifact_ids": [],
                "clauses": [
                    {
                        "id": "effective-communicator",
                        "met": False,
                        "observed": 0,
                        "required": 1,
                        "artifact_ids": [ARTIFACT],
                        "clauses": [
                            {
                                "id": "evidence",
                                "met": False,
                                "observed": 1,
                                "required": 2,
                                "artifact_ids": [ARTIFACT],
                                "clauses": [],
                            }
                        ],
                    },
                    {
                        "id": "waiver",
                        "met": True,
                        "observed": 1,
                        "required": 1,
                        "artifact_ids": [],
                        "clauses": [],
                    },
                ],
            },
            snapshot={
                "transition": "5",
                "as_of": "2027-03-01",
                "evidence": [
                    {
                        "artifact_id": ARTIFACT,
                        "skill_id": "effective-communicator",
                        "grade": "5",
                        "levels": [["claim", 3.0], ["audience", 2.5]],
                        "mean_level": 2.75,
                        "scored_at": "2026-10-19T20:41:07+00:00",
                    }
                ],
                "exceptions": [
                    {
                        "exception_id": "late-transfer",
                        "kind": "waiver",
                        "min_artifacts": None,
                        "skills": [],
                    }
                ],
            },
            input_hash="2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
            decided_at=datetime(2027, 3, 1, 14, 22, 50, tzinfo=UTC),
        ),
        (STUDENT, 28),
        datetime(2027, 3, 1, 14, 22, 50, tzinfo=UTC),
    ),
    "defenses.opportunity.missed.v1": Promise(
        OpportunityMissed(
            student_id=STUDENT,
            school_id=SCHOOL,
            transition="5",
            gaps=(
                OpportunityGap(
                    skill_id="effective-communicator",
                    clause="evidence",
                    observed=1,
                    required=2,
                    since=date(2027, 1, 15),
                ),
            ),
        ),
        (STUDENT, 25),
        datetime(2027, 1, 15, 0, 0, 5, tzinfo=UTC),
    ),
    "defenses.opportunity.settled.v1": Promise(
        OpportunitySettled(
            student_id=STUDENT,
            school_id=SCHOOL,
            skill_ids=("effective-communicator",),
            gaps=(),
        ),
        (STUDENT, 28),
        datetime(2027, 3, 1, 14, 22, 50, tzinfo=UTC),
    ),
    "defenses.defense.scheduled.v1": Promise(
        DefenseScheduled(
            defense_id=DEFENSE,
            revision=1,
            student_id=STUDENT,
            school_id=SCHOOL,
            transition="5",
            starts_at=datetime(2027, 4, 20, 13, 30, tzinfo=EASTERN),
            ends_at=datetime(2027, 4, 20, 14, 0, tzinfo=EASTERN),
            time_zone="America/Kentucky/Louisville",
            room="Room 112",
            panel=(Seat(panelist_id=TEACHER, role="teacher"), Seat(panelist_id=OUTSIDER, role="outside")),
        ),
        (DEFENSE, 1),
        datetime(2027, 3, 15, 12, 0, tzinfo=UTC),
    ),
    "defenses.defense.moved.v1": Promise(
        DefenseMoved(
            defense_id=DEFENSE,
            revision=2,
            student_id=STUDENT,
            school_id=SCHOOL,
            transition="5",
            starts_at=datetime(2027, 4, 21, 9, 0, tzinfo=EASTERN),
            ends_at=datetime(2027, 4, 21, 9, 30, tzinfo=EASTERN),
            time_zone="America/Kentucky/Louisville",
            room="Library",
            panel=(Seat(panelist_id=TEACHER, role="teacher"), Seat(panelist_id=OUTSIDER, role="outside")),
            previous_starts_at=datetime(2027, 4, 20, 13, 30, tzinfo=EASTERN),
            previous_ends_at=datetime(2027, 4, 20, 14, 0, tzinfo=EASTERN),
            previous_room="Room 112",
            previous_panel=(
                Seat(panelist_id=TEACHER, role="teacher"),
                Seat(panelist_id=OUTSIDER, role="outside"),
            ),
            cause="day_lost",
            reason="The school is closed because of snow.",
        ),
        (DEFENSE, 3),
        datetime(2027, 4, 19, 21, 10, tzinfo=UTC),
    ),
    "defenses.defense.reseated.v1": Promise(
        DefenseReseated(
            defense_id=DEFENSE,
            revision=1,
            student_id=STUDENT,
            school_id=SCHOOL,
            transition="5",
            starts_at=datetime(2027, 4, 20, 13, 30, tzinfo=EASTERN),
            ends_at=datetime(2027, 4, 20, 14, 0, tzinfo=EASTERN),
            time_zone="America/Kentucky/Louisville",
            room="Room 112",
            panel=(Seat(panelist_id=GUARDIAN, role="teacher"), Seat(panelist_id=OUTSIDER, role="outside")),
            previous_starts_at=datetime(2027, 4, 20, 13, 30, tzinfo=EASTERN),
            previous_ends_at=datetime(2027, 4, 20, 14, 0, tzinfo=EASTERN),
            previous_room="Room 112",
            previous_panel=(
                Seat(panelist_id=TEACHER, role="teacher"),
                Seat(panelist_id=OUTSIDER, role="outside"),
            ),
            cause="panelist_lost",
            reason="A panelist is ill.",
        ),
        (DEFENSE, 2),
        datetime(2027, 4, 18, 15, 0, tzinfo=UTC),
    ),
    "defenses.defense.cancelled.v1": Promise(
        DefenseCancelled(
            defense_id=DEFENSE,
            revision=3,
            student_id=STUDENT,
            school_id=SCHOOL,
            transition="5",
            starts_at=datetime(2027, 4, 21, 9, 0, tzinfo=EASTERN),
            time_zone="America/Kentucky/Louisville",
            to_be_rescheduled=True,
            cause="room_lost",
            reason="The library is under water.",
        ),
        (DEFENSE, 4),
        datetime(2027, 4, 20, 11, 30, tzinfo=UTC),
    ),
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
    "defenses.hearing.opened.v1": Promise(
        HearingOpened(
            **HEARING,
            form="in_person",
            panel=(Seat(panelist_id=TEACHER, role="teacher"), Seat(panelist_id=OUTSIDER, role="outside")),
            indicators=("claim-and-evidence", "reflection"),
            opened_at=datetime(2027, 4, 20, 17, 31, 4, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 1),
        datetime(2027, 4, 20, 17, 31, 4, tzinfo=UTC),
    ),
    "defenses.hearing.adjourned.v1": Promise(
        HearingAdjourned(
            **HEARING,
            cause="interrupted",
            adjourned_at=datetime(2027, 4, 20, 17, 40, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 2),
        datetime(2027, 4, 20, 17, 40, tzinfo=UTC),
    ),
    "defenses.hearing.annulled.v1": Promise(
        HearingAnnulled(**HEARING, annulled_at=datetime(2027, 4, 22, 13, 0, tzinfo=UTC)),
        (HEARING["hearing_id"], 7),
        datetime(2027, 4, 22, 13, 0, tzinfo=UTC),
    ),
    "defenses.sheet.submitted.v1": Promise(
        SheetSubmitted(
            **HEARING,
            panelist_id=TEACHER,
            round=1,
            submitted_at=datetime(2027, 4, 20, 17, 58, 30, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 2),
        datetime(2027, 4, 20, 17, 58, 30, tzinfo=UTC),
    ),
    "defenses.round.closed.v1": Promise(
        RoundClosed(
            **HEARING,
            round=1,
            counted=(TEACHER, OUTSIDER),
            absent=(),
            levels=(
                IndicatorLevel(indicator_id="claim-and-evidence", level=3.0),
                IndicatorLevel(indicator_id="reflection", level=2.0),
            ),
            apart=("reflection",),
            closed_at=datetime(2027, 4, 20, 18, 1, 12, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 3),
        datetime(2027, 4, 20, 18, 1, 12, tzinfo=UTC),
    ),
    "defenses.outcome.decided.v1": Promise(
        OutcomeDecided(
            **HEARING,
            record_version=1,
            outcome="NOT_YET",
            levels=(
                IndicatorLevel(indicator_id="claim-and-evidence", level=3.0),
                IndicatorLevel(indicator_id="reflection", level=2.0),
            ),
            unmet=("reflection",),
            rule_version="2026.1",
            explanation={
                "id": "outcome",
                "met": False,
                "observed": 1,
                "required": 2,
                "artifact_ids": [],
                "clauses": [
                    {
                        "id": "reflection",
                        "met": False,
                        "observed": 2.0,
                        "required": 2.5,
                        "artifact_ids": [],
                        "clauses": [],
                    }
                ],
            },
            input_hash="fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9",
            decided_at=datetime(2027, 4, 20, 18, 9, 45, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 5),
        datetime(2027, 4, 20, 18, 9, 45, tzinfo=UTC),
    ),
    "defenses.outcome.released.v1": Promise(
        OutcomeReleased(
            **HEARING,
            record_version=1,
            outcome="NOT_YET",
            unmet=("reflection",),
            plan_due_on=date(2027, 4, 27),
            defend_by=date(2027, 5, 18),
            released_at=datetime(2027, 4, 21, 12, 0, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 6),
        datetime(2027, 4, 21, 12, 0, tzinfo=UTC),
    ),
    "defenses.redefense.requested.v1": Promise(
        RedefenseRequested(
            **HEARING,
            record_version=1,
            indicators=("reflection",),
            plan_due_on=date(2027, 4, 27),
            defend_by=date(2027, 5, 18),
            excluded_panelist_ids=(TEACHER, OUTSIDER),
            requested_at=datetime(2027, 4, 20, 18, 9, 45, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 5),
        datetime(2027, 4, 20, 18, 9, 45, tzinfo=UTC),
    ),
    "defenses.plan.recorded.v1": Promise(
        PlanRecorded(
            **HEARING,
            record_version=1,
            plan_version=1,
            indicators=("reflection",),
            recorded_at=datetime(2027, 4, 23, 14, 5, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 7),
        datetime(2027, 4, 23, 14, 5, tzinfo=UTC),
    ),
    "defenses.hearing.rescored.v1": Promise(
        HearingRescored(
            **HEARING,
            record_version=1,
            differences=(
                IndicatorLevel(indicator_id="claim-and-evidence", level=-1.0),
                IndicatorLevel(indicator_id="reflection", level=0.5),
            ),
            same_outcome=True,
            rescored_at=datetime(2027, 5, 3, 15, 20, tzinfo=UTC),
        ),
        (HEARING["hearing_id"], 7),
        datetime(2027, 5, 3, 15, 20, tzinfo=UTC),
    ),
}

each_contract = pytest.mark.parametrize("contract", ALL_CONTRACTS, ids=lambda contract: contract.type)


def _text(contract: Contract[Any]) -> str:
    return (GOLDEN / f"{contract.type}.json").read_text(encoding="utf-8")


def _golden(contract: Contract[Any]) -> Envelope:
    return parse(_text(contract).encode())


def test_every_contract_has_exactly_one_golden_and_one_promise() -> None:
    goldens = sorted(path.name for path in GOLDEN.iterdir())

    assert goldens == sorted(f"{contract.type}.json" for contract in ALL_CONTRACTS)
    assert sorted(PROMISES) == sorted(contract.type for contract in ALL_CONTRACTS)


def test_no_two_contracts_share_a_type() -> None:
    assert list(BY_TYPE.values()) == list(ALL_CONTRACTS)


@each_contract
def test_the_golden_is_what_it_promised(contract: Contract[Any]) -> None:
    promise = PROMISES[contract.type]
    golden = _golden(contract)

    assert contract.load(golden.data) == promise.data
    assert (golden.subject, golden.subject_version) == promise.subject
    assert (golden.time, golden.traceparent, golden.district) == (promise.time, promise.traceparent, "jcps")
    assert (golden.type, golden.source) == (contract.type, f"/backpack/{contract.producer}")


@each_contract
def test_saying_it_again_gives_the_same_bytes(contract: Contract[Any]) -> None:
    promise = PROMISES[contract.type]

    said = seal(
        contract,
        promise.data,
        subject=promise.subject,
        district="jcps",
        time=promise.time,
        traceparent=promise.traceparent,
    )

    assert json.dumps(said.to_wire(), indent=2, ensure_ascii=False) + "\n" == _text(contract)
    assert said.to_bytes() == json.dumps(json.loads(_text(contract)), ensure_ascii=False).encode()


@each_contract
def test_the_goldens_id_is_derived_from_producer_subject_version_and_type(contract: Contract[Any]) -> None:
    golden = _golden(contract)

    assert golden.id == derived_id(contract.producer, golden.subject, golden.subject_version, contract.type)


@each_contract
def test_a_parsed_golden_travels_on_unchanged(contract: Contract[Any]) -> None:
    golden = _golden(contract)

    assert parse(golden.to_bytes()) == golden
    assert contract.dump(contract.load(golden.data)) == golden.data
