"""Those who become ready, or are to defend again, after their school's schedule was published."""

from __future__ import annotations

from collections.abc import Callable

from contracts.envelope import derived_id
from defenses.domain.defenses import SCHEDULED, Note, school_year
from defenses.domain.repairing.disturbances import STUDENT_READY, Disturbance
from defenses.domain.repairing.policy import LatePolicy
from defenses.domain.repairing.repairs import PROPOSED, Repair
from defenses.domain.scheduling.waiting import Waiting
from defenses.use_cases import repairs
from defenses.use_cases.repair_cases import NothingToPlaceError, UnknownSubjectError
from defenses.use_cases.seasons import defense_id, waiting_at
from defenses.use_cases.timetables import ChangeDesk

_BY = "timer"
_LATE = "The student became ready, or lost a place, after the schedule was published."
_AGAIN = "The student is to defend again."


def waiting_late(school_id: str, desk: ChangeDesk) -> list[tuple[str, Waiting]]:
    """Return who waits for a place at a school whose schedule is published, with their defenses' ids."""
    published = desk.availabilities.find(school_id)
    if published is None:
        return []
    first = min(day.date for day in published.availability.days)
    year = school_year(first, starts=desk.season.year_starts)
    waiting = waiting_at(school_id, year, desk)
    if not waiting or not desk.defenses.select(school_id=school_id, school_year=year, state=SCHEDULED):
        return []
    return [
        (defense_id(each.pupil.student_id, each.pupil.transition, year, each.attempt.number), each)
        for each in waiting
    ]


def propose_place(
    one: str,
    waiting: Waiting,
    policy: LatePolicy,
    desk: ChangeDesk,
    *,
    breathe: Callable[[], None] = lambda: None,
) -> Repair | None:
    """Find a place in the published schedule, where nothing that is published moves; it is yet to be made.

    Args:
        one: id of the defense.
        waiting: whose it is.
        policy: says after what time a search that found nothing is made again.
        desk: the stores.
        breathe: called between steps of the search.

    Returns:
        None if there is no place, which the repair that is kept explains, or no need of one any more.
    """
    turn = int(desk.now.timestamp() // policy.again.total_seconds())
    known = desk.defenses.find(one)
    reason = _LATE if waiting.attempt.number == 1 else _AGAIN
    try:
        found = repairs.propose(
            derived_id("late", one, known.edition if known is not None else 0, turn),
            Disturbance(kind=STUDENT_READY, student_id=waiting.pupil.student_id),
            Note(cause=STUDENT_READY, reason=reason, by=_BY, at=desk.now),
            desk,
            breathe=breathe,
        )
    except (NothingToPlaceError, UnknownSubjectError):
        return None
    return found if found.state == PROPOSED and not found.unplaced else None
