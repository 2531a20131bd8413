"""Gather what stands, and what is in the way of anything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from defenses.domain.availability import FamilyWindows, PublishedAvailability
from defenses.domain.defenses import Defense
from defenses.domain.repairing.disturbances import Disturbance
from defenses.domain.repairing.offers import SchoolOffer
from defenses.domain.repairing.placing import Search
from defenses.domain.repairing.policy import ChangePolicy
from defenses.domain.repairing.repairs import Repair
from defenses.domain.repairing.timetable import Timetable
from defenses.domain.scheduling.season import ReadyStudent
from defenses.use_cases.seasons import Desk, siblings_of, standing_defenses
from defenses.use_cases.stores import Aggregates


class ChangeDesk(Desk, Protocol):
    """All stores for changing what is planned, at one time."""

    @property
    def availabilities(self) -> Aggregates[PublishedAvailability]: ...
    @property
    def families(self) -> Aggregates[FamilyWindows]: ...
    @property
    def repairs(self) -> Aggregates[Repair]: ...
    @property
    def changes(self) -> ChangePolicy: ...


def timetable_around(
    defenses: Sequence[Defense],
    desk: Desk,
    *,
    offers: dict[str, SchoolOffer] | None = None,
    stand: Sequence[Defense] | None = None,
    disturbance: Disturbance | None = None,
    lost: Iterable[str] = (),
) -> Timetable:
    """Return the timetable of the schools of some defenses, with all that is known of their students.

    Args:
        defenses: at least one, all of one school year.
        desk: the stores.
        offers: of those schools, if the caller has them already.
        stand: the defenses of those schools and their people, if the caller has them already.
        disturbance: what is to be reckoned with though it is not yet stored.
        lost: panelists who are to be treated as if they had left.
    """
    found = offers if offers is not None else offers_of({each.school_id for each in defenses}, desk)
    panelists = sorted({panelist for offer in found.values() for panelist in offer.panelists})
    students = _students(defenses, found, disturbance, desk)
    siblings = {sibling for student in students.values() for sibling in student.siblings}
    known: tuple[list[str], list[str]] = ([], []) if stand is not None else (sorted(found), panelists)
    asked = standing_defenses(*known, siblings, defenses[0].school_year, desk)
    staff = desk.staff.existing(panelists)
    return Timetable(
        offers=found,
        students=students,
        gone=frozenset(each for each, member in staff.items() if not member.active) | frozenset(lost),
        panels=desk.panels,
        defenses=(*(stand or ()), *asked),
    )


def search_in(timetable: Timetable, desk: ChangeDesk) -> Search:
    """Return the search for places in a timetable."""
    return Search(timetable, desk.changes.disruption)


def offers_of(
    school_ids: Iterable[str], desk: Desk, disturbance: Disturbance | None = None
) -> dict[str, SchoolOffer]:
    """Return what schools offer, after a disturbance if there is one."""
    return {
        school_id: SchoolOffer(
            school_id,
            disturbance.left_of(found.availability) if disturbance else found.availability,
        )
        for school_id, found in desk.availabilities.existing(sorted(school_ids)).items()
    }


def _students(
    defenses: Sequence[Defense],
    offers: dict[str, SchoolOffer],
    disturbance: Disturbance | None,
    desk: Desk,
) -> dict[str, ReadyStudent]:
    ids = sorted({each.student_id for each in defenses})
    candidates = desk.candidates.existing(ids)
    siblings = siblings_of(list(candidates.values()), desk)
    told = desk.families.existing(ids)
    students = {}
    for defense in defenses:
        student_id = defense.student_id
        candidate = candidates.get(student_id)
        windows = told.get(student_id, FamilyWindows(student_id=student_id))
        asked = disturbance is not None and disturbance.student_id == student_id
        if disturbance is not None and asked and defense.school_id in offers:
            windows = disturbance.left_to(windows, offers[defense.school_id], now=desk.now)
        students[student_id] = ReadyStudent(
            student_id=student_id,
            transition=defense.transition,
            teacher_ids=candidate.teacher_ids if candidate else frozenset(),
            siblings=siblings.get(student_id, frozenset()),
            windows=windows,
        )
    return students
