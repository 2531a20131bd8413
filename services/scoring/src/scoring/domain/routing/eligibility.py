"""Whether one scorer may read one student's artifact."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

from scoring.domain.routing.desk import Desk
from scoring.domain.routing.people import Scorer, Student, Waiting
from scoring.domain.routing.rules import RoutingRule
from scoring.domain.tasks.states import Pool


def pools_of(scorer: Scorer, rule: RoutingRule) -> frozenset[Pool]:
    """Return what somebody may open: nothing, what scorers read, or what leads decide as well."""
    roles = {each.role for each in scorer.posts}
    if not scorer.active:
        return frozenset()
    lead = scorer.staff_id in rule.lead_ids or roles & rule.lead_roles
    reads = lead or roles & rule.roles
    return frozenset(([Pool.LEADS] if lead else []) + ([Pool.SCORERS] if reads else []))


def may_open(
    task: Waiting,
    scorer: Scorer,
    student: Student | None,
    desk: Desk,
    reads_of_student: int,
    *,
    rule: RoutingRule,
    at: datetime,
) -> bool:
    """Whether a scorer may open a task, by everything but their standing and their load.

    Args:
        task: what waits.
        scorer: who asks.
        student: whose it is; None while the roster has not told us of them, and then nobody may.
        desk: the scorer's declared conflicts.
        reads_of_student: how many of the student's artifacts the scorer has read this school year, or has
            open.
        rule: the district's.
        at: now.
    """
    if student is None or not student.enrolled or scorer.staff_id in task.involved:
        return False
    schools = {student.school_id, task.school_id}
    if any(post.school_id in schools for post in scorer.posts) or desk.schools & schools:
        return False
    if student.student_id in desk.students or _has_taught(scorer.staff_id, student, rule, at):
        return False
    return reads_of_student < rule.reads_of_student


def rank(task_id: str, scorer_id: str) -> bytes:
    """Return a scorer's place for a task: random, yet the same whoever asks; the greatest goes first.

    Source: Thaler and Ravishankar (1998), IEEE/ACM Transactions on Networking 6(1), pp. 1-14.
    """
    return blake2b(f"{task_id}\x1f{scorer_id}".encode(), digest_size=16).digest()


def year_began(at: datetime, year_starts: tuple[int, int]) -> datetime:
    """Return when the school year of a time began."""
    month, day = year_starts
    began = at.replace(month=month, day=day, hour=0, minute=0, second=0, microsecond=0)
    return began if began <= at else began.replace(year=at.year - 1)


def _has_taught(scorer_id: str, student: Student, rule: RoutingRule, at: datetime) -> bool:
    recent = (each.staff_id for each in student.former_teachers if at - each.until < rule.taught_within)
    return scorer_id in student.teacher_ids or scorer_id in recent
