"""Gather what decides about one school's schedule."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from contracts.envelope import derived_id
from defenses.domain.availability import FamilyWindows, PublishedAvailability
from defenses.domain.candidates import Candidate
from defenses.domain.defenses import UNPLACED, Defense
from defenses.domain.readiness import MAY_DEFEND
from defenses.domain.roster import Staff
from defenses.domain.runs import ScheduleRun
from defenses.domain.scheduling.season import PanelPolicy, ReadyStudent, Season, SeasonPolicy
from defenses.use_cases.stores import Aggregates, Finder


class Desk(Protocol):
    """All stores for one unit of work, at one time."""

    @property
    def runs(self) -> Aggregates[ScheduleRun]: ...
    @property
    def defenses(self) -> Aggregates[Defense]: ...
    @property
    def candidates(self) -> Finder[Candidate]: ...
    @property
    def availabilities(self) -> Finder[PublishedAvailability]: ...
    @property
    def families(self) -> Finder[FamilyWindows]: ...
    @property
    def staff(self) -> Finder[Staff]: ...
    @property
    def panels(self) -> PanelPolicy: ...
    @property
    def season(self) -> SeasonPolicy: ...
    @property
    def now(self) -> datetime: ...


def defense_id(student_id: str, transition: str, year: str) -> str:
    """Return the id of a student's defense; a student defends a transition once in a school year."""
    return derived_id("defense", student_id, transition, year)


def waiting_candidates(school_id: str, year: str, desk: Desk) -> list[Candidate]:
    """Return a school's students who are ready and have no place, nor a cancellation, in that year."""
    ready = {
        defense_id(each.student_id, each.transition, year): each
        for each in desk.candidates.select(school_id=school_id, status=list(MAY_DEFEND))
    }
    placed = desk.defenses.existing(ready)
    return [each for one, each in sorted(ready.items()) if one not in placed or placed[one].state == UNPLACED]


def gather_season(
    published: PublishedAvailability, waiting: Sequence[Candidate], year: str, desk: Desk
) -> Season:
    """Return the season of a school.

    Args:
        published: what the school offers.
        waiting: the students to schedule, all enrolled.
        year: the school year that the season lies in.
        desk: the stores.
    """
    panelists = [panelist.panelist_id for panelist in published.availability.panelists]
    siblings = siblings_of(waiting, desk)
    windows = desk.families.existing([each.student_id for each in waiting])
    staff = desk.staff.existing(panelists)
    return Season(
        school_id=published.school_id,
        availability=published.availability,
        students=tuple(
            ReadyStudent(
                student_id=each.student_id,
                transition=each.transition,
                teacher_ids=each.teacher_ids,
                siblings=siblings[each.student_id],
                windows=windows.get(each.student_id, FamilyWindows(student_id=each.student_id)),
            )
            for each in waiting
        ),
        fixed=standing_defenses(
            [published.school_id], panelists, frozenset().union(*siblings.values()), year, desk
        ),
        gone=frozenset(staff_id for staff_id, found in staff.items() if not found.active),
        panels=desk.panels,
        policy=desk.season,
    )


def siblings_of(waiting: Sequence[Candidate], desk: Desk) -> dict[str, frozenset[str]]:
    """Return who shares a guardian with each of these students, of any school."""
    guardians = sorted({guardian for each in waiting for guardian in each.guardian_ids})
    families: dict[str, set[str]] = {guardian: set() for guardian in guardians}
    for found in desk.candidates.select(guardian_ids=guardians):
        for guardian in found.guardian_ids & families.keys():
            families[guardian].add(found.student_id)
    return {
        each.student_id: frozenset().union(*(families[one] for one in each.guardian_ids)) - {each.student_id}
        for each in waiting
    }


def standing_defenses(
    school_ids: Collection[str],
    panelists: Collection[str],
    siblings: Collection[str],
    year: str,
    desk: Desk,
) -> tuple[Defense, ...]:
    """Return the defenses that stand, of these schools, of these people anywhere, and of siblings."""
    asked = {"school_id": school_ids, "panelist_ids": panelists, "student_id": siblings}
    found = [
        each
        for name, ids in asked.items()
        if ids
        for each in desk.defenses.select(**{"school_year": year, name: sorted(ids)})
    ]
    return tuple({each.defense_id: each for each in found if each.stands}.values())
