"""Again and again: let milestones follow their students, and find those that are overdue."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date

from contracts.base import Fact
from defenses.domain.milestones.milestones import Milestone
from defenses.domain.milestones.students import RosterStudent
from defenses.domain.roster import School
from defenses.use_cases.milestones.desk import (
    BATCH,
    Desks,
    MilestoneDesk,
    local_day,
    milestone_id,
    new_milestone,
    year_of,
)
from defenses.use_cases.milestones.following import follow
from defenses.use_cases.milestones.news import news
from defenses.use_cases.stores import Decide


def sweep_school(school: School, turn: str, *, desks: Desks, still_ours: Callable[[], None]) -> int:
    """Look after the milestones of one school.

    Args:
        school: any school of the district.
        turn: names the sweep, and is its cause: doing one twice says nothing new.
        desks: gives the stores for a stage.
        still_ours: called before each write of many; raises if another process has taken over.

    Returns:
        How many milestones were written.
    """
    desk = desks(f"{turn}:{school.school_id}")
    today = local_day(desk.now, school.time_zone)
    year = year_of(today, desk)
    enrolled = {each.student_id: each for each in desk.students.select(school_id=school.school_id)}
    changes = [
        *_lapses(enrolled.values(), school, year, today, desk),
        *_strays(enrolled, school, year, desk),
    ]
    written = 0
    for first in range(0, len(changes), BATCH):
        still_ours()
        written += desk.milestones.change_many(changes[first : first + BATCH])
    return written


def _lapses(
    enrolled: Collection[RosterStudent], school: School, year: str, today: date, desk: MilestoneDesk
) -> list[tuple[str, Decide[Milestone]]]:
    settled = desk.milestones.settled(school.school_id, year)
    late = []
    for student in enrolled:
        due_on = desk.policy.due_on(student.grade, year, year_starts=desk.year_starts)
        one_id = milestone_id(student.student_id, year)
        if due_on is not None and due_on < today and one_id not in settled:
            late.append((one_id, _lapse(student, year, due_on, desk)))
    return late


def _lapse(student: RosterStudent, year: str, due_on: date, desk: MilestoneDesk) -> Decide[Milestone]:
    def decide(found: Milestone | None) -> tuple[Milestone, Sequence[Fact]] | None:
        before = found or new_milestone(student, year, due_on)
        assert before is not None  # one is due from an enrolled student
        after = before.followed(student, now=desk.now).lapsed()
        return None if after is before else (after, news(found, after, desk.policy))

    return decide


def _strays(
    enrolled: Collection[str], school: School, year: str, desk: MilestoneDesk
) -> list[tuple[str, Decide[Milestone]]]:
    """Return the changes of milestones whose student is not at the school any more."""
    followed = desk.milestones.open(school.school_id, year)
    gone = {student_id: one for student_id, one in followed.items() if student_id not in enrolled}
    students = desk.students.existing(gone) if gone else {}
    return [(gone[each], follow(student, desk)) for each, student in students.items()]
