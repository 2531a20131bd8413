"""Why a ready student has no place: the first of the causes, in the order in which they can be mended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from defenses.domain.runs import Unplaced
from defenses.domain.scheduling.checking import matched
from defenses.domain.scheduling.exchange import ranges
from defenses.domain.scheduling.instance import Assignment, Instance, PanelistSlots, RoomSlots, StudentWish
from defenses.domain.scheduling.season import ReadyStudent, Season

NO_AVAILABILITY = "no_availability"
NOT_IN_FAMILY_WINDOWS = "not_in_family_windows"
SIBLING_AT_THE_SAME_TIME = "sibling_at_the_same_time"
NO_ROOM = "no_room"
NO_INTERPRETER = "no_interpreter"
NO_PANEL = "no_panel"
NO_CAPACITY = "no_capacity"

_SHOWN_SPANS = 12
_SHOWN_STUDENTS = 12


@dataclass(frozen=True)
class Shortage:
    """Students who provably cannot all be scheduled; as far as is known, all but one of them can.

    Attributes:
        students: ids.
        resource: that would solve it if there were enough: a role, "room", "interpreter L", "panelists",
            "defenses a day" or "window" (the family's); of one student, what is missing most often. Empty if
            no single one would.
    """

    students: tuple[str, ...]
    resource: str


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
    rooms = next(school.rooms for school in instance.schools if school.id == wish.school)
    with_room = {slot for slot in wish.tiers if any(slot in room.slots for room in rooms)}
    if not with_room:
        return NO_ROOM, f"No room is free in any of the {len(wish.tiers)} times at which the family can come."
    heard = {slot for slot in with_room if _is_understood(instance, wish, slot)}
    if not heard:
        return NO_INTERPRETER, no_interpreter(wish.interpreter, len(with_room))
    missing = [_missing(instance, wish, slot) for slot in sorted(heard)]
    if all(missing):
        scarcest = Counter(missing).most_common(1)[0][0]
        detail = f"No panel can meet in any of the {len(heard)} times that are left; most often missing: "
        return NO_PANEL, f"{detail}{scarcest}."
    detail = f"{missing.count('')} times would suit this student, but rooms or panelists are taken by others."
    return NO_CAPACITY, detail


def no_interpreter(language: str | None, times: int) -> str:
    """Return the sentence for NO_INTERPRETER."""
    return f"Nobody interprets {language} in any of the {times} times that have a room."


def _is_understood(instance: Instance, wish: StudentWish, slot: int) -> bool:
    return wish.interpreter is None or any(
        wish.interpreter == pool.language and wish.school in pool.serves and pool.capacity.get(slot, 0)
        for pool in instance.interpreters
    )


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
    return free and wish.school in panelist.serves and panelist.id not in wish.conflicts


def reasons(
    instance: Instance, assignments: Iterable[Assignment], proven: Iterable[Shortage] = ()
) -> dict[str, tuple[str, ...]]:
    """Return for each student who has no place what is missing, and in which slots.

    What is proven comes first, then what nobody could have, then what others have taken.

    Args:
        instance: the problem.
        assignments: a valid schedule.
        proven: which students cannot be scheduled, or not all of them.
    """
    taken = _Taken(instance, tuple(assignments))
    impossible = {student: _impossible(each) for each in proven for student in each.students}
    return {
        student.id: (*impossible.get(student.id, ()), *_shortages(instance, student, taken))
        for student in instance.students
        if student.id not in taken.slots
    }


def _impossible(shortage: Shortage) -> tuple[str, ...]:
    if len(shortage.students) == 1:
        # What is missing where is told slot by slot anyhow.
        return ("impossible: no schedule has a place for this student",)
    help_is = (
        f"more of {shortage.resource} would help"
        if shortage.resource
        else "more of one thing alone would not help"
    )
    shown = ", ".join(sorted(shortage.students)[:_SHOWN_STUDENTS])
    more = len(shortage.students) - _SHOWN_STUDENTS
    group = f"{shown} and {more} others" if more > 0 else shown
    return (f"impossible: no schedule has places for all of {group}; {help_is}",)


class _Taken:
    """What a schedule has used up.

    Attributes:
        slots: student -> slot.
    """

    def __init__(self, instance: Instance, assignments: Sequence[Assignment]) -> None:
        students = {student.id: student for student in instance.students}
        self._instance = instance
        self.slots = {one.student: one.slot for one in assignments}
        self.rooms = Counter((students[one.student].school, one.slot) for one in assignments)
        self.seats: defaultdict[str, dict[int, str]] = defaultdict(dict)
        self.interpreted: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
        for one in assignments:
            student = students[one.student]
            for panelist in one.panel:
                self.seats[panelist][one.slot] = student.school
            if student.interpreter is not None:
                self.interpreted[student.interpreter, one.slot].append(student.school)

    def is_free(self, panelist: PanelistSlots, slot: int, school: str) -> bool:
        """Whether a panelist who is available can have one more defense."""
        day, mine = self._instance.day_of(slot), self.seats[panelist.id]
        today = {other: where for other, where in mine.items() if self._instance.day_of(other) == day}
        return (
            slot not in today
            and len(today) < panelist.room_on(day)
            and all(
                where == school
                or abs(other - slot) > self._instance.travel_slots.get(where, {}).get(school, 0)
                for other, where in today.items()
            )
        )


def _shortages(instance: Instance, student: StudentWish, taken: _Taken) -> tuple[str, ...]:
    if not student.tiers:
        return ("windows: the family has none in the season",)
    found: defaultdict[tuple[bool, str], list[int]] = defaultdict(list)
    rooms = next(school.rooms for school in instance.schools if school.id == student.school)
    people = [each for each in instance.panelists if student.school in each.serves]
    for slot in student.tiers:
        missing = [
            *_room_shortage(student, slot, rooms, taken),
            *_sibling_shortage(instance, student, slot, taken),
            *_interpreter_shortage(instance, student, slot, taken),
            *_panel_shortage(instance, student, slot, people, taken),
        ]
        for each in missing or [(True, "free: everything is there")]:
            found[each].append(slot)
    count = len(student.tiers)
    ordered = sorted(found.items(), key=lambda each: (each[0][0], -len(each[1]), each[0][1]))
    return tuple(
        f"{text} in {len(slots)} of the family's {count} slots ({_spans(slots)})"
        for (_, text), slots in ordered
    )


#: Whether others have taken it, and what is missing.
_Missing = Iterator[tuple[bool, str]]


def _room_shortage(student: StudentWish, slot: int, rooms: Sequence[RoomSlots], taken: _Taken) -> _Missing:
    count = sum(slot in room.slots for room in rooms)
    if not count:
        yield False, f"rooms: {student.school} has none"
    elif taken.rooms[student.school, slot] >= count:
        yield True, f"rooms: all of {student.school} are taken"


def _sibling_shortage(instance: Instance, student: StudentWish, slot: int, taken: _Taken) -> _Missing:
    for other in sorted(instance.apart[student.id]):
        if taken.slots.get(other) == slot:
            yield True, f"not_with: {other} defends"


def _interpreter_shortage(instance: Instance, student: StudentWish, slot: int, taken: _Taken) -> _Missing:
    language = student.interpreter
    if language is None:
        return
    pools = [each for each in instance.interpreters if each.language == language]
    units = [each.serves for each in pools for _ in range(each.capacity.get(slot, 0))]
    if not any(student.school in serves for serves in units):
        yield False, f"language {language}: nobody interprets at {student.school}"
        return
    others = taken.interpreted[language, slot]
    if matched([*others, student.school], units) <= len(others):
        yield True, f"language {language}: all interpreters are taken"


def _panel_shortage(
    instance: Instance, student: StudentWish, slot: int, people: Iterable[PanelistSlots], taken: _Taken
) -> _Missing:
    day = instance.day_of(slot)
    there = [
        each
        for each in people
        if slot in each.slots and each.room_on(day) and each.id not in student.conflicts
    ]
    free = [each for each in there if taken.is_free(each, slot, student.school)]
    for role, least in instance.rule.at_least.items():
        if sum(each.role == role for each in there) < least:
            yield False, f"role {role}: too few are available and without a conflict"
        elif sum(each.role == role for each in free) < least:
            yield True, f"role {role}: too few are left"
    if len(there) < instance.rule.panel_size:
        yield False, "panel: too few are available and without a conflict"
    elif len(free) < instance.rule.panel_size:
        yield True, "panel: too few are left"


def _spans(slots: Iterable[int]) -> str:
    spans = [str(first) if first == last else f"{first}-{last}" for first, last in ranges(slots)]
    shown = ", ".join(spans[:_SHOWN_SPANS])
    return shown if len(spans) <= _SHOWN_SPANS else f"{shown}, …"
