"""Let milestones follow their student to another school, or out of the district."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contracts.base import Fact
from defenses.domain.candidates import Candidate
from defenses.domain.milestones.milestones import Milestone
from defenses.domain.milestones.students import RosterStudent
from defenses.use_cases.milestones.desk import MilestoneDesk, milestone_id, year_of
from defenses.use_cases.milestones.news import news
from defenses.use_cases.stores import Decide


def follow_candidate(candidate: Candidate | None, *, desk: MilestoneDesk) -> None:
    """Let this year's milestone follow a student as soon as the roster has spoken of them.

    What comes too early for this, such as a milestone that is being planned just then, the sweep finds.

    Args:
        candidate: as the roster's news left them, so that old news moves nobody; None if there is nobody.
        desk: the stores.
    """
    if candidate is None:
        return
    student = RosterStudent(
        student_id=candidate.student_id,
        version=candidate.roster_version,
        school_id=candidate.school_id,
        grade=candidate.grade or "",
    )
    one_id = milestone_id(student.student_id, year_of(desk.now.date(), desk))
    desk.milestones.change(one_id, follow(student, desk))


def follow(student: RosterStudent, desk: MilestoneDesk) -> Decide[Milestone]:
    """Return the change of a milestone whose student may have moved; news of one who stays is not written."""

    def decide(found: Milestone | None) -> tuple[Milestone, Sequence[Fact]] | None:
        if found is None:
            return None
        after = found.followed(student, now=desk.now)
        if after == replace(found, roster_version=after.roster_version):
            return None
        return after, news(found, after, desk.policy)

    return decide
