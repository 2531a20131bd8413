"""What the use cases of milestones need."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from contracts.envelope import derived_id
from defenses.domain.defenses import school_year
from defenses.domain.milestones.milestones import Milestone
from defenses.domain.milestones.policy import MilestonePolicy
from defenses.domain.milestones.school_events import SchoolEvent
from defenses.domain.milestones.students import RosterStudent
from defenses.domain.roster import School
from defenses.use_cases.stores import Aggregates, Finder

#: Milestones that are written at once; between two such writes a lease is renewed.
BATCH = 100


class Milestones(Aggregates[Milestone], Protocol):
    """Milestones, of which a sweep reads no more than ids."""

    def settled(self, school_id: str, school_year: str, /) -> Collection[str]:
        """Return the ids of those that are on record or known to be overdue."""
        ...

    def open(self, school_id: str, school_year: str, /) -> Mapping[str, str]:
        """Return the ids of those that follow their student, by the student's id."""
        ...


class MilestoneDesk(Protocol):
    """All stores for one unit of work, at one time; `year_starts` is a month and a day."""

    @property
    def events(self) -> Aggregates[SchoolEvent]: ...
    @property
    def milestones(self) -> Milestones: ...
    @property
    def students(self) -> Finder[RosterStudent]: ...
    @property
    def schools(self) -> Finder[School]: ...
    @property
    def policy(self) -> MilestonePolicy: ...
    @property
    def year_starts(self) -> tuple[int, int]: ...
    @property
    def now(self) -> datetime: ...


#: The stage of a longer work to the desk for it; a stage is one cause, so that it is done once.
Desks = Callable[[str], MilestoneDesk]


def milestone_id(student_id: str, year: str) -> str:
    """Return the id of a student's milestone; a student has one in a school year."""
    return derived_id("milestone", student_id, year)


def local_day(moment: datetime, time_zone: str) -> date:
    """Return the day that it is at a school."""
    return moment.astimezone(ZoneInfo(time_zone)).date()


def year_of(day: date, desk: MilestoneDesk) -> str:
    """Return a day's school year."""
    return school_year(day, starts=desk.year_starts)


def new_milestone(student: RosterStudent, year: str, due_on: date | None) -> Milestone | None:
    """Return a student's milestone before anything is planned; None if none is due from them."""
    if student.school_id is None or due_on is None:
        return None
    return Milestone(
        milestone_id=milestone_id(student.student_id, year),
        student_id=student.student_id,
        school_id=student.school_id,
        grade=student.grade,
        school_year=year,
        due_on=due_on,
        roster_version=student.version,
    )
