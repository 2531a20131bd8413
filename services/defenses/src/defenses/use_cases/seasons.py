"""Gather what decides about one school's schedule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from contracts.envelope import derived_id
from defenses.domain.availability import FamilyWindows, PublishedAvailability
from defenses.domain.calibration import Calibration
from defenses.domain.defenses import Defense
from defenses.domain.hearings.hearing import Hearing
from defenses.domain.hearings.outcomes import OutcomeRule
from defenses.domain.readiness import MAY_DEFEND
from defenses.domain.repairing.policy import ChangePolicy
from defenses.domain.roster import Pupil, Staff
from defenses.domain.runs import ScheduleRun
from defenses.domain.scheduling.season import PanelPolicy, ReadyStudent, Season, SeasonPolicy, SeatRights
from defenses.domain.scheduling.waiting import Attempt, Waiting, redefense
from defenses.use_cases.stores import Aggregates, Finder

_FIRST = Attempt()


class Desk(Protocol):
    """All stores for one unit of work, at one time."""

    @property
    def runs(self) -> Aggregates[ScheduleRun]: ...
    @property
    def defenses(self) -> Aggregates[Defense]: ...
    @property
    def pupils(self) -> Finder[Pupil]: ...
    @property
    def availabilities(self) -> Finder[PublishedAvailability]: ...
    @property
    def families(self) -> Finder[FamilyWindows]: ...
    @property
    def staff(self) -> Finder[Staff]: ...
    @property
    def hearings(self) -> Finder[Hearing]: ...
    @property
    def calibrations(self) -> Finder[Calibration]: ...
    @property
    def panels(self) -> PanelPolicy: ...
    @property
    def season(self) -> SeasonPolicy: ...
    @property
    def changes(self) -> ChangePolicy: ...
    @property
    def outcomes(self) -> OutcomeRule: ...
    @property
    def now(self) -> datetime: ...


def defense_id(student_id: str, transition: str, year: str, attempt: int = 1) -> str:
    """Return the id of a student's defense; a redefense is a defense of its own."""
    parts = (student_id, transition, year) if attempt == 1 else (student_id, transition, year, attempt)
    return derived_id("defense", *parts)


def earliest_new_time(desk: Desk) -> datetime:
    """Return before when nobody is given a new time: a place must not be frozen as soon as it is told."""
    return desk.now + desk.changes.frozen


def waiting_at(school_id: str, year: str, desk: Desk) -> list[Waiting]:
    """Return a school's students who are to be placed in that year: for a defense or a redefense."""
    return waiting_among(desk.pupils.select(school_id=school_id, status=list(MAY_DEFEND)), year, desk)


def waiting_among(pupils: Iterable[Pupil], year: str, desk: Desk) -> list[Waiting]:
    """Return those of some students who may defend, and have no place, nor a cancellation, in that year."""
    ready = {defense_id(each.student_id, each.transition, year): each for each in pupils if each.may_defend}
    waiting = _without_place({one: Waiting(each, _FIRST) for one, each in ready.items()}, desk)
    held = [each for one, each in ready.items() if one not in waiting]
    again = {
        defense_id(each.student_id, each.transition, year, attempt.number): Waiting(each, attempt)
        for each, attempt in _redefenses(held, year, desk)
    }
    found = {**waiting, **_without_place(again, desk)}
    return [found[one] for one in sorted(found)]


def _without_place(wanted: Mapping[str, Waiting], desk: Desk) -> dict[str, Waiting]:
    known = desk.defenses.existing(wanted) if wanted else {}
    return {one: each for one, each in wanted.items() if one not in known or known[one].is_waiting}


def _redefenses(pupils: Sequence[Pupil], year: str, desk: Desk) -> list[tuple[Pupil, Attempt]]:
    heard = hearings_of([each.student_id for each in pupils], year, desk)
    found = [
        (each, redefense([one for one in heard[each.student_id] if one.matter.transition == each.transition]))
        for each in pupils
    ]
    return [(each, attempt) for each, attempt in found if attempt is not None]


