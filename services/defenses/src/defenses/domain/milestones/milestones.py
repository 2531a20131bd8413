"""A milestone: one student's mini-defense, conference or exhibition of one school year."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from defenses.domain.milestones import school_events
from defenses.domain.milestones.school_events import SchoolEvent, Slot
from defenses.domain.milestones.students import RosterStudent

DUE = "due"
PLANNED = "planned"
HELD = "held"
MISSED = "missed"
CANCELLED = "cancelled"
RECORDED = "recorded"
#: Those that may be planned, or planned again.
UNPLANNED = (DUE, MISSED, CANCELLED)
#: Those that follow their student to another school, unless the planned time has come.
OPEN = (*UNPLANNED, PLANNED)
STATES = (*OPEN, HELD, RECORDED)

#: Why a plan was cancelled.
EVENT_CANCELLED = "event_cancelled"
SCHOOL_CHANGED = "school_changed"
WITHDRAWN = "withdrawn"


class NotHeldError(Exception):
    """The milestone did not take place, so that there is nothing to record."""

    field = "state"

    def __init__(self, milestone: Milestone) -> None:
        super().__init__(f"the milestone is {milestone.state}, and did not take place")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The event at which the milestone is held, as of one revision of the event, and whose event it is."""

    event_id: str
    school_id: str
    event_revision: int
    form: str
    slot: Slot


@dataclass(frozen=True, kw_only=True)
class Record:
    """What is on record of a milestone that took place.

    Attributes:
        reflection: the student's, in their own words.
        levels: (skill id, level), by skill id; empty where the form has none.
        policy_version: the rules that the levels keep to.
    """

    reflection: str
    levels: tuple[tuple[str, float], ...]
    recorded_by: str
    recorded_at: datetime
    policy_version: str


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """One student's milestone of one school year.

    Attributes:
        school_id: the student's school; it stays as it was once the milestone was held.
        grade: the student's when the milestone was first planned or found to be overdue.
        due_on: its last day.
        roster_version: of the roster's news that `school_id` reflects.
        revision: rises with each change that a family must hear of; 0 before the first.
        plan: the last one; None if there was none.
        cause: the stable word for why the plan was cancelled; empty unless it is.
        reason: why the plan was moved or cancelled, in somebody's words; may be empty.
        records: the last one holds; the others are what it superseded, oldest first.
        is_overdue: whether its last day passed without a record.
    """

    milestone_id: str
    student_id: str
    school_id: str
    grade: str
    school_year: str
    due_on: date
    roster_version: int
    state: str = DUE
    revision: int = 0
    plan: Plan | None = None
    cause: str = ""
    reason: str = ""
    records: tuple[Record, ...] = ()
    is_overdue: bool = False

    @property
    def record(self) -> Record | None:
        """What is on record now."""
        return self.records[-1] if self.records else None

    def follows(self, event: SchoolEvent) -> bool:
        """Whether the last plan is this event."""
        return self.plan is not None and self.plan.event_id == event.event_id

    def told(self, event: SchoolEvent) -> Milestone:
        """Take over a revision of a school event; the same object if it changes nothing here."""
        known = self.plan.event_revision if self.plan is not None and self.follows(event) else 0
        if known >= event.revision:
            return self
        if event.state == school_events.PLANNED:
            may_plan = self.state in UNPLANNED or (known and self.state == PLANNED)
            return self._planned(event) if may_plan else self
        if not known or self.state != PLANNED:
            return self
        if event.state == school_events.CANCELLED:
            return self._heard(state=CANCELLED, cause=EVENT_CANCELLED, reason=event.reason)
        missed = self.student_id in event.missed
        return self._heard(state=MISSED) if missed else replace(self, state=HELD)

    def followed(self, student: RosterStudent, *, now: datetime) -> Milestone:
        """Follow the student whom the roster names; the same object if that is old news.

        A plan belongs to a school: it is cancelled when the student goes to another one or leaves. What was
        held, or has begun, stays with the school that held it.
        """
        begun = self.state == PLANNED and self._has_begun(now)
        if student.version <= self.roster_version or self.state not in OPEN or begun:
            return self
        after = self
        if student.school_id != self.school_id and self.state == PLANNED:
            why = WITHDRAWN if student.school_id is None else SCHOOL_CHANGED
            after = self._heard(state=CANCELLED, cause=why, reason="")
        if student.school_id is None:
            return replace(after, roster_version=student.version, is_overdue=False)
        return replace(after, roster_version=student.version, school_id=student.school_id)

    def lapsed(self) -> Milestone:
        """Note that its last day has passed; the same object if that is known, or it is on record."""
        return self if self.is_overdue or self.state == RECORDED else replace(self, is_overdue=True)

    def recorded(self, record: Record) -> Milestone:
        """Put it on record; what was there is superseded. The same object if the record says the same.

        Raises:
            NotHeldError: if it did not take place.
        """
        begun = self.state == PLANNED and self._has_begun(record.recorded_at)
        if self.state not in (HELD, RECORDED) and not begun:
            raise NotHeldError(self)
        known = self.record
        if known is not None and (known.reflection, known.levels) == (record.reflection, record.levels):
            return self
        return self._heard(state=RECORDED, records=(*self.records, record), is_overdue=False)

    def _has_begun(self, now: datetime) -> bool:
        return self.plan is not None and self.plan.slot.starts_at <= now

    def _planned(self, event: SchoolEvent) -> Milestone:
        plan = Plan(
            event_id=event.event_id,
            school_id=event.school_id,
            event_revision=event.revision,
            form=event.form,
            slot=event.slot,
        )
        return self._heard(state=PLANNED, plan=plan, cause="", reason=event.reason)

    def _heard(self, **changes: Any) -> Milestone:
        """Make a change that the family must hear of."""
        return replace(self, revision=self.revision + 1, **changes)


@dataclass(frozen=True)
class Overdue:
    """How many milestones of a school's grade are overdue, and how far these are."""

    school_id: str
    grade: str
    state: str
    count: int
