"""Events of a school: planned, moved, cancelled and held, for all their students at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.base import Fact
from defenses.domain.milestones import checking
from defenses.domain.milestones.checking import Fault, InvalidMilestoneError
from defenses.domain.milestones.school_events import NoSchoolEventError, Refusal, SchoolEvent, Slot
from defenses.domain.milestones.students import RosterStudent
from defenses.domain.roster import UnknownSchoolError
from defenses.use_cases.milestones.desk import MilestoneDesk, local_day, milestone_id, year_of


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An event as somebody asks for it, for students of one school; one of the three choices is not empty.

    Attributes:
        starts_at, ends_at: aware.
        grades: everybody in these grades.
        teacher_ids: everybody whom one of these staff members teaches.
        student_ids: these.
    """

    school_id: str
    form: str
    starts_at: datetime
    ends_at: datetime
    place: str
    grades: tuple[str, ...] = ()
    teacher_ids: tuple[str, ...] = ()
    student_ids: tuple[str, ...] = ()


def plan_event(proposal: Proposal, event_id: str, *, desk: MilestoneDesk, by: str) -> SchoolEvent:
    """Plan an event of this school year; the same id is the same event. Milestones follow when it is applied.

    Listed students must all be able to come. Of a grade or a class those are left out, with the reason, who
    cannot, or who have their milestone of the year already.

    Raises:
        UnknownSchoolError: if the roster has named no such school, or it has left the roster.
        InvalidMilestoneError: with everything else that is wrong.
    """
    known = desk.events.find(event_id)
    if known is not None:
        return known
    school = desk.schools.find(proposal.school_id)
    if school is None or not school.active:
        raise UnknownSchoolError(proposal.school_id, "school_id")
    slot = _slot(proposal.starts_at, proposal.ends_at, school.time_zone, proposal.place)
    year = year_of(local_day(desk.now, school.time_zone), desk)
    wrong = [
        *_slot_faults(slot, year, desk),
        *checking.form_faults(proposal.form, proposal.grades, desk.policy),
    ]
    if wrong:
        raise InvalidMilestoneError(wrong)
    chosen, left_out = _choose(proposal, year, desk)
    event = SchoolEvent(
        event_id=event_id,
        school_id=school.school_id,
        school_year=year,
        form=proposal.form,
        slot=slot,
        student_ids=chosen,
        changed_by=by,
        changed_at=desk.now,
        left_out=left_out,
    )

    def decide(found: SchoolEvent | None) -> tuple[SchoolEvent, Sequence[Fact]] | None:
        return (event, ()) if found is None else None

    return desk.events.change(event_id, decide) or event


def move_event(
    event_id: str,
    *,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    reason: str,
    revision: int,
    desk: MilestoneDesk,
    by: str,
) -> SchoolEvent:
    """Hold an event at another time or place, in the same school year.

    Raises:
        NoSchoolEventError: if there is none.
        InvalidMilestoneError: if it cannot be held then.
        StaleRevisionError, SettledEventError: as SchoolEvent.moved.
    """

    def moved(event: SchoolEvent) -> SchoolEvent:
        slot = _slot(starts_at, ends_at, event.slot.time_zone, place)
        wrong = _slot_faults(slot, event.school_year, desk)
        if wrong:
            raise InvalidMilestoneError(wrong)
        return event.moved(slot, reason, revision=revision, by=by, now=desk.now)

    return _change(event_id, moved, desk)


def cancel_event(event_id: str, *, reason: str, revision: int, desk: MilestoneDesk, by: str) -> SchoolEvent:
    """Cancel an event; its students may be planned again.

    Raises:
        NoSchoolEventError: if there is none.
        StaleRevisionError, SettledEventError: as SchoolEvent.cancelled.
    """
    return _change(
        event_id, lambda event: event.cancelled(reason, revision=revision, by=by, now=desk.now), desk
    )


