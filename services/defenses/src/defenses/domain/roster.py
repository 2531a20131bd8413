"""Our copies of what the roster says about schools and staff."""

from __future__ import annotations

from dataclasses import dataclass


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
