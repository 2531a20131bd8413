"""What schools and families say about their time, and who the roster says works where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from contracts.artifacts import SchoolUpdated, StaffUpdated
from contracts.base import Fact
from defenses.domain.availability import Availability, FamilyWindows, PublishedAvailability, Window
from defenses.domain.candidates import Candidate
from defenses.domain.publishing import InvalidTimesError, faults, window_faults
from defenses.domain.roster import School, Staff, UnknownSchoolError, UnknownStudentError
from defenses.use_cases.stores import Aggregates, Copies, Finder


def publish_availability(
    school_id: str,
    availability: Availability,
    *,
    schools: Finder[School],
    availabilities: Aggregates[PublishedAvailability],
    now: datetime,
    seen: int | None = None,
) -> PublishedAvailability:
    """Replace a school's availability; defenses that are scheduled already stay where they are.

    Args:
        school_id: the school.
        availability: what it offers from now on.
        schools: our copies.
        availabilities: where it is kept.
        now: the time.
        seen: edition of the availability that the caller replaces; 0 if there was none, None for any.

    Raises:
        StaleAvailabilityError: if it is another one by now.
        UnknownSchoolError: if the roster has named no such school yet.
        InvalidTimesError: if it cannot be used, with every fault.
    """
    if schools.find(school_id) is None:
        raise UnknownSchoolError(school_id)
    wrong = faults(availability)
    if wrong:
        raise InvalidTimesError(wrong)
    published = PublishedAvailability(school_id=school_id, availability=availability, published_at=now)

    def decide(found: PublishedAvailability | None) -> tuple[PublishedAvailability, Sequence[Fact]]:
        known = found or replace(published, edition=0)
        if seen is not None:
            known.check_edition(seen)
        return replace(published, edition=known.edition + 1), ()

    return availabilities.change(school_id, decide) or published


#: Whatever is known stays.
UNCHANGED = ""


def tell_family_windows(
    student_id: str,
    windows: tuple[Window, ...],
    *,
    interpreter: str | None = UNCHANGED,
    candidates: Finder[Candidate],
    families: Aggregates[FamilyWindows],
    now: datetime,
) -> FamilyWindows:
    """Replace what a family said about when it can come.

    Args:
        student_id: the family's student.
        windows: when.
        interpreter: language in which somebody must interpret, None for none, UNCHANGED for what is known.
        candidates: the students.
        families: where it is kept.
        now: the time.

    Raises:
        UnknownStudentError: if no student of this id is known who the caller may speak for.
        InvalidTimesError: if there is no window, or windows overlap or end before they start.
    """
    if candidates.find(student_id) is None:
        raise UnknownStudentError(f"there is no student {student_id}")
    wrong = tuple(window_faults(windows, "windows", needed=True))
    if wrong:
        raise InvalidTimesError(wrong)
    told = FamilyWindows(student_id=student_id, windows=windows, told_at=now, interpreter=interpreter or None)

    def decide(found: FamilyWindows | None) -> tuple[FamilyWindows, Sequence[Fact]]:
        if interpreter != UNCHANGED or found is None:
            return told, ()
        return replace(told, interpreter=found.interpreter), ()

    return families.change(student_id, decide) or told


def copy_school(event: SchoolUpdated, *, version: int, schools: Copies[School]) -> None:
    """Keep our copy of a school."""
    fields = {"name": event.name, "time_zone": event.time_zone, "active": event.active}
    schools.apply(event.school_id, version, fields)


def copy_staff(event: StaffUpdated, *, version: int, staff: Copies[Staff]) -> None:
    """Keep our copy of a staff member: where they work, and whether they still do."""
    posts = [{"school_id": post.school_id, "role": post.role} for post in event.posts]
    staff.apply(event.staff_id, version, {"posts": posts, "active": event.active})
