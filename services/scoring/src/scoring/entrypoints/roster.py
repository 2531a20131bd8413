"""The roster, as other services tell it."""

from __future__ import annotations

from chassis.messaging import consumes
from chassis.outbox import UnitOfWork
from chassis.service import Service
from contracts.artifacts import (
    STAFF_UPDATED,
    STUDENT_ENROLLED,
    STUDENT_WITHDRAWN,
    StaffUpdated,
    StudentEnrolled,
    StudentWithdrawn,
)
from scoring.repository import StaffCopies, StudentCopies


class RosterEvents(Service):
    """Keeps copies of the people."""

    @consumes(STAFF_UPDATED)
    def on_staff_updated(self, event: StaffUpdated, work: UnitOfWork) -> None:
        """Keep a copy of a staff member."""
        StaffCopies(work).take(event)

    @consumes(STUDENT_ENROLLED)
    def on_student_enrolled(self, event: StudentEnrolled, work: UnitOfWork) -> None:
        """Keep a copy of a student."""
        StudentCopies(work).take_enrolled(event)

    @consumes(STUDENT_WITHDRAWN)
    def on_student_withdrawn(self, event: StudentWithdrawn, work: UnitOfWork) -> None:
        """Keep that a student has left."""
        StudentCopies(work).take_withdrawn(event)
