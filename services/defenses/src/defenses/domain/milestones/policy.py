"""What a district asks of a milestone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Form:
    """One form that a milestone may take, such as a student-led conference.

    Attributes:
        names: what the district calls it, by BCP 47 language tag.
        has_levels: whether its record gives levels by skill.
    """

    form_id: str
    names: Mapping[str, str]
    has_levels: bool


@dataclass(frozen=True)
class Band:
    """Grades of which the same is asked: one of these forms by `due`, a month and a day."""

    grades: tuple[str, ...]
    forms: tuple[str, ...]
    due: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class MilestonePolicy:
    """One version of a district's rules for milestones.

    Attributes:
        bands: no grade is in two of them; a grade in none has no milestone.
        forms: by id.
        skills: ids of the skills for which levels may be given.
        lowest_level, highest_level: the scale of those levels.
    """

    version: str
    bands: tuple[Band, ...]
    forms: Mapping[str, Form]
    skills: tuple[str, ...]
    lowest_level: float
    highest_level: float

    def band(self, grade: str) -> Band | None:
        """Return what is asked of a grade; None if it has no milestone."""
        return next((band for band in self.bands if grade in band.grades), None)

    def due_on(self, grade: str, year: str, *, year_starts: tuple[int, int]) -> date | None:
        """Return the last day for a grade's milestone; None if it has none.

        Args:
            grade: such as `K` or `4`.
            year: the school year, such as `2026-27`.
            year_starts: month and day on which a school year begins.
        """
        band = self.band(grade)
        if band is None:
            return None
        first = int(year.partition("-")[0])
        return date(first if band.due >= year_starts else first + 1, *band.due)
