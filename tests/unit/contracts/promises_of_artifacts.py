"""What the goldens of artifacts stand for."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tests.unit.contracts.promises import (
    ARTIFACT,
    GUARDIAN,
    SCHOOL,
    STUDENT,
    TEACHER,
    Promise,
)

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
}
