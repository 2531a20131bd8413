"""A defense: one student before one panel, at one time in one room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

SCHEDULED = "scheduled"


class NoDefenseError(LookupError):
    """There is no such defense that the caller may see."""


@dataclass(frozen=True)
class PanelSeat:
    """One panelist with the panel role that they fill."""

    panelist_id: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Defense:
    """One student's defense.

    Attributes:
        school_year: such as `2026-27`; a student defends a transition once in it.
        revision: rises with each change that a family must hear of; 1 when first scheduled.
        starts_at, ends_at: aware, in UTC; the wall time of `time_zone` is what families are told.
        room_id, room: the room and what people at the school call it.
        run_id: the run that placed it.
    """

    defense_id: str
    student_id: str
    school_id: str
    transition: str
    school_year: str
    revision: int
    state: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    room_id: str
    room: str
    panel: tuple[PanelSeat, ...]
    run_id: str

    @property
    def panelist_ids(self) -> tuple[str, ...]:
        """Who sits on the panel."""
        return tuple(seat.panelist_id for seat in self.panel)


def school_year(day: date, *, starts: tuple[int, int]) -> str:
    """Return the school year of a day, such as `2026-27`.

    Args:
        day: any day.
        starts: month and day on which a school year begins.
    """
    first = day.year if (day.month, day.day) >= starts else day.year - 1
    return f"{first}-{(first + 1) % 100:02}"
