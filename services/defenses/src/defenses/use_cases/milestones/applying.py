"""Let the milestones of all its students follow a school's event, however often a process dies on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from contracts.base import Fact
from defenses.domain.milestones import school_events
from defenses.domain.milestones.checking import double_reason, student_reason
from defenses.domain.milestones.milestones import Milestone
from defenses.domain.milestones.school_events import Refusal, SchoolEvent
from defenses.domain.milestones.students import RosterStudent
from defenses.use_cases.milestones.desk import BATCH, Desks, MilestoneDesk, milestone_id, new_milestone
from defenses.use_cases.milestones.news import news
from defenses.use_cases.stores import Decide


def apply_event(event: SchoolEvent, *, desks: Desks, still_ours: Callable[[], None]) -> None:
    """Apply one revision of an event.

    Students who moved away, or for whom something else was planned, since the event was asked for are noted
    with the event.

    Args:
        event: as it was found; a newer revision is applied after this one.
        desks: gives the stores for a stage.
        still_ours: called before each write of many; raises if another process has taken over.
    """
    # The cause of every milestone's change is the event's revision, whichever process does it.
    desk = desks(f"{event.event_id}:{event.revision}:students")
    left_out: list[Refusal] = []
    for first in range(0, len(event.student_ids), BATCH):
        still_ours()
        left_out += _apply_batch(event, event.student_ids[first : first + BATCH], desk)

    def decide(found: SchoolEvent | None) -> tuple[SchoolEvent, Sequence[Fact]] | None:
        assert found is not None  # events are never deleted
        applied = found.applied(event.revision, left_out)
        return None if applied is found else (applied, ())

    desks(f"{event.event_id}:{event.revision}:applied").events.change(event.event_id, decide)


def _apply_batch(event: SchoolEvent, student_ids: Sequence[str], desk: MilestoneDesk) -> list[Refusal]:
    students = desk.students.existing(student_ids)
    ids = {each: milestone_id(each, event.school_year) for each in student_ids}
    coming: list[tuple[str, Decide[Milestone]]] = []
    left_out: list[Refusal] = []
    for each in student_ids:
        student = students.get(each)
        gone = student_reason(student, event.school_id, event.form, desk.policy)
        if student is None or (gone and event.state == school_events.PLANNED):
            left_out.append(Refusal(each, gone))
        else:
            coming.append((ids[each], _follow(event, student, desk)))
    desk.milestones.change_many(coming)
    if event.state != school_events.PLANNED:
        return []
    # Those for whom something else was planned meanwhile.
    milestones = desk.milestones.existing([each for each, _ in coming]).values()
    elsewhere = [each for each in milestones if not each.follows(event)]
    return [*left_out, *(Refusal(each.student_id, double_reason(each)) for each in elsewhere)]


def _follow(event: SchoolEvent, student: RosterStudent, desk: MilestoneDesk) -> Decide[Milestone]:
    due_on = desk.policy.due_on(student.grade, event.school_year, year_starts=desk.year_starts)

    def decide(found: Milestone | None) -> tuple[Milestone, Sequence[Fact]] | None:
        before = found or new_milestone(student, event.school_year, due_on)
        if before is None:
            return None
        after = before.followed(student, now=desk.now).told(event)
        return None if after is before else (after, news(found, after, desk.policy))

    return decide
