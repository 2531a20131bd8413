"""Put a student's journey together."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from defenses.domain.candidates import Candidate
from defenses.domain.defenses import Defense
from defenses.domain.hearings.hearing import Hearing
from defenses.domain.journey.drawing import draw_journey
from defenses.domain.journey.journeys import Journey, Rules
from defenses.domain.milestones.milestones import Milestone
from defenses.domain.roster import UnknownStudentError
from defenses.use_cases.stores import Finder


class Records(Protocol):
    """Everything that is on record of the students whom the caller may see."""

    @property
    def candidates(self) -> Finder[Candidate]: ...
    @property
    def milestones(self) -> Finder[Milestone]: ...
    @property
    def defenses(self) -> Finder[Defense]: ...
    @property
    def hearings(self) -> Finder[Hearing]: ...


def show_journey(student_id: str, *, records: Records, rules: Rules, today: date) -> Journey:
    """Return a student's journey as of a day.

    Raises:
        UnknownStudentError: if no student of this id is known whom the caller may see.
    """
    candidate = records.candidates.find(student_id)
    if candidate is None:
        raise UnknownStudentError(f"there is no student {student_id}")
    return draw_journey(
        candidate,
        records.milestones.select(student_id=student_id),
        records.defenses.select(student_id=student_id),
        records.hearings.select(student_id=student_id),
        rules,
        today=today,
    )
