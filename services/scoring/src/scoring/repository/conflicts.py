"""Whom and what a scorer knows: the roster, what they declared, and what they have read."""

from __future__ import annotations

from chassis.outbox import UnitOfWork
from scoring.domain.routing import Desk
from scoring.domain.tasks import Submission
from scoring.repository.copies import StaffCopies, StudentCopies
from scoring.repository.desks import Desks
from scoring.repository.tasks import Tasks


class Conflicts:
    """Answers for the scorers of a unit of work's district."""

    def __init__(self, work: UnitOfWork) -> None:
        self._staff = StaffCopies(work)
        self._students = StudentCopies(work)
        self._desks = Desks(work)
        self._tasks = Tasks(work)

    def concern(self, scorer_id: str, submission: Submission) -> bool:
        """Whether a scorer has to do with the school or the student, or has read the artifact already."""
        # The workflow knows of a read at once; the scorer's record hears of it a moment later.
        if self._tasks.count(readers=scorer_id, artifact_id=submission.artifact_id):
            return True
        if submission.student_id is None:
            return False
        desk = self._desks.find(scorer_id) or Desk(scorer_id=scorer_id)
        scorer = self._staff.find(scorer_id)
        student = self._students.find(submission.student_id)
        schools = {submission.school_id, student.school_id if student else None}
        posts = {post.school_id for post in scorer.posts} if scorer else set()
        return (
            bool(schools & (posts | desk.schools))
            or submission.student_id in desk.students
            or (student is not None and scorer_id in student.teacher_ids)
        )
