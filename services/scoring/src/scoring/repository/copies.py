"""What routing needs of the roster: copies of staff and students.

Their values come straight from what is stored: by way of mongoengine that costs ten times as much.
"""

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

    def _value(self, raw: dict[str, Any]) -> Scorer:
        posts = tuple(Post(school_id=each["school_id"], role=each["role"]) for each in raw.get("posts", ()))
        return Scorer(staff_id=raw["_id"], posts=posts, active=raw["active"])


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

    def _value(self, raw: dict[str, Any]) -> Student:
        return Student(
            student_id=raw["_id"],
            school_id=raw["school_id"],
            teacher_ids=frozenset(raw.get("teacher_ids", ())),
            enrolled=raw["enrolled"],
            former_teachers=tuple(
                FormerTeacher(staff_id=each["staff_id"], until=each["until"])
                for each in raw.get("former_teachers", ())
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
