"""One milestone and one event, by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.defenses.milestone_examples import (
    EVENING,
    HOUR,
    NOW,
    POLICY,
    event,
    gone,
    milestone,
    record,
    slot,
    student,
)

from defenses.domain.milestones.milestones import (
    CANCELLED,
    DUE,
    EVENT_CANCELLED,
    HELD,
    MISSED,
    OPEN,
    PLANNED,
    RECORDED,
    SCHOOL_CHANGED,
    STATES,
    UNPLANNED,
    WITHDRAWN,
    Milestone,
    NotHeldError,
)
from defenses.domain.milestones.school_events import (
    Refusal,
    SettledEventError,
    StaleRevisionError,
    UnappliedEventError,
)

LATER = slot(starts_at=EVENING + HOUR, ends_at=EVENING + 2 * HOUR)


@pytest.mark.parametrize(
    ("grade", "due_on"),
    [("4", date(2027, 5, 15)), ("9", date(2026, 11, 30)), ("5", None), ("12", None)],
)
def test_a_due_day_lies_in_its_school_year(grade: str, due_on: date | None) -> None:
    assert POLICY.due_on(grade, "2026-27", year_starts=(7, 1)) == due_on


def test_a_planned_milestone_has_the_events_time_and_is_heard_of_once() -> None:
    planned = milestone().told(event())

    assert (planned.state, planned.revision) == (PLANNED, 1)
    assert planned.plan is not None
    assert planned.plan.slot == slot()
    assert planned.told(event()) is planned


def test_a_moved_event_moves_its_milestones() -> None:
    planned = milestone().told(event())

    moved = planned.told(event(slot=LATER, revision=2, reason="The hall is closed."))

    assert moved.plan is not None
    assert (moved.state, moved.revision, moved.plan.slot) == (PLANNED, 2, LATER)
    assert moved.reason == "The hall is closed."


def test_an_older_revision_of_an_event_changes_nothing() -> None:
    moved = milestone().told(event()).told(event(slot=LATER, revision=3))

    assert moved.told(event(revision=2)) is moved


def test_a_cancelled_event_leaves_its_milestones_to_be_planned_again() -> None:
    cancelled = milestone().told(event()).told(event(state="cancelled", revision=2, reason="Snow."))

    assert (cancelled.state, cancelled.cause, cancelled.reason) == (CANCELLED, EVENT_CANCELLED, "Snow.")
    again = cancelled.told(event("e-2"))
    assert (again.state, again.cause, again.revision) == (PLANNED, "", 3)


def test_a_student_who_came_back_is_planned_again_by_the_next_change_of_the_event() -> None:
    back = milestone().told(event()).followed(gone(version=2), now=NOW).followed(student(version=3), now=NOW)

    assert back.told(event()) is back
    again = back.told(event(slot=LATER, revision=2))
    assert (again.state, again.cause, again.revision) == (PLANNED, "", 3)


def test_who_was_not_there_has_missed_it_and_the_others_have_held_it() -> None:
    held = event(state="held", revision=2, missed=("s-2",))

    there = milestone("s-1").told(event()).told(held)
    absent = milestone("s-2").told(event()).told(held)

    assert (there.state, there.revision) == (HELD, 1)
    assert (absent.state, absent.revision) == (MISSED, 2)
    assert absent.told(event("e-2")).state == PLANNED
    assert there.told(event("e-2")) is there


@pytest.mark.parametrize("state", ["held", "cancelled"])
def test_an_event_that_is_over_plans_nothing(state: str) -> None:
    due = milestone()

    assert due.told(event(state=state, revision=2)) is due


def test_a_plan_is_cancelled_when_the_student_leaves_the_district() -> None:
    planned = replace(milestone().told(event()), is_overdue=True)

    left = planned.followed(gone(), now=NOW)

    assert (left.state, left.cause, left.revision) == (CANCELLED, WITHDRAWN, 2)
    assert (left.school_id, left.is_overdue) == ("east", False)
    assert left.followed(gone(), now=NOW) is left


def test_a_plan_is_cancelled_when_the_student_goes_to_another_school() -> None:
    moved = milestone().told(event()).followed(student(version=2, school_id="west"), now=NOW)

    assert (moved.state, moved.cause, moved.school_id) == (CANCELLED, SCHOOL_CHANGED, "west")
    assert moved.plan is not None
    assert moved.plan.school_id == "east"


def test_what_has_begun_stays_with_the_school_that_holds_it() -> None:
    planned = milestone().told(event())
    moved = student(version=2, school_id="west")

    assert planned.followed(moved, now=EVENING) is planned
    assert planned.followed(gone(), now=EVENING) is planned
    assert milestone().followed(moved, now=EVENING).school_id == "west"


def test_what_is_not_planned_goes_with_the_student_quietly() -> None:
    moved = milestone().followed(student(version=2, school_id="west"), now=NOW)

    assert (moved.state, moved.school_id, moved.revision) == (DUE, "west", 0)


def test_news_about_a_student_who_stays_changes_the_version_only() -> None:
    planned = milestone().told(event())

    assert planned.followed(student(version=2), now=NOW) == replace(planned, roster_version=2)


@pytest.mark.parametrize("state", [HELD, RECORDED])
def test_a_student_who_moves_keeps_what_was_held(state: str) -> None:
    kept = milestone(state=state)

    assert kept.followed(student(version=2, school_id="west"), now=NOW) is kept
    assert kept.followed(gone(), now=NOW) is kept


@given(st.permutations([student(version=2, school_id="west"), gone(version=3), student(version=4)]))
def test_the_newest_news_of_the_roster_holds_whatever_came_before(news: list[object]) -> None:
    after = milestone().told(event())
    for each in news:
        after = after.followed(each, now=NOW)  # type: ignore[arg-type]  # permutations lose the type

    assert (after.roster_version, after.school_id) == (4, "east")
    assert (after.state == PLANNED) == (news[0] == student(version=4))


def test_a_milestone_lapses_once_and_never_when_it_is_on_record() -> None:
    lapsed = milestone().lapsed()

    assert lapsed.is_overdue
    assert lapsed.lapsed() is lapsed
    kept = milestone(state=RECORDED)
    assert kept.lapsed() is kept


def test_a_record_ends_the_delay() -> None:
    done = replace(milestone().told(event()), state=HELD, is_overdue=True).recorded(record())

    assert (done.state, done.is_overdue, done.record) == (RECORDED, False, record())
    assert done.revision == 2


def test_a_planned_milestone_whose_time_has_come_can_be_recorded() -> None:
    planned = milestone().told(event())

    assert planned.recorded(record(recorded_at=EVENING)).state == RECORDED
    with pytest.raises(NotHeldError):
        planned.recorded(record(recorded_at=NOW))


@pytest.mark.parametrize("state", UNPLANNED)
def test_what_did_not_take_place_cannot_be_recorded(state: str) -> None:
    with pytest.raises(NotHeldError, match=f"the milestone is {state}"):
        milestone(state=state).recorded(record())


def test_another_record_supersedes_the_first_which_stays() -> None:
    first = milestone(state=HELD).recorded(record())
    corrected = record(reflection="I spoke up, twice.", recorded_by="t-2")

    assert first.record == record()
    assert first.recorded(record(recorded_by="t-2")) is first
    assert first.recorded(corrected).records == (record(), corrected)


def test_a_due_milestone_has_no_record() -> None:
    assert milestone().record is None


@given(st.lists(st.sampled_from(["plan", "move", "cancel", "hold", "leave", "return", "lapse", "record"])))
def test_a_milestone_is_always_in_a_state_that_its_facts_explain(steps: list[str]) -> None:
    after = milestone()
    revision, version = 1, 1
    for number, step in enumerate(steps):
        revision, version = revision + 1, version + 1
        followed = after.plan.event_id if after.plan else "e-0"
        before = after
        after = _step(step, after, followed, number, revision, version)
        assert after.revision - before.revision in {0, 1}

    assert after.state in STATES
    assert (after.record is not None) == (after.state == RECORDED)
    assert bool(after.cause) == (after.state == CANCELLED)
    assert not (after.is_overdue and after.state == RECORDED)
    assert after.plan is not None or after.state == DUE


def _step(step: str, after: Milestone, followed: str, number: int, revision: int, version: int) -> Milestone:
    """Take one step; the second of two attendances has the student absent."""
    if step == "leave":
        return after.followed(gone(version=version), now=NOW)
    if step == "return":
        return after.followed(student(version=version), now=NOW)
    if step == "lapse":
        return after.lapsed()
    if step == "record":
        return after if after.state in UNPLANNED else after.recorded(record(reflection=str(number)))
    told = {
        "plan": event(f"e-{number}", revision=revision),
        "move": event(followed, revision=revision, slot=LATER),
        "cancel": event(followed, revision=revision, state="cancelled"),
        "hold": event(followed, revision=revision, state="held", missed=("s-1",) if number % 2 else ()),
    }
    return after.told(told[step])


def test_moving_an_event_to_where_it_is_changes_nothing() -> None:
    planned = event(is_applied=True)

    assert planned.moved(slot(), "Again.", revision=7, by="c-2", now=NOW) is planned


def test_a_moved_event_waits_to_be_applied_again() -> None:
    moved = event(is_applied=True).moved(LATER, "The hall.", revision=1, by="c-2", now=EVENING)

    assert (moved.revision, moved.is_applied, moved.slot, moved.reason) == (2, False, LATER, "The hall.")
    assert (moved.changed_by, moved.changed_at) == ("c-2", EVENING)


def test_a_change_of_an_event_that_somebody_else_has_changed_is_refused() -> None:
    changed = event(revision=4, changed_by="c-9")

    with pytest.raises(StaleRevisionError, match="it is 4 since c-9 changed the event"):
        changed.moved(LATER, "The hall.", revision=3, by="c-2", now=NOW)


def test_a_cancelled_event_stays_cancelled() -> None:
    cancelled = event().cancelled("Snow.", revision=1, by="c-2", now=NOW)

    assert cancelled.cancelled("Ice.", revision=1, by="c-3", now=NOW) is cancelled
    with pytest.raises(SettledEventError, match="the event is cancelled"):
        cancelled.moved(LATER, "The hall.", revision=2, by="c-2", now=NOW)
    with pytest.raises(SettledEventError):
        cancelled.held((), revision=2, by="c-2", now=NOW)


def test_attendance_is_taken_once_the_event_has_reached_its_students() -> None:
    with pytest.raises(UnappliedEventError, match="still being applied"):
        event().held((), revision=1, by="c-2", now=NOW)

    held = event(is_applied=True).held(("s-2", "s-2"), revision=1, by="c-2", now=NOW)

    assert (held.state, held.missed) == ("held", ("s-2",))
    assert held.held(("s-2",), revision=1, by="c-2", now=NOW) is held
    with pytest.raises(SettledEventError):
        held.held((), revision=2, by="c-2", now=NOW)


def test_an_applied_event_says_whom_it_left_out_last() -> None:
    of_grade = Refusal("s-9", "at another school")
    asked = event(left_out=(of_grade, Refusal("s-2", "planned")))

    applied = asked.applied(1, [Refusal("s-1", "no such student")])

    assert applied.left_out == (Refusal("s-1", "no such student"), of_grade)
    assert applied.applied(1, ()) is applied


def test_only_the_newest_revision_counts_as_applied() -> None:
    changed = event(revision=2)
    cancelled = event(revision=2, state="cancelled", left_out=(Refusal("s-1", "planned"),))

    assert changed.applied(1, ()) is changed
    assert cancelled.applied(2, ()) == replace(cancelled, is_applied=True)


def test_every_open_state_is_a_state() -> None:
    assert set(UNPLANNED) < set(OPEN) < set(STATES)
