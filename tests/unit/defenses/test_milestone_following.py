"""Milestones go with their student as soon as the roster has spoken."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.defenses.defenses_examples import RULE, Memory
from tests.unit.defenses.milestone_examples import EVENING, HOUR, Desk, student
from tests.unit.defenses.readiness_examples import Rules

from contracts.artifacts import StudentEnrolled, StudentWithdrawn
from contracts.defenses.milestones import MILESTONE_CANCELLED
from defenses.domain.candidates import Candidate
from defenses.use_cases import candidates as roster
from defenses.use_cases.milestones.following import follow_candidate


class Registry:
    """Hands the roster's news about s-1 on as the event handlers do; a conference is planned for them."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.desk.enroll(student("s-1"))
        self.desk.plan(student_ids=("s-1",))
        self.desk.apply()
        self.candidates: Memory[Candidate] = Memory()
        self.enroll(1)
        self.desk.milestones.writes.clear()

    def enroll(self, version: int, school_id: str = "east", *, teacher: str = "t-1") -> None:
        event = StudentEnrolled(
            student_id="s-1",
            school_id=school_id,
            grade="4",
            given_name="Ava",
            family_name="Núñez",
            home_language=None,
            guardian_ids=("g-1",),
            teacher_ids=(teacher,),
        )
        now, rules = self.desk.now, Rules(RULE)
        known = roster.enroll(event, version=version, candidates=self.candidates, rules=rules, now=now)
        follow_candidate(known, desk=self.desk)

    def withdraw(self, version: int) -> None:
        event = StudentWithdrawn(student_id="s-1", school_id="east")
        now, rules = self.desk.now, Rules(RULE)
        known = roster.withdraw(event, version=version, candidates=self.candidates, rules=rules, now=now)
        follow_candidate(known, desk=self.desk)

    @property
    def causes(self) -> list[str]:
        """Why plans were called off."""
        facts = self.desk.milestones.facts
        return [fact.data.cause for fact in facts if fact.contract is MILESTONE_CANCELLED]


def test_what_is_planned_for_a_student_who_leaves_is_called_off_at_once() -> None:
    registry = Registry()

    registry.withdraw(2)

    assert registry.causes == ["withdrawn"]
    assert registry.desk.of("s-1").state == "cancelled"


def test_the_milestone_of_a_student_who_changes_school_is_due_at_the_new_one_at_once() -> None:
    registry = Registry()

    registry.enroll(2, "west")

    assert registry.causes == ["school_changed"]
    assert (registry.desk.of("s-1").state, registry.desk.of("s-1").school_id) == ("cancelled", "west")


def test_news_of_a_student_who_stays_writes_no_milestone_and_one_without_needs_none() -> None:
    registry = Registry()

    registry.enroll(2, teacher="t-2")
    registry.desk.milestones.values.clear()
    registry.withdraw(3)
    follow_candidate(None, desk=registry.desk)

    assert registry.desk.milestones.writes == []


def test_what_has_begun_stays_with_the_school_that_holds_it() -> None:
    registry = Registry()
    registry.desk = registry.desk.at(EVENING + HOUR)

    registry.enroll(2, "west")

    assert (registry.desk.of("s-1").state, registry.desk.of("s-1").school_id) == ("planned", "east")


def test_old_news_moves_nobody() -> None:
    registry = Registry()

    registry.enroll(3, teacher="t-2")
    registry.withdraw(2)

    assert (registry.causes, registry.desk.of("s-1").state) == ([], "planned")


@settings(deadline=None)
@given(st.permutations([2, 3, 4, 5]), st.randoms())
def test_wherever_the_news_ends_the_milestone_is_where_the_student_is(
    versions: list[int], chance: random.Random
) -> None:
    registry = Registry()
    told = {2: "west", 3: "", 4: "north", 5: "east"}
    for version in [*versions, chance.choice(versions)]:
        if told[version]:
            registry.enroll(version, told[version])
        else:
            registry.withdraw(version)

    found = registry.desk.of("s-1")
    assert found.school_id == registry.candidates.values["s-1"].school_id == "east"
    assert len(registry.causes) <= 1
