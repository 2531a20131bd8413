"""Records, and the sweep."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from tests.unit.defenses.milestone_examples import (
    EVENING,
    HOUR,
    NOW,
    POLICY,
    YEAR,
    Desk,
    gone,
    milestone,
    slot,
    student,
)

from contracts.defenses.milestones import MilestoneLapsed, SkillLevel
from defenses.domain.milestones.checking import Fault, InvalidMilestoneError
from defenses.domain.milestones.milestones import Milestone, NotHeldError
from defenses.use_cases.milestones import keeping, sweeping
from defenses.use_cases.milestones.desk import milestone_id

NOON = datetime(2027, 3, 15, 16, tzinfo=UTC)
MAY_16 = datetime(2027, 5, 16, 12, tzinfo=UTC)


@pytest.fixture
def desk() -> Desk:
    """Two students of grade 4 with a conference, and one whose mini-defense took place."""
    found = Desk()
    found.enroll(student("s-1"), student("s-2"), student("s-3"))
    found.plan("e-1", student_ids=("s-1", "s-2"))
    found.plan("e-3", form="mini-defense", student_ids=("s-3",))
    found.apply()
    found.milestones.facts.clear()
    return found.at(EVENING + HOUR)


def keep(
    desk: Desk, student_id: str, *levels: tuple[str, float], reflection: str = "I spoke up."
) -> Milestone:
    return keeping.record_milestone(
        milestone_id(student_id, YEAR), reflection=reflection, levels=levels, desk=desk, by="t-1"
    )


def faults(desk: Desk, student_id: str, *levels: tuple[str, float]) -> list[Fault]:
    with pytest.raises(InvalidMilestoneError) as caught:
        keep(desk, student_id, *levels)
    return list(caught.value.faults)


def test_a_record_says_the_levels_and_keeps_the_reflection_to_itself(desk: Desk) -> None:
    kept = keep(desk, "s-3", ("innovator", 3.5), ("collaborator", 2))

    assert kept.record is not None
    assert (kept.record.reflection, kept.record.policy_version) == ("I spoke up.", "1")
    assert desk.said == ["recorded s-3"]
    said = desk.milestones.facts[0].data
    assert (said.record, said.recorded_at) == (1, EVENING + HOUR)
    assert said.levels == (
        SkillLevel(skill_id="collaborator", level=2),
        SkillLevel(skill_id="innovator", level=3.5),
    )
    assert "I spoke up." not in str(said)


def test_the_same_record_again_says_nothing_and_another_one_supersedes_it(desk: Desk) -> None:
    keep(desk, "s-1")
    keep(desk, "s-1")
    assert desk.said == ["recorded s-1"]

    corrected = keep(desk, "s-1", reflection="I spoke up, twice.")
    assert [each.reflection for each in corrected.records] == ["I spoke up.", "I spoke up, twice."]
    assert desk.milestones.facts[-1].data.record == 2


def test_wrong_levels_are_named_by_their_field(desk: Desk) -> None:
    assert faults(desk, "s-1", ("innovator", 3)) == [Fault("levels", "conference has no levels")]
    assert faults(desk, "s-3") == [Fault("levels", "mini-defense needs the level of one skill at least")]
    assert faults(desk, "s-3", ("innovator", 5), ("singing", 1), ("innovator", 0.5)) == [
        Fault("levels.0.level", "it is not on the scale from 1 to 4"),
        Fault("levels.1.skill_id", "the district has no such skill"),
        Fault("levels.2.skill_id", "it is at levels.0 too"),
        Fault("levels.2.level", "it is not on the scale from 1 to 4"),
    ]


def test_a_form_that_the_district_has_dropped_has_no_levels_and_no_names(desk: Desk) -> None:
    dropped = replace(desk, policy=replace(POLICY, forms={}))

    assert faults(dropped, "s-3", ("innovator", 3)) == [Fault("levels", "mini-defense has no levels")]
    keep(dropped, "s-3")
    assert desk.milestones.facts[0].data.form_names == ()


def test_what_did_not_take_place_cannot_be_recorded(desk: Desk) -> None:
    with pytest.raises(NotHeldError):
        keep(desk.at(NOW), "s-1")


def test_an_unknown_milestone_cannot_be_recorded(desk: Desk) -> None:
    with pytest.raises(keeping.NoMilestoneError):
        keep(desk, "nobody")


def sweep(desk: Desk, now: datetime = MAY_16) -> int:
    today = desk.at(now)
    return sweeping.sweep_school(
        desk.schools.values["east"], now.isoformat(), desks=lambda _: today, still_ours=desk.renew
    )


def test_what_is_not_on_record_after_its_last_day_is_overdue(desk: Desk) -> None:
    desk.enroll(student("s-4"), student("s-5", grade="5"), student("s-8", school_id="west"))
    keep(desk, "s-1")
    desk.milestones.facts.clear()

    assert sweep(desk) == 3

    assert sorted(desk.said) == ["lapsed s-2", "lapsed s-3", "lapsed s-4"]
    assert [fact.data for fact in desk.milestones.facts if fact.data.student_id == "s-4"] == [
        MilestoneLapsed(
            milestone_id=milestone_id("s-4", YEAR),
            student_id="s-4",
            school_id="east",
            grade="4",
            school_year=YEAR,
            due_on=date(2027, 5, 15),
            state="due",
        )
    ]
    assert desk.of("s-2").is_overdue


def test_a_second_sweep_finds_nothing_new(desk: Desk) -> None:
    sweep(desk)
    desk.milestones.facts.clear()

    assert sweep(desk, datetime(2027, 5, 17, 12, tzinfo=UTC)) == 0
    assert desk.said == []


def test_the_last_day_itself_is_not_late_at_the_school(desk: Desk) -> None:
    assert sweep(desk, datetime(2027, 5, 16, 3, tzinfo=UTC)) == 0
    assert sweep(desk, datetime(2027, 5, 16, 5, tzinfo=UTC)) == 3


def test_an_overdue_milestone_can_still_be_planned_and_recorded(desk: Desk) -> None:
    desk.enroll(student("s-4"))
    sweep(desk)
    late = desk.at(MAY_16)
    late.plan("e-4", student_ids=("s-4",), starts_at=MAY_16 + HOUR, ends_at=MAY_16 + 2 * HOUR)
    late.apply()
    assert desk.of("s-4").is_overdue

    keep(desk.at(MAY_16 + 2 * HOUR), "s-4")

    assert not desk.of("s-4").is_overdue
    assert sweep(desk, datetime(2027, 5, 18, tzinfo=UTC)) == 0


def test_the_plan_of_a_student_who_leaves_or_changes_school_is_cancelled(desk: Desk) -> None:
    desk.enroll(gone("s-1"), student("s-2", version=2, school_id="west"))
    del desk.students.values["s-3"]

    assert sweep(desk, NOON) == 2

    assert sorted(desk.said) == ["cancelled s-1", "cancelled s-2"]
    left, moved = desk.of("s-1"), desk.of("s-2")
    assert (left.cause, left.school_id) == ("withdrawn", "east")
    assert (moved.cause, moved.school_id) == ("school_changed", "west")
    assert {fact.data.school_id for fact in desk.milestones.facts} == {"east"}
    assert desk.of("s-3").state == "planned"
    assert sweep(desk, NOON + HOUR) == 0


def test_a_record_stays_with_the_school_where_it_was_made(desk: Desk) -> None:
    keep(desk, "s-1")
    desk.enroll(student("s-1", version=2, school_id="west"))

    assert sweep(desk, NOON) == 0
    assert (desk.of("s-1").school_id, desk.of("s-1").state) == ("east", "recorded")


def test_each_sweep_of_a_school_is_a_cause_of_its_own(desk: Desk) -> None:
    asked: list[str] = []

    def desks(stage: str) -> Desk:
        asked.append(stage)
        return desk

    sweeping.sweep_school(desk.schools.values["east"], "noon", desks=desks, still_ours=desk.renew)

    assert asked == ["noon:east"]


def test_a_student_who_came_from_another_school_lapses_where_they_are(desk: Desk) -> None:
    missed = milestone("s-4", school_id="west", state="missed", roster_version=1)
    desk.milestones.values[missed.milestone_id] = missed
    desk.enroll(student("s-4", version=2))
    sweep(desk)

    [said] = [fact.data for fact in desk.milestones.facts if fact.data.student_id == "s-4"]
    assert (said.school_id, said.state) == ("east", "missed")


def test_a_student_who_came_with_a_record_is_not_late(desk: Desk) -> None:
    kept = milestone("s-4", school_id="west", state="recorded")
    desk.milestones.values[kept.milestone_id] = kept
    desk.enroll(student("s-4"))
    sweep(desk)

    assert "lapsed s-4" not in desk.said


def test_what_was_planned_elsewhere_and_has_begun_lapses_at_the_school_that_planned_it(desk: Desk) -> None:
    at_west = milestone("s-4", school_id="west").told(
        replace(desk.events.values["e-1"], school_id="west", event_id="e-8")
    )
    desk.milestones.values[at_west.milestone_id] = at_west
    desk.enroll(student("s-4", version=2))
    sweep(desk)

    [said] = [fact.data for fact in desk.milestones.facts if fact.data.student_id == "s-4"]
    assert (said.school_id, said.state) == ("west", "planned")


def test_a_plan_of_another_school_that_lapses_before_its_time_says_both(desk: Desk) -> None:
    june = slot(starts_at=MAY_16 + 24 * HOUR, ends_at=MAY_16 + 25 * HOUR)
    at_west = milestone("s-4", school_id="west").told(
        replace(desk.events.values["e-1"], school_id="west", event_id="e-8", slot=june)
    )
    desk.milestones.values[at_west.milestone_id] = at_west
    desk.enroll(student("s-4", version=2))
    sweep(desk)

    assert [each for each in desk.said if each.endswith("s-4")] == ["lapsed s-4", "cancelled s-4"]
