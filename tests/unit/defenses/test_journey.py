"""A student's way from kindergarten to grade 12."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.defenses import defenses_examples as examples
from tests.unit.defenses.hearing_examples import hearing, matter
from tests.unit.defenses.milestone_examples import POLICY, milestone, record

from contracts.artifacts import GRADES as CONTRACT_GRADES
from defenses.domain.candidates import Candidate
from defenses.domain.defenses import Defense
from defenses.domain.hearings.hearing import Hearing, Record
from defenses.domain.hearings.outcomes import Outcome
from defenses.domain.journey.drawing import draw_journey
from defenses.domain.journey.journeys import (
    AHEAD,
    GRADES,
    NOW,
    PAST,
    Component,
    Journey,
    Rules,
    SkillProgress,
    SkillShown,
)
from defenses.domain.milestones.milestones import Milestone
from defenses.domain.readiness import INSUFFICIENT_EVIDENCE, READY, Clause
from defenses.domain.roster import UnknownStudentError
from defenses.use_cases.journey import show_journey

TODAY = date(2027, 3, 1)
RULES = Rules(
    readiness=dict.fromkeys(examples.RULE.transitions, examples.RULE),
    milestones=POLICY,
    year_starts=(7, 1),
)


def pupil(grade: str = "4", *evidence: Any) -> Candidate:
    candidate = Candidate(student_id="s-1").enrolled(examples.enrollment(grade=grade), version=1)
    for each in evidence:
        candidate = candidate.scored(each)
    return candidate


def scored(artifact_id: str, skill_id: str = "collaborator", **changes: Any) -> Any:
    return examples.evidence(artifact_id, skill_id, **{"grade": "4", **changes})


def way(
    candidate: Candidate,
    milestones: tuple[Milestone, ...] = (),
    defenses: tuple[Defense, ...] = (),
    hearings: Sequence[Hearing] = (),
) -> Journey:
    return draw_journey(candidate, milestones, defenses, hearings, RULES, today=TODAY)


def test_the_grades_are_those_of_the_contracts() -> None:
    assert GRADES == CONTRACT_GRADES


def test_a_journey_has_every_grade_with_what_it_asks_for() -> None:
    found = way(pupil())

    assert [each.grade for each in found.years] == list(GRADES)
    assert [each.grade for each in found.years if each.milestone_due] == ["3", "4", "9"]
    assert [each.grade for each in found.years if each.defense_due] == ["5", "8"]
    standings = {each.grade: each.standing for each in found.years}
    assert (standings["3"], standings["4"], standings["5"]) == (PAST, NOW, AHEAD)
    assert [each.school_year for each in found.years if each.school_year] == ["2026-27"]
    assert [each.milestone_due_on for each in found.years if each.milestone_due_on] == [date(2027, 5, 15)]


def test_a_year_shows_its_skills_artifacts_and_milestone() -> None:
    kept = replace(milestone(), state="recorded", records=(record(),))
    found = way(pupil("4", scored("a-1"), scored("a-2", mean_level=2.0), scored("a-3", "innovator")), (kept,))

    [now] = [each for each in found.years if each.standing == NOW]
    assert now.skills == (SkillShown("collaborator", 2, 2.5), SkillShown("innovator", 1, 3.0))
    assert (now.artifacts, now.milestone) == (3, kept)
    assert found.milestones == Component(due=1, done=1)


def test_a_stage_shows_how_far_each_skill_is_on_the_way_to_its_defense() -> None:
    found = way(pupil("4", scored("a-1"), scored("a-2"), scored("a-3"), scored("a-4", "singing")))

    [fifth, eighth] = found.stages
    assert (fifth.transition, fifth.grades, eighth.transition) == ("5", ("4", "5"), "8")
    assert fifth.skills == (
        SkillProgress("collaborator", 2, 3, 3.0),
        SkillProgress("innovator", 2, 0, None),
    )
    assert found.skills == Component(due=2, done=1)
    assert found.artifacts == Component(due=4, done=2)
    assert found.defenses == Component(due=0, done=0)


def heard(
    status: str, *, released: int = 1, attempt: int = 1, school_year: str = "2026-27", **changes: Any
) -> Hearing:
    outcome = Outcome(
        status=status,
        rule_version="1",
        levels=(),
        unmet=(),
        explanation=Clause(id="outcome", met=status == "READY", observed=None, required=1),
        input_hash="0" * 64,
    )
    record_of_panel = Record(version=1, outcome=outcome, redefense=None, decided_at=examples.NOW)
    return hearing(
        hearing_id=f"h-{attempt}",
        matter=matter(student_id="s-1", transition="5", attempt=attempt, school_year=school_year),
        state="decided",
        records=(record_of_panel,),
        released=released,
        **changes,
    )


def test_a_defense_is_due_at_the_end_of_its_stage() -> None:
    ready = examples.ready_candidate("s-1")
    defended = examples.defense(student_id="s-1")
    found = way(ready, defenses=(defended,))

    assert found.defenses == Component(due=1, done=0)
    [now] = [each for each in found.years if each.standing == NOW]
    assert (now.defense_due, now.defense, now.milestone_due) == (True, defended, False)
    fifth, eighth = found.stages
    assert (fifth.readiness, fifth.defenses, fifth.outcome) == (ready.status, (defended,), None)
    assert eighth.readiness is None


@pytest.mark.parametrize(
    ("hearings", "outcome", "done"),
    [
        ([heard("READY", released=0)], None, 0),
        ([heard("NOT_YET")], "NOT_YET", 0),
        ([heard("NOT_YET"), heard("READY", attempt=2)], "READY", 1),
        ([heard("READY", attempt=2), heard("NOT_YET")], "READY", 1),
    ],
)
def test_a_defense_is_done_once_the_family_was_told_that_a_panel_found_the_student_ready(
    hearings: list[Hearing], outcome: str | None, done: int
) -> None:
    found = way(pupil("5"), hearings=hearings)

    assert (found.stages[0].outcome, found.stages[1].outcome) == (outcome, None)
    assert found.defenses == Component(due=1, done=done)


def test_a_draft_of_a_defense_is_not_shown() -> None:
    draft = examples.defense(student_id="s-1", state="draft")

    found = way(examples.ready_candidate("s-1"), defenses=(draft,))

    assert found.stages[0].defenses == ()
    assert all(each.defense is None for each in found.years)


def test_defenses_of_several_years_are_in_their_order() -> None:
    first = examples.defense("d-1", school_year="2025-26", starts_at=datetime(2026, 4, 6, tzinfo=UTC))
    second = examples.defense("d-2")

    assert way(pupil("5"), defenses=(second, first)).stages[0].defenses == (first, second)


def test_the_redefense_of_a_year_is_shown_after_its_defense_whatever_their_order() -> None:
    first, second = examples.defense("d-1"), examples.defense("d-2", attempt=2)

    for found in ((first, second), (second, first)):
        shown = [year.defense for year in way(pupil("5"), defenses=found).years if year.defense]
        assert shown == [second]


def test_a_repeated_grade_has_a_line_for_each_year() -> None:
    before = milestone(school_year="2025-26", state="missed")
    found = way(pupil(), (before,))

    fourth = [(each.school_year, each.standing) for each in found.years if each.grade == "4"]
    assert fourth == [("2025-26", PAST), ("2026-27", NOW)]
    assert found.milestones == Component(due=2, done=0)


def test_a_journey_goes_through_schools_and_a_grade_that_is_repeated() -> None:
    def shown(artifact_id: str, grade: str, school_id: str, year: int) -> Any:
        at = datetime(year, 3, 1, tzinfo=UTC)
        return scored(artifact_id, grade=grade, school_id=school_id, scored_at=at)

    moved = pupil(
        "6",
        shown("a-1", "4", "east", 2024),
        shown("a-2", "5", "east", 2025),
        shown("a-3", "5", "north", 2025),
        shown("a-4", "5", "north", 2026),
    ).enrolled(examples.enrollment(grade="6", school_id="west"), version=2)
    third = milestone(grade="3", school_year="2022-23", state="recorded", records=(record(),))
    fourth = milestone(grade="4", school_year="2023-24", state="cancelled")
    first = examples.defense("d-1", school_year="2024-25", school_id="north")
    second = examples.defense("d-2", school_year="2025-26", school_id="north")
    not_yet = heard("NOT_YET", school_year="2024-25")
    ready = heard("READY", school_year="2025-26")

    found = way(moved, (third, fourth), (first, second), (ready, not_yet))

    assert [
        (each.grade, each.school_year, each.school_ids, each.standing, each.artifacts)
        for each in found.years
        if each.school_year is not None
    ] == [
        ("3", "2022-23", ("east",), PAST, 0),
        ("4", "2023-24", ("east",), PAST, 1),
        ("5", "2024-25", ("east", "north"), PAST, 2),
        ("5", "2025-26", ("north",), PAST, 1),
        ("6", "2026-27", ("west",), NOW, 0),
    ]
    [fifth, _] = found.stages
    assert (fifth.outcome, [each.defense_id for each in fifth.defenses]) == ("READY", ["d-1", "d-2"])
    assert fifth.skills[0].artifacts == 4
    assert (found.milestones, found.defenses) == (Component(due=2, done=1), Component(due=1, done=1))


def test_readiness_of_a_stage_that_lies_behind_is_still_shown() -> None:
    fifth = examples.ready_candidate("s-1")
    eighth = fifth.enrolled(examples.enrollment(grade="8"), version=9).decided(
        examples.RULE, now=examples.NOW
    )

    assert [each.readiness for each in way(eighth).stages] == [READY, INSUFFICIENT_EVIDENCE]
    assert eighth.decision is not None
    assert eighth.decision.transition == "8"


def test_a_grade_of_a_year_before_is_past_also_when_it_is_above_the_students_own() -> None:
    back = pupil("4", scored("a-1", grade="5", scored_at=datetime(2026, 3, 1, tzinfo=UTC)))

    assert [(each.grade, each.standing) for each in way(back).years if each.school_year] == [
        ("4", NOW),
        ("5", PAST),
    ]


def test_a_year_asks_for_one_milestone_even_of_a_student_who_skips_a_grade() -> None:
    kept = milestone(grade="3", state="recorded", records=(record(),))
    skipped = way(pupil("4"), (kept,))
    late = way(pupil("4", scored("a-1", grade="3")))

    assert (skipped.milestones, late.milestones) == (Component(due=1, done=1), Component(due=1, done=0))
    owed = [(each.grade, each.milestone_due) for each in late.years if each.school_year]
    assert owed == [("3", False), ("4", True)]


def test_what_is_on_record_of_the_years_to_come_is_not_due_yet() -> None:
    found = way(pupil(), (milestone(school_year="2027-28"),))

    assert [each.standing for each in found.years if each.grade == "4"] == [NOW, AHEAD]
    assert found.milestones == Component(due=1, done=0)


def test_evidence_belongs_to_the_year_in_which_it_was_scored() -> None:
    found = way(pupil("4", scored("a-1", grade="3", scored_at=datetime(2026, 5, 1, tzinfo=UTC))))

    [third] = [each for each in found.years if each.grade == "3"]
    assert (third.school_year, third.standing, third.artifacts) == ("2025-26", PAST, 1)


def test_a_student_who_has_left_keeps_the_past() -> None:
    gone = pupil("4", scored("a-1")).withdrawn(version=2)
    found = way(gone)

    assert found.grade is None
    assert {each.standing for each in found.years} == {PAST}
    assert [each.artifacts for each in found.years if each.school_year] == [1]


@given(
    st.sampled_from(GRADES),
    st.lists(st.tuples(st.sampled_from(GRADES), st.integers(2016, 2026), st.booleans()), max_size=12),
)
def test_nothing_is_done_that_was_not_due_and_nothing_on_record_is_lost(
    grade: str, kept: list[tuple[str, int, bool]]
) -> None:
    milestones = {
        year: milestone(
            grade=one,
            school_year=f"{year}-{(year + 1) % 100:02}",
            records=(record(),) if done else (),
        )
        for one, year, done in kept
    }
    found = way(pupil(grade), tuple(milestones.values()))

    for component in (found.skills, found.artifacts, found.milestones, found.defenses):
        assert 0 <= component.done <= component.due
    shown = [each.milestone for each in found.years if each.milestone is not None]
    assert sorted(shown, key=repr) == sorted(milestones.values(), key=repr)
    assert {each.grade for each in found.years} == set(GRADES)


def records(**stores: Any) -> Any:
    names = ("candidates", "milestones", "defenses", "hearings")
    return SimpleNamespace(**{name: examples.Memory(stores.get(name, {})) for name in names})


def test_a_journey_is_made_of_what_is_on_record_of_the_student() -> None:
    stores = records(
        candidates={"s-1": pupil()},
        milestones={"m-1": milestone(), "m-2": milestone("s-2")},
        defenses={"d-1": examples.defense(student_id="s-2")},
        hearings={"h-1": heard("READY")},
    )

    found = show_journey("s-1", records=stores, rules=RULES, today=TODAY)

    assert found == way(pupil(), (milestone(),), (), [heard("READY")])


def test_an_unknown_student_has_no_journey() -> None:
    with pytest.raises(UnknownStudentError):
        show_journey("s-7", records=records(), rules=RULES, today=TODAY)
