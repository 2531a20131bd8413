"""What milestones need of the roster."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RosterStudent:
    """A student as the roster last named them.

    Attributes:
        version: of the roster's news; newer news has a higher one.
        school_id: None once the student has left the district.
        grade: empty once the student has left the district.
    """

    student_id: str
    version: int
    school_id: str | None
    grade: str = ""
    teacher_ids: tuple[str, ...] = ()
