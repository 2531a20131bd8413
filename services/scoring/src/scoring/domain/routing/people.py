"""The people whom routing knows, without their names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Post:
    """What somebody is at one school."""

    school_id: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """A staff member as the roster has them now; `active` is False once they have left."""

    staff_id: str
    posts: tuple[Post, ...]
    active: bool


@dataclass(frozen=True, kw_only=True)
class FormerTeacher:
    """Somebody who taught a student, and when that was last so."""

    staff_id: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Student:
    """What routing needs to know of a student; `enrolled` is False once no school has them."""

    student_id: str
    school_id: str
    teacher_ids: frozenset[str]
    enrolled: bool
    former_teachers: tuple[FormerTeacher, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What routing needs to know of a task that waits.

    Attributes:
        student_id, school_id: whose it is, and where it was made; None for a paper of no student.
        involved: who has read it, whether that counts or not, or may not open it again.
    """

    task_id: str
    student_id: str | None
    school_id: str | None
    involved: frozenset[str]
