"""What routing needs of the roster: copies of staff and students, and the pool of those who may read."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from chassis.mongo import ReplicaRepository
from chassis.outbox import UnitOfWork
from contracts.artifacts import StaffUpdated, StudentEnrolled, StudentWithdrawn
from scoring.documents import PostAt, StaffCopy, StudentCopy
from scoring.domain import Post, Scorer, Student

#: How old a process's picture of a district's staff may be.
POOL_AGE_S = 5.0


class StaffCopies(ReplicaRepository[Scorer]):
    """Keeps copies of staff."""

    document = StaffCopy

    def take(self, event: StaffUpdated) -> None:
        """Keep what the roster says, if it is news."""
        posts = [PostAt(school_id=each.school_id, role=each.role) for each in event.posts]
        self.apply(event.staff_id, self.work.subject_version, {"posts": posts, "active": event.active})

    def to_value(self, document: Any) -> Scorer:
        """Return the scorer of a document."""
        posts = tuple(Post(school_id=each.school_id, role=each.role) for each in document.posts)
        return Scorer(staff_id=document.id, posts=posts, active=document.active)


class StudentCopies(ReplicaRepository[Student]):
    """Keeps copies of students."""

    document = StudentCopy
    student_field = "_id"

    def take_enrolled(self, event: StudentEnrolled) -> None:
        """Keep what the roster says, if it is news."""
        self._take(event.student_id, event.school_id, event.teacher_ids, enrolled=True)

    def take_withdrawn(self, event: StudentWithdrawn) -> None:
        """Keep that a student has left, if it is news; they come back with teachers of their own."""
        self._take(event.student_id, event.school_id, (), enrolled=False)

    def to_value(self, document: Any) -> Student:
        """Return the student of a document."""
        return Student(
            student_id=document.id,
            school_id=document.school_id,
            teacher_ids=frozenset(document.teacher_ids),
            enrolled=document.enrolled,
        )

    def _take(self, student_id: str, school_id: str, teachers: Sequence[str], *, enrolled: bool) -> None:
        fields = {"school_id": school_id, "teacher_ids": list(teachers), "enrolled": enrolled}
        self.apply(student_id, self.work.subject_version, fields)


class ScorerPool:
    """A process's picture of each district's active staff, so that not every artifact loads all of them.

    It may be POOL_AGE_S old. An empty picture is never kept: the first staff member counts at once.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, Sequence[Scorer]]] = {}

    def of(self, work: UnitOfWork) -> ActiveStaff:
        """Return the active staff of a unit of work's district."""
        return ActiveStaff(self, StaffCopies(work))

    def everybody(self, staff: StaffCopies) -> Sequence[Scorer]:
        """Return the active staff of the district, as old as POOL_AGE_S at most."""
        district = staff.work.district
        until, known = self._known.get(district, (0.0, ()))
        if known and self._clock() < until:
            return known
        loaded = staff.select(active=True)
        self._known[district] = (self._clock() + POOL_AGE_S, loaded)
        return loaded


class ActiveStaff:
    """The active staff of one district."""

    def __init__(self, pool: ScorerPool, staff: StaffCopies) -> None:
        self._pool = pool
        self._staff = staff

    def everybody(self) -> Sequence[Scorer]:
        """Return all of them."""
        return self._pool.everybody(self._staff)
