"""Gather what stands, and what is in the way of anything else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Protocol

from defenses.domain.availability import FamilyWindows, PublishedAvailability
from defenses.domain.defenses import Defense
from defenses.domain.repairing.disturbances import Disturbance
from defenses.domain.repairing.offers import SchoolOffer
from defenses.domain.repairing.placing import Search
from defenses.domain.repairing.repairs import Repair
from defenses.domain.repairing.timetable import Timetable
from defenses.domain.scheduling.season import ReadyStudent
from defenses.domain.scheduling.waiting import redefense
from defenses.use_cases.seasons import (
    Desk,
    earliest_new_time,
    hearings_of,
    rights_of,
    siblings_of,
    standing_defenses,
)
from defenses.use_cases.stores import Aggregates


class ChangeDesk(Desk, Protocol):
    """All stores for changing what is planned, at one time."""

    @property
    def availabilities(self) -> Aggregates[PublishedAvailability]: ...
    @property
    def families(self) -> Aggregates[FamilyWindows]: ...
    @property
    def repairs(self) -> Aggregates[Repair]: ...


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
    rights = rights_of(panelists, desk)
    return Timetable(
        offers=found,
        students=students,
        rights=replace(rights, gone=rights.gone | frozenset(lost)),
        panels=desk.panels,
        defenses=(*(stand or ()), *asked),
    )


def search_in(timetable: Timetable, desk: ChangeDesk) -> Search:
    """Return the search for places in a timetable."""
    return Search(timetable, desk.changes.disruption, earliest_new_time(desk))


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
    pupils = desk.pupils.existing(ids)
    siblings = siblings_of(list(pupils.values()), desk)
    told = desk.families.existing(ids)
    heard_by = _heard_by(defenses, desk)
    students = {}
    for defense in defenses:
        student_id = defense.student_id
        windows = told.get(student_id, FamilyWindows(student_id=student_id))
        asked = disturbance is not None and disturbance.student_id == student_id
        if disturbance is not None and asked and defense.school_id in offers:
            windows = disturbance.left_to(windows, offers[defense.school_id], now=desk.now)
        pupil = pupils.get(student_id)
        students[student_id] = ReadyStudent(
            student_id=student_id,
            transition=defense.transition,
            teacher_ids=pupil.teacher_ids if pupil else frozenset(),
            siblings=siblings.get(student_id, frozenset()),
            windows=windows,
            attempt=defense.attempt,
            heard_by=heard_by.get(student_id, frozenset()),
        )
    return students


def _heard_by(defenses: Sequence[Defense], desk: Desk) -> dict[str, frozenset[str]]:
    """Return who may not sit on the panels of those whose defense is a redefense."""
    again = {each.student_id: each for each in defenses if each.attempt > 1}
    heard = hearings_of(sorted(again), defenses[0].school_year, desk)
    found = {}
    for student_id, defense in again.items():
        mine = [each for each in heard.get(student_id, ()) if each.matter.transition == defense.transition]
        attempt = redefense(mine)
        found[student_id] = attempt.heard_by if attempt is not None else frozenset()
    return found
