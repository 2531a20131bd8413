"""Our copies of what the roster says about schools and staff."""

from __future__ import annotations

from dataclasses import dataclass

from defenses.domain.readiness import MAY_DEFEND


class UnknownSchoolError(LookupError):
    """The roster has named no such school in this district; `field` names it in a request's body."""

    def __init__(self, school_id: str, field: str = "") -> None:
        super().__init__(f"there is no school {school_id}")
        self.field = field


class UnknownStudentError(LookupError):
    """The roster has named no such student in this district, or the caller may not see them."""


@dataclass(frozen=True, kw_only=True)
class School:
    """A school; `time_zone` is an IANA name."""

    school_id: str
    name: str
    time_zone: str
    active: bool


@dataclass(frozen=True)
class Post:
    """What a staff member is at one school, in the roster's words."""

    school_id: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Staff:
    """A staff member; `active` is False once they have left the roster."""

    staff_id: str
    posts: tuple[Post, ...]
    active: bool


@dataclass(frozen=True, kw_only=True)
class Pupil:
    """What scheduling needs to know of a student, without what was scored.

    Attributes:
        school_id, grade: None while the student is not enrolled.
        status: readiness that holds now; None if nothing is decided.
        guardian_ids: siblings are students who share one.
    """

    student_id: str
    school_id: str | None
    grade: str | None
    status: str | None
    guardian_ids: frozenset[str] = frozenset()
    teacher_ids: frozenset[str] = frozenset()

    @property
    def may_defend(self) -> bool:
        """Whether the student is to have a defense; the transition is then that of their grade."""
        return self.status in MAY_DEFEND

    @property
    def transition(self) -> str:
        """The grade whose transition the student may defend now; empty if none."""
        return self.grade or "" if self.may_defend else ""
