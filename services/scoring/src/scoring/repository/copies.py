"""What routing needs of the roster: copies of staff and students."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.mongo import ReplicaRepository
from contracts.artifacts import StaffUpdated, StudentEnrolled, StudentWithdrawn
from scoring.documents import PostAt, StaffCopy, StudentCopy
from scoring.domain.routing import FormerTeacher, Post, Scorer, Student


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
        about = {"grade": event.grade, "home_language": event.home_language}
        self._take(event.student_id, event.school_id, event.teacher_ids, enrolled=True, about=about)

    def take_withdrawn(self, event: StudentWithdrawn) -> None:
        """Keep that a student has left, if it is news; they come back with teachers of their own."""
        self._take(event.student_id, event.school_id, (), enrolled=False, about={})

    def to_value(self, document: Any) -> Student:
        """Return the student of a document."""
        return Student(
            student_id=document.id,
            school_id=document.school_id,
            teacher_ids=frozenset(document.teacher_ids),
            enrolled=document.enrolled,
            former_teachers=tuple(
                FormerTeacher(staff_id=each["staff_id"], until=each["until"])
                for each in document.former_teachers
            ),
        )

    def _take(
        self,
        student_id: str,
        school_id: str,
        teachers: Sequence[str],
        *,
        enrolled: bool,
        about: Mapping[str, str | None],
    ) -> None:
        known = self.find(student_id)
        former = {each.staff_id: each.until for each in known.former_teachers} if known else {}
        former |= dict.fromkeys(known.teacher_ids, self.work.now) if known else {}
        fields = {
            **about,
            "school_id": school_id,
            "teacher_ids": list(teachers),
            "enrolled": enrolled,
            # Whoever taught them before may not read them for a while either.
            "former_teachers": [
                {"staff_id": each, "until": until}
                for each, until in sorted(former.items())
                if each not in teachers
            ],
        }
        self.apply(student_id, self.work.subject_version, fields)
