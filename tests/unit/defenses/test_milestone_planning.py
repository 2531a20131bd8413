"""Events planned for many students, and milestones that follow them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.unit.defenses.milestone_examples import (
    EVENING,
    HOUR,
    NOW,
    YEAR,
    Desk,
    event,
    gone,
    milestone,
    slot,
    student,
)

from contracts.defenses.milestones import FormName, MilestoneMoved, MilestonePlanned
from defenses.domain.milestones.checking import Fault, InvalidMilestoneError
from defenses.domain.milestones.school_events import (
    NoSchoolEventError,
    Refusal,
    SchoolEvent,
    StaleRevisionError,
)
from defenses.domain.roster import UnknownSchoolError
from defenses.use_cases.milestones import applying, planning
from defenses.use_cases.milestones.desk import BATCH, milestone_id


@pytest.fixture
def desk() -> Desk:
    """The school east with three students of grade 4, one of grade 5, and one who went to another school."""
    found = Desk()
    found.enroll(
        student("s-1"),
        student("s-2", teacher_ids=("t-2",)),
        student("s-3", grade="3", teacher_ids=("t-2",)),
        student("s-5", grade="5", teacher_ids=("t-2",)),
        student("s-8", school_id="west"),
        gone("s-9"),
    )
    return found


def refused(desk: Desk, **changes: Any) -> list[Fault]:
    with pytest.raises(InvalidMilestoneError) as caught:
        desk.plan(**changes)
    assert desk.events.writes == []
    return list(caught.value.faults)


def test_listed_students_are_planned_and_their_families_hear_of_it(desk: Desk) -> None:
    planned = desk.plan(student_ids=("s-2", "s-1", "s-2"))
    desk.apply()

    assert (planned.student_ids, planned.school_year, planned.slot) == (("s-2", "s-1"), YEAR, slot())
    assert desk.said == ["planned s-2", "planned s-1"]
    assert desk.milestones.facts[1].data == MilestonePlanned(
        milestone_id=milestone_id("s-1", YEAR),
        revision=1,
        student_id="s-1",
        school_id="east",
        grade="4",
        school_year=YEAR,
        event_id="e-1",
        form="conference",
        form_names=(FormName(language="en", name="Conference"), FormName(language="es", name="Reunión")),
        starts_at=EVENING,
        ends_at=EVENING + HOUR,
        time_zone="America/Kentucky/Louisville",
        place="Gymnasium",
    )
    assert desk.events.values["e-1"].is_applied


def test_a_whole_grade_is_planned(desk: Desk) -> None:
    assert desk.plan(grades=("4",)).student_ids == ("s-1", "s-2")


def test_a_class_is_planned_without_those_who_have_no_milestone(desk: Desk) -> None:
    planned = desk.plan(teacher_ids=("t-2",))

    assert planned.student_ids == ("s-2", "s-3")
    assert planned.left_out == (Refusal("s-5", "grade 5 has no milestone"),)


def test_planning_the_same_event_again_finds_it(desk: Desk) -> None:
    planned = desk.plan(student_ids=("s-1",))
    desk.apply()

    assert desk.plan(student_ids=("s-1",)) == desk.events.values["e-1"]
    assert replace(desk.events.values["e-1"], is_applied=False) == planned
    assert desk.said == ["planned s-1"]


def test_two_who_plan_the_same_event_at_once_plan_it_once(desk: Desk) -> None:
    first = desk.plan(student_ids=("s-1",))

    class Blind(type(desk.events)):  # type: ignore[misc]  # a class made of the store's own
        def find(self, document_id: str) -> SchoolEvent | None:
            return None

    late = replace(desk, events=Blind(desk.events.values))

    assert late.plan(student_ids=("s-1", "s-2")) == first


@pytest.mark.parametrize("school_id", ["west", "closed"])
def test_an_event_needs_a_school_of_the_roster(desk: Desk, school_id: str) -> None:
    desk.schools.values["closed"] = replace(desk.schools.values["east"], school_id="closed", active=False)

    with pytest.raises(UnknownSchoolError) as caught:
        desk.plan(school_id=school_id, student_ids=("s-1",))

    assert caught.value.field == "school_id"


def test_times_in_the_past_or_in_another_year_are_named(desk: Desk) -> None:
    assert refused(desk, starts_at=NOW, ends_at=NOW, grades=("4",)) == [
        Fault("starts_at", "it is in the past"),
        Fault("ends_at", "it is not after starts_at"),
    ]
    august = datetime(2027, 8, 20, 22, tzinfo=UTC)
    assert refused(desk, starts_at=august, ends_at=august + HOUR, grades=("4",)) == [
        Fault("starts_at", "it is not in the school year 2026-27")
    ]


def test_unknown_forms_and_grades_without_the_form_are_named(desk: Desk) -> None:
    assert refused(desk, form="play", grades=("4",)) == [
        Fault("form", "it is none of conference, mini-defense")
    ]
    assert refused(desk, grades=("4", "5", "9")) == [
        Fault("grades.1", "grade 5 has no milestone"),
        Fault("grades.2", "grade 9 has no conference"),
    ]


def test_listed_students_who_cannot_come_are_named_by_their_place(desk: Desk) -> None:
    assert refused(desk, student_ids=("s-1", "s-8", "s-9", "nobody", "s-5")) == [
        Fault("student_ids.1", "the student is at another school"),
        Fault("student_ids.2", "no such student is enrolled"),
        Fault("student_ids.3", "no such student is enrolled"),
        Fault("student_ids.4", "grade 5 has no milestone"),
    ]


def test_a_student_is_not_planned_twice_in_a_year(desk: Desk) -> None:
    desk.plan(student_ids=("s-1",))
    desk.apply()

    with pytest.raises(InvalidMilestoneError) as caught:
        desk.plan("e-2", student_ids=("s-2", "s-1"))

    assert caught.value.faults == (Fault("student_ids.1", "the student's milestone of 2026-27 is planned"),)
    assert desk.plan("e-2", grades=("4",)).student_ids == ("s-2",)


@pytest.mark.parametrize("choice", ["grades", "teacher_ids"])
def test_a_choice_of_nobody_is_refused(desk: Desk, choice: str) -> None:
    desk.students.values.clear()

    assert refused(desk, **{choice: ("3",)}) == [Fault(choice, "nobody in it needs a milestone of this form")]


def test_whoever_was_planned_elsewhere_meanwhile_is_noted(desk: Desk) -> None:
    desk.plan("e-1", student_ids=("s-1", "s-2"))
    desk.plan("e-2", student_ids=("s-2",))
    desk.apply()

    first, second = desk.events.values["e-1"], desk.events.values["e-2"]
    assert (first.left_out, first.is_applied) == ((), True)
    assert second.left_out == (Refusal("s-2", "the student's milestone of 2026-27 is planned"),)
    assert desk.said == ["planned s-1", "planned s-2"]


def test_whoever_left_meanwhile_is_noted(desk: Desk) -> None:
    desk.plan(student_ids=("s-1", "s-2", "s-3"))
    desk.enroll(gone("s-1"), student("s-2", version=2, school_id="west"))
    del desk.students.values["s-3"]
    desk.apply()

    assert desk.events.values["e-1"].left_out == (
        Refusal("s-1", "no such student is enrolled"),
        Refusal("s-2", "the student is at another school"),
        Refusal("s-3", "no such student is enrolled"),
    )
    assert desk.said == []


def test_six_hundred_students_take_a_write_for_each_hundred(desk: Desk) -> None:
    many = [student(f"m-{number:03}") for number in range(600)]
    desk.enroll(*many)
    desk.plan(student_ids=tuple(each.student_id for each in many))

    desk.apply()

    assert len(desk.said) == 600
    assert desk.renewals == 600 / BATCH


def test_a_moved_event_tells_every_family_where_it_was(desk: Desk) -> None:
    desk.plan(student_ids=("s-1",))
    desk.apply()
    planning.move_event(
        "e-1",
        starts_at=EVENING + HOUR,
        ends_at=EVENING + 2 * HOUR,
        place="Library",
        reason="The hall is closed.",
        revision=1,
        desk=desk,
        by="c-2",
    )
    desk.apply()

    assert desk.said == ["planned s-1", "moved s-1"]
    moved = desk.milestones.facts[-1].data
    assert isinstance(moved, MilestoneMoved)
    assert (moved.starts_at, moved.place, moved.revision) == (EVENING + HOUR, "Library", 2)
    assert (moved.previous_starts_at, moved.previous_place) == (EVENING, "Gymnasium")
    assert moved.reason == "The hall is closed."


def test_an_event_is_not_moved_into_the_past_or_another_year(desk: Desk) -> None:
    desk.plan(student_ids=("s-1",))
    july = datetime(2027, 7, 2, tzinfo=UTC)

    def moved_to(start: datetime) -> list[Fault]:
        with pytest.raises(InvalidMilestoneError) as caught:
            planning.move_event(
                "e-1",
                starts_at=start,
                ends_at=start + HOUR,
                place="Library",
                reason="Why not.",
                revision=1,
                desk=desk,
                by="c-2",
            )
        return list(caught.value.faults)

    assert moved_to(NOW) == [Fault("starts_at", "it is in the past")]
    assert moved_to(july) == [Fault("starts_at", "it is not in the school year 2026-27")]


def test_a_cancelled_event_is_told_and_its_students_can_be_planned_again(desk: Desk) -> None:
    desk.plan(student_ids=("s-1",))
    desk.apply()
    planning.cancel_event("e-1", reason="Snow.", revision=1, desk=desk, by="c-2")
    desk.apply()
    desk.plan("e-2", student_ids=("s-1",))
    desk.apply()

    assert desk.said == ["planned s-1", "cancelled s-1", "planned s-1"]
    cancelled = desk.milestones.facts[1].data
    assert (cancelled.cause, cancelled.reason, cancelled.revision) == ("event_cancelled", "Snow.", 2)


def test_cancelling_twice_is_one_change(desk: Desk) -> None:
    desk.plan(student_ids=("s-1",))
    planning.cancel_event("e-1", reason="Snow.", revision=1, desk=desk, by="c-2")
    planning.cancel_event("e-1", reason="Snow.", revision=1, desk=desk, by="c-2")

    assert desk.events.writes == ["e-1", "e-1"]


def test_attendance_reaches_every_milestone(desk: Desk) -> None:
    desk.plan(student_ids=("s-1", "s-2"))
    desk.apply()
    after = desk.at(EVENING + HOUR)
    planning.hold_event("e-1", missed=("s-2",), revision=1, desk=after, by="t-1")
    after.apply()

    assert (desk.of("s-1").state, desk.of("s-2").state) == ("held", "missed")
    assert desk.said == ["planned s-1", "planned s-2", "missed s-2"]


def test_attendance_is_of_those_for_whom_the_event_was_and_after_its_begin(desk: Desk) -> None:
    desk.plan(student_ids=("s-1",))
    desk.apply()

    with pytest.raises(InvalidMilestoneError) as caught:
        planning.hold_event("e-1", missed=("s-1", "s-2"), revision=1, desk=desk, by="t-1")

    assert caught.value.faults == (
        Fault("missed.1", "the event is not for this student"),
        Fault("event_id", "the event has not begun"),
    )


def test_an_unknown_event_cannot_be_changed(desk: Desk) -> None:
    with pytest.raises(NoSchoolEventError):
        planning.cancel_event("e-7", reason="Snow.", revision=1, desk=desk, by="c-2")


def test_two_coordinators_do_not_overwrite_each_other(desk: Desk) -> None:
    desk.plan(student_ids=("s-1",))
    planning.cancel_event("e-1", reason="Snow.", revision=1, desk=desk, by="c-2")

    with pytest.raises(StaleRevisionError, match="since c-2 changed"):
        planning.move_event(
            "e-1",
            starts_at=EVENING + HOUR,
            ends_at=EVENING + 2 * HOUR,
            place="Library",
            reason="The hall is closed.",
            revision=1,
            desk=desk,
            by="c-1",
        )


def test_an_event_that_was_changed_while_it_was_applied_stays_to_be_applied(desk: Desk) -> None:
    found = desk.plan(student_ids=("s-1",))
    planning.cancel_event("e-1", reason="Snow.", revision=1, desk=desk, by="c-2")

    applying.apply_event(found, desks=lambda _: desk, still_ours=desk.renew)
    assert not desk.events.values["e-1"].is_applied

    desk.apply()
    assert desk.said == ["planned s-1", "cancelled s-1"]


def test_applying_again_after_a_crash_says_nothing_twice(desk: Desk) -> None:
    found = desk.plan(student_ids=("s-1", "s-2"))
    desk.apply()
    applying.apply_event(found, desks=lambda _: desk, still_ours=desk.renew)

    assert desk.said == ["planned s-1", "planned s-2"]


def test_the_stages_of_an_event_have_causes_of_their_own(desk: Desk) -> None:
    found = desk.plan(student_ids=("s-1",))
    asked: list[str] = []

    def desks(stage: str) -> Desk:
        asked.append(stage)
        return desk

    applying.apply_event(found, desks=desks, still_ours=desk.renew)

    assert asked == ["e-1:1:students", "e-1:1:applied"]


def test_an_event_that_never_reached_a_student_is_cancelled_for_them_in_silence(desk: Desk) -> None:
    desk.events.values["e-1"] = event(state="cancelled", revision=2, student_ids=("s-1", "s-5", "s-9"))
    desk.apply()

    assert desk.said == []
    assert desk.milestones.values == {}


def test_a_student_who_missed_it_elsewhere_is_planned_where_they_are_now(desk: Desk) -> None:
    missed = milestone("s-1", school_id="west", state="missed", roster_version=0)
    desk.milestones.values[missed.milestone_id] = missed
    desk.plan(student_ids=("s-1",))
    desk.apply()

    assert (desk.of("s-1").school_id, desk.of("s-1").state) == ("east", "planned")
