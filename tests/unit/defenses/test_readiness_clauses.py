"""What a rule may ask for beyond enough good artifacts: assignments, the student's choice, readers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.defenses.defenses_examples import NOW, RULE, Memory, evidence
from tests.unit.defenses.readiness_examples import Rules, exception

from contracts.scoring import ARTIFACT_SCORED, ArtifactScored, CriterionScore
from defenses.domain.candidates import Candidate, Enrollment
from defenses.domain.readiness import (
    INSUFFICIENT_EVIDENCE,
    NOT_YET,
    READY,
    REDUCED_COUNTS,
    Clause,
    Decision,
    Evidence,
    Nomination,
    OpportunitySeason,
    ReadinessException,
    Snapshot,
    decide,
)
from defenses.entrypoints.policy_schemas.readiness import ReadinessRuleSchema
from defenses.entrypoints.schemas.readiness import SnapshotSchema
from defenses.use_cases.candidates import add_evidence

ONE_SKILL = replace(RULE, skills=("collaborator",), compensation=None)
TASKS = replace(ONE_SKILL, distinct_assignments=2)
CHOICE = replace(
    ONE_SKILL, mean_at_least=2.5, nomination=Nomination(artifacts=2, confirm_within=0.5, readers=2)
)


def artifact(number: int, level: float = 3.5, **said: Any) -> Evidence:
    return evidence(f"a-{number}", mean_level=level, levels=(("craft", level),), **said)


def snapshot(*entries: Evidence, exceptions: tuple[ReadinessException, ...] = ()) -> Snapshot:
    return Snapshot(transition="5", as_of=NOW.date(), evidence=entries, exceptions=exceptions)


def decided(rule: Any, *entries: Evidence, exceptions: tuple[ReadinessException, ...] = ()) -> Decision:
    decision = decide(snapshot(*entries, exceptions=exceptions), rule)
    assert decision is not None
    return decision


def part(decision: Decision, clause_id: str) -> Clause:
    return next(each for each in decision.skills[0].clauses if each.id == clause_id)


def test_two_artifacts_of_one_assignment_are_not_two() -> None:
    same = decided(TASKS, artifact(1, assignment_id="essay"), artifact(2, assignment_id="essay"))
    two = decided(TASKS, artifact(1, assignment_id="essay"), artifact(2, assignment_id="film"))

    assert (same.status, two.status) == (INSUFFICIENT_EVIDENCE, READY)
    clause = part(same, "assignments")
    assert (clause.observed, clause.required, clause.artifact_ids) == (1, 2, ("a-1", "a-2"))
    assert same.lacking == {"collaborator": clause}


def test_artifacts_that_nobody_has_given_an_assignment_count_as_of_one() -> None:
    assert decided(TASKS, artifact(1), artifact(2)).status == INSUFFICIENT_EVIDENCE
    assert decided(TASKS, artifact(1), artifact(2, assignment_id="film")).status == READY


def test_only_what_the_student_has_chosen_is_judged() -> None:
    chosen = (artifact(1, 1.5, nominated=True), artifact(2, 1.5, nominated=True))

    found = decided(CHOICE, *chosen, artifact(3, 4.0), artifact(4, 4.0))

    assert (found.status, part(found, "mean").observed) == (NOT_YET, 1.5)
    assert found.skills[0].artifact_ids == ("a-1", "a-2")


def test_without_a_choice_nothing_is_judged_and_the_school_owes_nothing() -> None:
    season = OpportunitySeason(first=(1, 1), last=(12, 31))
    rule = replace(CHOICE, opportunity=season)

    student = (
        Candidate(student_id="s-1")
        .enrolled(
            Enrollment(school_id="east", grade="5", guardian_ids=(), teacher_ids=()),
            version=1,
        )
        .scored(artifact(1))
        .scored(artifact(2, nominated=True))
        .decided(rule, now=NOW)
    )

    assert (student.status, student.gaps) == (INSUFFICIENT_EVIDENCE, ())
    assert student.current is not None
    assert student.current.unmet == ("collaborator/nominated",)
    assert student.skill_standings == (f"collaborator:{INSUFFICIENT_EVIDENCE}",)


@pytest.mark.parametrize(
    ("levels", "readers", "status"),
    [
        ((3.5, 3.5), (1, 1), READY),
        ((3.0, 3.5), (1, 1), INSUFFICIENT_EVIDENCE),
        ((3.0, 3.5), (2, 1), READY),
        ((2.0, 3.5), (2, 1), READY),
        ((1.9, 1.9), (1, 1), NOT_YET),
    ],
)
def test_what_is_near_the_mean_that_is_asked_for_needs_a_second_reader(
    levels: tuple[float, float], readers: tuple[int, int], status: str
) -> None:
    entries = [
        artifact(number, level, nominated=True, readers=count)
        for number, (level, count) in enumerate(zip(levels, readers, strict=True))
    ]

    assert decided(CHOICE, *entries).status == status


def test_reduced_counts_lower_assignments_and_choices_too() -> None:
    few = exception(kind=REDUCED_COUNTS, min_artifacts=1)

    assert decided(TASKS, artifact(1), exceptions=(few,)).status == READY
    assert decided(CHOICE, artifact(1, nominated=True), exceptions=(few,)).status == READY


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.none() | st.sampled_from("xy"), st.booleans(), st.integers(1, 3)), min_size=1, max_size=4
    )
)
def test_what_a_rule_does_not_ask_for_changes_neither_its_decision_nor_its_hash(
    said: list[tuple[str | None, bool, int]],
) -> None:
    plain = [artifact(number) for number in range(len(said))]
    told = [
        artifact(number, assignment_id=assignment, nominated=nominated, readers=readers)
        for number, (assignment, nominated, readers) in enumerate(said)
    ]

    assert decided(ONE_SKILL, *told) == decided(ONE_SKILL, *plain)
    whole = replace(CHOICE, distinct_assignments=2)
    tree = snapshot(*told).to_tree()
    for made_again in (Snapshot.from_tree(tree), SnapshotSchema().load(tree)):
        assert decide(made_again, whole) == decided(whole, *told)


def test_a_hash_follows_what_a_rule_asks_for() -> None:
    before = decided(CHOICE, artifact(1, nominated=True), artifact(2))

    for other in (
        decided(CHOICE, artifact(1, nominated=True), artifact(2, nominated=True)),
        decided(CHOICE, artifact(1, nominated=True, readers=2), artifact(2)),
        decided(replace(CHOICE, distinct_assignments=1), artifact(1, nominated=True), artifact(2)),
        decided(
            replace(CHOICE, nomination=Nomination(artifacts=1, confirm_within=0.5, readers=2)),
            artifact(1, nominated=True),
            artifact(2),
        ),
    ):
        assert other.input_hash != before.input_hash


def test_a_district_may_ask_for_all_of_the_reference_default() -> None:
    rule = ReadinessRuleSchema().load(
        {
            "version": "2027.1",
            "effective": "2027-07-01",
            "transitions": {"5": ["K", "1", "2", "3", "4", "5"]},
            "skills": ["collaborator"],
            "min_artifacts": 2,
            "counted_artifacts": 2,
            "distinct_assignments": 2,
            "nomination": {"artifacts": 2, "confirm_within": 0.5, "readers": 2},
            "recency": {"artifacts": 1, "months": 12},
            "mean_at_least": 2.5,
            "criterion_floor": 2,
            "compensation": {"max_skills": 1, "mean_at_least": 2.25},
        }
    )

    assert (rule.distinct_assignments, rule.effective) == (2, date(2027, 7, 1))
    assert rule.nomination == Nomination(artifacts=2, confirm_within=0.5, readers=2)
    clauses = [each.id for each in decided(rule, artifact(1)).skills[0].clauses]
    assert clauses == [
        "evidence",
        "recent",
        "assignments",
        "nominated",
        "confirmed",
        "mean",
        "criterion-floor",
    ]


def test_a_score_leaves_out_what_it_need_not_say_and_carries_the_rest() -> None:
    plain = ArtifactScored(
        artifact_id="a-1",
        student_id="s-1",
        school_id="east",
        grade="5",
        skill_id="collaborator",
        rubric_id="r",
        rubric_version="1",
        criteria=(CriterionScore(criterion_id="craft", level=3.0, feedback=""),),
        mean_level=3.0,
        scored_at=NOW,
    )
    told = replace(plain, assignment_id="essay", nominated=True, readers=2)

    assert not {"assignment_id", "nominated", "readers"} & ARTIFACT_SCORED.dump(plain).keys()
    for each in (plain, told):
        assert ARTIFACT_SCORED.load(ARTIFACT_SCORED.dump(each)) == each
    kept: Memory[Candidate] = Memory()
    add_evidence(told, version=2, candidates=kept, rules=Rules(RULE), now=NOW)
    [entry] = kept.values["s-1"].evidence
    assert (entry.assignment_id, entry.nominated, entry.readers) == ("essay", True, 2)
