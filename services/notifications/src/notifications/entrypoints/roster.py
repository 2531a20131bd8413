"""What the roster tells us about schools, students and guardians."""

from chassis.messaging import consumes
from chassis.outbox import UnitOfWork
from contracts.artifacts import (
    GUARDIAN_UPDATED,
    SCHOOL_UPDATED,
    STUDENT_ENROLLED,
    STUDENT_WITHDRAWN,
    GuardianUpdated,
    SchoolUpdated,
    StudentEnrolled,
    StudentWithdrawn,
)
from notifications.repository import MongoGuardians, MongoSchools, MongoStudents
from notifications.use_cases import copying


class RosterEvents:
    """Handles the roster's events."""

    @consumes(SCHOOL_UPDATED)
    def on_school_updated(self, event: SchoolUpdated, work: UnitOfWork) -> None:
        """Keep a copy of a school."""
        copying.keep_school(event, version=work.subject_version, schools=MongoSchools(work))

    @consumes(STUDENT_ENROLLED)
    def on_student_enrolled(self, event: StudentEnrolled, work: UnitOfWork) -> None:
        """Keep a copy of a student."""
        copying.keep_student(event, version=work.subject_version, students=MongoStudents(work))

    @consumes(STUDENT_WITHDRAWN)
    def on_student_withdrawn(self, event: StudentWithdrawn, work: UnitOfWork) -> None:
        """Keep that a student has left."""
        copying.keep_withdrawal(event, version=work.subject_version, students=MongoStudents(work))

    @consumes(GUARDIAN_UPDATED)
    def on_guardian_updated(self, event: GuardianUpdated, work: UnitOfWork) -> None:
        """Keep a copy of a guardian."""
        copying.keep_guardian(event, version=work.subject_version, guardians=MongoGuardians(work))
