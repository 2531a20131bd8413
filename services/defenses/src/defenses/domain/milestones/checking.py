"""Find what is wrong with what somebody asks for, field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from defenses.domain.milestones.milestones import UNPLANNED, Milestone
from defenses.domain.milestones.policy import MilestonePolicy
from defenses.domain.milestones.school_events import Slot
from defenses.domain.milestones.students import RosterStudent


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; `field` is its path in the request, such as `student_ids.3`."""

    field: str
    reason: str


class InvalidMilestoneError(ValueError):
    """A plan or a record cannot be taken; `faults` says what is wrong with which field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.field}: {fault.reason}" for fault in faults))
        self.faults = tuple(faults)


def slot_faults(slot: Slot, *, now: datetime) -> Iterator[Fault]:
    """Find times that cannot be planned any more, or that end before they start."""
    if slot.starts_at <= now:
        yield Fault("starts_at", "it is in the past")
    if slot.ends_at <= slot.starts_at:
        yield Fault("ends_at", "it is not after starts_at")


def form_faults(form: str, grades: Sequence[str], policy: MilestonePolicy) -> Iterator[Fault]:
    """Find a form that the district does not know, and grades that do not have it."""
    if form not in policy.forms:
        yield Fault("form", f"it is none of {', '.join(policy.forms)}")
        return
    for place, grade in enumerate(grades):
        reason = grade_reason(grade, form, policy)
        if reason:
            yield Fault(f"grades.{place}", reason)


def grade_reason(grade: str, form: str, policy: MilestonePolicy) -> str:
    """Return why students of a grade cannot have a milestone of this form; empty if they can."""
    band = policy.band(grade)
    if band is None:
        return f"grade {grade} has no milestone"
    if form not in band.forms:
        return f"grade {grade} has no {form}"
    return ""


def student_reason(student: RosterStudent | None, school_id: str, form: str, policy: MilestonePolicy) -> str:
    """Return why a student cannot come to an event of a school; empty if they can."""
    if student is None or student.school_id is None:
        return "no such student is enrolled"
    if student.school_id != school_id:
        return "the student is at another school"
    return grade_reason(student.grade, form, policy)


def double_reason(milestone: Milestone | None) -> str:
    """Return why nothing more can be planned for a student's year; empty if it can."""
    if milestone is None or milestone.state in UNPLANNED:
        return ""
    return f"the student's milestone of {milestone.school_year} is {milestone.state}"


def level_faults(levels: Sequence[tuple[str, float]], form: str, policy: MilestonePolicy) -> Iterator[Fault]:
    """Find levels where the form has none, missing ones, unknown skills, and levels outside the scale."""
    known = policy.forms.get(form)
    if known is None or not known.has_levels:
        if levels:
            yield Fault("levels", f"{form} has no levels")
        return
    if not levels:
        yield Fault("levels", f"{form} needs the level of one skill at least")
    first: dict[str, int] = {}
    for place, (skill_id, level) in enumerate(levels):
        if skill_id not in policy.skills:
            yield Fault(f"levels.{place}.skill_id", "the district has no such skill")
        if first.setdefault(skill_id, place) != place:
            yield Fault(f"levels.{place}.skill_id", f"it is at levels.{first[skill_id]} too")
        if not policy.lowest_level <= level <= policy.highest_level:
            scale = f"{policy.lowest_level:g} to {policy.highest_level:g}"
            yield Fault(f"levels.{place}.level", f"it is not on the scale from {scale}")


def absence_faults(missed: Sequence[str], student_ids: Sequence[str]) -> Iterator[Fault]:
    """Find absent students for whom the event was not."""
    expected = frozenset(student_ids)
    for place, student_id in enumerate(missed):
        if student_id not in expected:
            yield Fault(f"missed.{place}", "the event is not for this student")


def chosen_faults(reasons: Mapping[int, str]) -> Iterator[Fault]:
    """Name listed students who cannot come, by their place in the list."""
    for place, reason in sorted(reasons.items()):
        yield Fault(f"student_ids.{place}", reason)
