"""Why a ready student has no place: the first of the causes, in the order in which they can be mended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from defenses.domain.runs import Unplaced
from defenses.domain.scheduling.instance import Instance, PanelistSlots, StudentWish
from defenses.domain.scheduling.season import ReadyStudent, Season

NO_AVAILABILITY = "no_availability"
NOT_IN_FAMILY_WINDOWS = "not_in_family_windows"
SIBLING_AT_THE_SAME_TIME = "sibling_at_the_same_time"
NO_ROOM = "no_room"
NO_PANEL = "no_panel"
NO_CAPACITY = "no_capacity"


def without_availability(student_ids: Iterable[str]) -> tuple[Unplaced, ...]:
    """Return the students of a school that has published nothing."""
    detail = "The school has published no availability for the season."
    return tuple(Unplaced(student_id, NO_AVAILABILITY, detail) for student_id in student_ids)


def explain(season: Season, instance: Instance, student: ReadyStudent) -> Unplaced:
    """Return why one student was not placed.

    Args:
        season: what the instance was built from.
        instance: the problem that was solved.
        student: one whom the schedule leaves out.
    """
    wish = next(each for each in instance.students if each.id == student.student_id)
    reason, detail = _reason(season, instance, student, wish)
    return Unplaced(student.student_id, reason, detail)


def _reason(season: Season, instance: Instance, student: ReadyStudent, wish: StudentWish) -> tuple[str, str]:
    family = season.family_slots(student)
    if not family:
        return NOT_IN_FAMILY_WINDOWS, "None of the school's times lies within the family's windows."
    if not wish.tiers:
        detail = f"In all {len(family)} times of the family's windows a sibling has a defense."
        return SIBLING_AT_THE_SAME_TIME, detail
    with_room = {
        slot for slot in wish.tiers if any(slot in r.slots for s in instance.schools for r in s.rooms)
    }
    if not with_room:
        return NO_ROOM, f"No room is free in any of the {len(wish.tiers)} times at which the family can come."
    missing = [_missing(instance, wish, slot) for slot in sorted(with_room)]
    if all(missing):
        scarcest = Counter(missing).most_common(1)[0][0]
        detail = f"No panel can meet in any of the {len(with_room)} times that are left; most often missing: "
        return NO_PANEL, f"{detail}{scarcest}."
    detail = f"{missing.count('')} times would suit this student, but rooms or panelists are taken by others."
    return NO_CAPACITY, detail


def _missing(instance: Instance, wish: StudentWish, slot: int) -> str:
    """Return what a panel for a student lacks in a slot in which nobody else defends; empty if nothing."""
    allowed = [each for each in instance.panelists if _may_sit(instance, each, wish, slot)]
    roles = Counter(each.role for each in allowed)
    for role, least in instance.rule.at_least.items():
        if roles[role] < least:
            return f"{role} who does not teach the student"
    return "" if len(allowed) >= instance.rule.panel_size else "enough panelists"


def _may_sit(instance: Instance, panelist: PanelistSlots, wish: StudentWish, slot: int) -> bool:
    free = slot in panelist.slots and panelist.room_on(instance.day_of(slot)) > 0
    return free and panelist.id not in wish.conflicts
