"""Defenses follow their students: who leaves the district needs none, who moves takes theirs along."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from contracts.base import Fact
from contracts.envelope import derived_id
from defenses.domain.defenses import (
    CANCELLED,
    STUDENT_LEFT,
    STUDENT_MOVED,
    TRANSFERRED,
    UNPLACED,
    Defense,
    Note,
    school_year,
)
from defenses.domain.repairing.disturbances import STUDENT_READY, Disturbance
from defenses.domain.repairing.repairs import Repair
from defenses.domain.roster import Pupil
from defenses.use_cases import repairs
from defenses.use_cases.announcing import news
from defenses.use_cases.repair_cases import NothingToPlaceError, UnknownSubjectError
from defenses.use_cases.seasons import Desk
from defenses.use_cases.stores import Decide
from defenses.use_cases.timetables import ChangeDesk

_BY = "roster"
_LEFT = "The student is at no school of the district any more."
_MOVED = "The student has moved to another school."


def strays(student_ids: Sequence[str], desk: Desk) -> list[Defense]:
    """Return the defenses ahead of some students that are not where the roster has the student."""
    ahead = [each for each in desk.defenses.select(student_id=sorted(student_ids)) if _lies_ahead(each, desk)]
    # Most news of the roster is about students who have no defense ahead of them.
    pupils = desk.pupils.existing([each.student_id for each in ahead]) if ahead else {}
    return [each for each in ahead if _followed(each, pupils.get(each.student_id), desk) is not None]


def follow(student_ids: Sequence[str], desk: Desk) -> None:
    """Bring the defenses ahead of some students in line with where the roster has them."""
    pupils = desk.pupils.existing(student_ids)
    desk.defenses.change_many(
        [
            (each.defense_id, _following(pupils.get(each.student_id), desk))
            for each in strays(student_ids, desk)
        ]
    )


def taken_along(student_id: str, desk: Desk) -> list[Defense]:
    """Return a student's defenses that wait for a place at the school to which they were taken along."""
    return [
        each
        for each in desk.defenses.select(student_id=student_id)
        if each.state == UNPLACED and each.history and each.history[-1].kind == TRANSFERRED
    ]


def place(moved: Defense, desk: ChangeDesk, *, breathe: Callable[[], None] = lambda: None) -> Repair | None:
    """Find a place at the new school for a defense that was taken along; it is proposed, not yet made.

    Returns:
        None if the student is not ready there, or the school offers nothing yet: a run finds them.
    """
    last = moved.history[-1]
    try:
        return repairs.propose(
            derived_id("transfer", moved.defense_id, moved.edition),
            Disturbance(kind=STUDENT_READY, student_id=moved.student_id),
            last.note,
            desk,
            # A family that knew of a place is told of the new one, whose revision says that it was.
            publish=moved.revision > 0,
            breathe=breathe,
        )
    except (NothingToPlaceError, UnknownSubjectError):
        return None


def _following(pupil: Pupil | None, desk: Desk) -> Decide[Defense]:
    def decide(found: Defense | None) -> tuple[Defense, Sequence[Fact]] | None:
        after = _followed(found, pupil, desk) if found is not None else None
        return None if after is None else (after, news(found, after))

    return decide


def _followed(defense: Defense, pupil: Pupil | None, desk: Desk) -> Defense | None:
    """Return a defense as the roster asks for it; None if it may stay as it is."""
    if pupil is None or not _lies_ahead(defense, desk):
        return None
    if pupil.school_id is None:
        note = Note(cause=STUDENT_LEFT, reason=_LEFT, by=_BY, at=desk.now)
        return defense.called_off(note, state=CANCELLED)
    if pupil.school_id != defense.school_id:
        note = Note(cause=STUDENT_MOVED, reason=_MOVED, by=_BY, at=desk.now)
        return defense.transferred(pupil.school_id, note)
    return None


def _lies_ahead(defense: Defense, desk: Desk) -> bool:
    if defense.stands:
        return defense.starts_at > desk.now
    year = school_year(desk.now.date(), starts=desk.season.year_starts)
    return defense.state == UNPLACED and defense.school_year == year
