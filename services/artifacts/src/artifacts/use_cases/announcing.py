"""The events of the roster and of artifacts, made of the values that they are about."""

from __future__ import annotations

from artifacts.domain.artifacts import Artifact
from artifacts.domain.people import Guardian, School, Staff, Student
from contracts import artifacts as events
from contracts.base import Fact


def school(value: School) -> Fact:
    """Say how a school is now."""
    return events.SCHOOL_UPDATED.says(
        events.SchoolUpdated(
            school_id=value.school_id, name=value.name, time_zone=value.time_zone, active=value.active
        )
    )


def staff(value: Staff) -> Fact:
    """Say how a staff member is now."""
    return events.STAFF_UPDATED.says(
        events.StaffUpdated(
            staff_id=value.staff_id,
            given_name=value.given_name,
            family_name=value.family_name,
            email=value.email,
            posts=tuple(events.Post(school_id=post.school_id, role=post.role) for post in value.posts),
            active=value.active,
        )
    )


def guardian(value: Guardian) -> Fact:
    """Say how a guardian is now."""
    return events.GUARDIAN_UPDATED.says(
        events.GuardianUpdated(
            guardian_id=value.guardian_id,
            given_name=value.given_name,
            family_name=value.family_name,
            language=value.language,
            email=value.email,
            phone=value.phone,
            relations=tuple(
                events.Relation(student_id=each.student_id, kind=each.kind, may_be_told=each.may_be_told)
                for each in value.relations
            ),
            consents=tuple(
                events.Consent(
                    channel=each.channel,
                    granted=each.granted,
                    source=each.source,
                    recorded_on=each.recorded_on,
                )
                for each in value.consents
            ),
            active=value.active,
        )
    )


def student(value: Student) -> Fact:
    """Say how a student is now, or that the district has them no more."""
    if not value.enrolled:
        return events.STUDENT_WITHDRAWN.says(
            events.StudentWithdrawn(student_id=value.student_id, school_id=value.school_id)
        )
    return events.STUDENT_ENROLLED.says(
        events.StudentEnrolled(
            student_id=value.student_id,
            school_id=value.school_id,
            grade=value.grade,
            given_name=value.given_name,
            family_name=value.family_name,
            home_language=value.home_language,
            guardian_ids=value.guardian_ids,
            teacher_ids=value.teacher_ids,
        )
    )


def artifact(value: Artifact) -> Fact:
    """Say that an artifact is stored."""
    return events.ARTIFACT_UPLOADED.says(
        events.ArtifactUploaded(
            artifact_id=value.artifact_id,
            student_id=value.student_id,
            school_id=value.school_id,
            grade=value.grade,
            skill_id=value.skill_id,
            title=value.title,
            reflection=value.reflection,
            sha256=value.sha256,
            size_bytes=value.size_bytes,
            media_type=value.media_type,
            uploaded_at=value.uploaded_at,
            assignment_id=value.assignment_id,
        )
    )
