"""What the goldens of readiness, opportunities and defenses stand for."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.unit.contracts.promises import (
    ARTIFACT,
    DEFENSE,
    EASTERN,
    GUARDIAN,
    OUTSIDER,
    SCHOOL,
    STUDENT,
    TEACHER,
    Promise,
)

from contracts.defenses import (
    DefenseCancelled,
    DefenseMoved,
    DefenseReseated,
    DefenseScheduled,
    OpportunityGap,
    OpportunityMissed,
    OpportunitySettled,
    ReadinessChanged,
    ReadinessChangedV2,
    Seat,
)

PROMISES = {
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
}