def hearings_of(student_ids: Sequence[str], year: str, desk: Desk) -> Mapping[str, Sequence[Hearing]]:
    """Return the hearings of each of these students in a school year."""
    found: defaultdict[str, list[Hearing]] = defaultdict(list)
    for hearing in desk.hearings.select(student_id=sorted(student_ids)) if student_ids else ():
        if hearing.matter.school_year == year:
            found[hearing.student_id].append(hearing)
    return found


def gather_season(
    published: PublishedAvailability, waiting: Sequence[Waiting], year: str, desk: Desk
) -> Season:
    """Return the season of a school.

    Args:
        published: what the school offers.
        waiting: whom to schedule, all enrolled.
        year: the school year that the season lies in.
        desk: the stores.
    """
    panelists = [panelist.panelist_id for panelist in published.availability.panelists]
    siblings = siblings_of([each.pupil for each in waiting], desk)
    windows = desk.families.existing([each.pupil.student_id for each in waiting])
    return Season(
        school_id=published.school_id,
        availability=published.availability,
        students=tuple(
            ready_student(each, siblings[each.pupil.student_id], windows.get(each.pupil.student_id))
            for each in waiting
        ),
        fixed=standing_defenses(
            [published.school_id], panelists, frozenset().union(*siblings.values()), year, desk
        ),
        rights=rights_of(panelists, desk),
        panels=desk.panels,
        policy=desk.season,
        earliest=earliest_new_time(desk),
    )


def ready_student(waiting: Waiting, siblings: frozenset[str], windows: FamilyWindows | None) -> ReadyStudent:
    """Return a student as the schedule knows them."""
    pupil, attempt = waiting.pupil, waiting.attempt
    return ReadyStudent(
        student_id=pupil.student_id,
        transition=pupil.transition,
        teacher_ids=pupil.teacher_ids,
        siblings=siblings,
        windows=windows or FamilyWindows(student_id=pupil.student_id),
        attempt=attempt.number,
        heard_by=attempt.heard_by,
        defend_by=attempt.defend_by,
    )


def rights_of(panelists: Collection[str], desk: Desk) -> SeatRights:
    """Return who of these may take a seat."""
    staff = desk.staff.existing(panelists)
    gone = frozenset(staff_id for staff_id, found in staff.items() if not found.active)
    if not desk.outcomes.calibration_required:
        return SeatRights(gone)
    known = desk.calibrations.existing(panelists)
    until = {one: each.valid_until for one, each in known.items() if each.valid_until is not None}
    return SeatRights(gone, until)


def siblings_of(pupils: Sequence[Pupil], desk: Desk) -> dict[str, frozenset[str]]:
    """Return who shares a guardian with each of these students, of any school."""
    guardians = sorted({guardian for each in pupils for guardian in each.guardian_ids})
    families: dict[str, set[str]] = {guardian: set() for guardian in guardians}
    for found in desk.pupils.select(guardian_ids=guardians) if guardians else ():
        for guardian in found.guardian_ids & families.keys():
            families[guardian].add(found.student_id)
    return {
        each.student_id: frozenset().union(*(families[one] for one in each.guardian_ids)) - {each.student_id}
        for each in pupils
    }


def standing_defenses(
    school_ids: Collection[str],
    panelists: Collection[str],
    siblings: Collection[str],
    year: str,
    desk: Desk,
) -> tuple[Defense, ...]:
    """Return the defenses that stand, of these schools, of these people anywhere, and of siblings."""
    # By one indexed field each, and the year here: with another field the embedded store reads them all.
    asked = {"panelist_ids": panelists, "student_id": siblings}
    found = [
        each for name, ids in asked.items() if ids for each in desk.defenses.select(**{name: sorted(ids)})
    ]
    for school_id in sorted(school_ids):
        found += desk.defenses.select(school_id=school_id, school_year=year)
    return tuple(
        {each.defense_id: each for each in found if each.stands and each.school_year == year}.values()
    )
