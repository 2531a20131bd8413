"""What the roster tells us about students, schools and staff."""

from __future__ import annotations

from chassis.messaging import consumes
from chassis.outbox import UnitOfWork
from contracts.artifacts import (
    SCHOOL_UPDATED,
    STAFF_UPDATED,
    STUDENT_ENROLLED,
    STUDENT_WITHDRAWN,
    SchoolUpdated,
    StaffUpdated,
    StudentEnrolled,
    StudentWithdrawn,
)
from defenses.entrypoints.milestone_desk import StoredDesk
from defenses.entrypoints.transfers import RosterFollower
from defenses.repository import Candidates, Schools, StaffMembers
from defenses.use_cases import calendars, candidates
from defenses.use_cases.milestones import following


class RosterEvents(RosterFollower):
    """Handles the roster's events."""

    @consumes(STUDENT_ENROLLED)
    def on_student_enrolled(self, event: StudentEnrolled, work: UnitOfWork) -> None:
        """Take the roster's facts about a student, whose milestone follows them to another school."""
        candidate = candidates.enroll(
            event,
            version=work.subject_version,
            candidates=Candidates(work),
            rules=self.rules_for(work),
            now=work.now,
        )
        following.follow_candidate(candidate, desk=StoredDesk(work, self.policies))
        self.follow_student(event.student_id, work)

    @consumes(STUDENT_WITHDRAWN)
    def on_student_withdrawn(self, event: StudentWithdrawn, work: UnitOfWork) -> None:
        """Take it that a student left: what was planned for them is called off."""
        candidate = candidates.withdraw(
            event,
            version=work.subject_version,
            candidates=Candidates(work),
            rules=self.rules_for(work),
            now=work.now,
        )
        following.follow_candidate(candidate, desk=StoredDesk(work, self.policies))
        self.follow_student(event.student_id, work)

    @consumes(SCHOOL_UPDATED)
    def on_school_updated(self, event: SchoolUpdated, work: UnitOfWork) -> None:
        """Keep our copy of a school."""
        calendars.copy_school(event, version=work.subject_version, schools=Schools(work))

    @consumes(STAFF_UPDATED)
    def on_staff_updated(self, event: StaffUpdated, work: UnitOfWork) -> None:
        """Keep our copy of a staff member."""
        calendars.copy_staff(event, version=work.subject_version, staff=StaffMembers(work))