def hold_event(
    event_id: str, *, missed: Sequence[str], revision: int, desk: MilestoneDesk, by: str
) -> SchoolEvent:
    """Say that an event took place, and who was not there.

    Raises:
        NoSchoolEventError: if there is none.
        InvalidMilestoneError: if it has not begun, or somebody missed it for whom it was not.
        StaleRevisionError, SettledEventError: as SchoolEvent.held.
    """

    def held(event: SchoolEvent) -> SchoolEvent:
        wrong = list(checking.absence_faults(missed, event.student_ids))
        if event.slot.starts_at > desk.now:
            wrong.append(Fault("event_id", "the event has not begun"))
        if wrong:
            raise InvalidMilestoneError(wrong)
        return event.held(missed, revision=revision, by=by, now=desk.now)

    return _change(event_id, held, desk)


def _choose(
    proposal: Proposal, year: str, desk: MilestoneDesk
) -> tuple[tuple[str, ...], tuple[Refusal, ...]]:
    """Return for whom the event is, and who of a grade or a class is left out."""
    listed = proposal.student_ids
    field = "student_ids" if listed else "grades" if proposal.grades else "teacher_ids"
    students = desk.students.existing(listed) if listed else {s.student_id: s for s in _of(proposal, desk)}
    wanted = tuple(dict.fromkeys(listed)) if listed else tuple(sorted(students))
    reasons = dict(_reasons(wanted, students.get, proposal, year, desk))
    if listed and reasons:
        raise InvalidMilestoneError(
            list(checking.chosen_faults({listed.index(each): why for each, why in reasons.items()}))
        )
    chosen = tuple(each for each in wanted if each not in reasons)
    if not chosen:
        raise InvalidMilestoneError([Fault(field, "nobody in it needs a milestone of this form")])
    return chosen, tuple(Refusal(each, reasons[each]) for each in sorted(reasons))


def _of(proposal: Proposal, desk: MilestoneDesk) -> Iterable[RosterStudent]:
    grades, teachers = frozenset(proposal.grades), frozenset(proposal.teacher_ids)
    for student in desk.students.select(school_id=proposal.school_id):
        if student.grade in grades or teachers.intersection(student.teacher_ids):
            yield student


def _reasons(
    wanted: Sequence[str],
    named: Callable[[str], RosterStudent | None],
    proposal: Proposal,
    year: str,
    desk: MilestoneDesk,
) -> Iterator[tuple[str, str]]:
    """Yield the students who cannot come, with the reason."""
    ids = {each: milestone_id(each, year) for each in wanted}
    milestones = desk.milestones.existing(ids.values())
    for each in wanted:
        reason = checking.student_reason(
            named(each), proposal.school_id, proposal.form, desk.policy
        ) or checking.double_reason(milestones.get(ids[each]))
        if reason:
            yield each, reason


def _slot_faults(slot: Slot, year: str, desk: MilestoneDesk) -> list[Fault]:
    """Find times that cannot be planned; the roster knows the grades of one school year only."""
    wrong = list(checking.slot_faults(slot, now=desk.now))
    if year_of(local_day(slot.starts_at, slot.time_zone), desk) != year:
        wrong.append(Fault("starts_at", f"it is not in the school year {year}"))
    return wrong


def _slot(starts_at: datetime, ends_at: datetime, time_zone: str, place: str) -> Slot:
    return Slot(
        starts_at=starts_at.astimezone(UTC), ends_at=ends_at.astimezone(UTC), time_zone=time_zone, place=place
    )


def _change(event_id: str, change: Callable[[SchoolEvent], SchoolEvent], desk: MilestoneDesk) -> SchoolEvent:
    """Change an event that must exist; a change that changes nothing is not written."""

    def decide(found: SchoolEvent | None) -> tuple[SchoolEvent, Sequence[Fact]] | None:
        if found is None:
            raise NoSchoolEventError(f"there is no event {event_id}")
        changed = change(found)
        return None if changed is found else (changed, ())

    changed = desk.events.change(event_id, decide)
    assert changed is not None  # decide has raised if there is none
    return changed
