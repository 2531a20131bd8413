"""The readiness rule and its explanation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.defenses.defenses_examples import RULE, evidence

from defenses.domain.readiness import (
    INSUFFICIENT_EVIDENCE,
    NOT_YET,
    READY,
    Clause,
    Compensation,
    Decision,
    Evidence,
    decide,
)

COMPENSATING = replace(RULE, compensation=Compensation(max_skills=1, mean_at_least=2.25))


def decided(*entries: Evidence, rule: object = RULE) -> Decision:
    found = decide(entries, "5", rule)  # type: ignore[arg-type]  # the default names the type
    assert found is not None
    return found


def two(skill: str, *means: float) -> list[Evidence]:
    return [
        evidence(f"{skill}-{number}", skill, mean_level=mean, levels=(("craft", mean),))
        for number, mean in enumerate(means)
    ]


def test_a_student_with_enough_good_artifacts_is_ready() -> None:
    decision = decided(*two("collaborator", 3, 3), *two("innovator", 2, 3))

    assert (decision.status, decision.transition, decision.rule_version) == (READY, "5", "1")
    assert decision.explanation.met


def test_the_explanation_names_each_clause_with_what_was_seen_and_required() -> None:
    decision = decided(*two("collaborator", 3, 2), *two("innovator", 1, 3))

    assert decision.explanation.to_tree() == {
        "id": "readiness",
        "met": False,
        "observed": 1,
        "required": 2,
        "artifact_ids": [],
        "clauses": [
            {
                "id": "collaborator",
                "met": True,
                "observed": 3,
                "required": 3,
                "artifact_ids": ["collaborator-0", "collaborator-1"],
                "clauses": [
                    _clause("evidence", 2, 2, "collaborator-0", "collaborator-1"),
                    _clause("mean", 2.5, 2.5, "collaborator-0", "collaborator-1"),
                    _clause("criterion-floor", 2.5, 2, "collaborator-0", "collaborator-1"),
                ],
            },
            {
                "id": "innovator",
                "met": False,
                "observed": 2,
                "required": 3,
                "artifact_ids": ["innovator-1", "innovator-0"],
                "clauses": [
                    _clause("evidence", 2, 2, "innovator-0", "innovator-1"),
                    _clause("mean", 2.0, 2.5, "innovator-1", "innovator-0"),
                    _clause("criterion-floor", 2.0, 2, "innovator-1", "innovator-0"),
                ],
            },
        ],
    }


def _clause(clause_id: str, observed: float, required: float, *artifacts: str) -> dict[str, object]:
    return {
        "id": clause_id,
        "met": observed >= required,
        "observed": observed,
        "required": required,
        "artifact_ids": list(artifacts),
        "clauses": [],
    }


def test_a_low_mean_is_not_yet() -> None:
    assert decided(*two("collaborator", 3, 3), *two("innovator", 2, 2)).status == NOT_YET


def test_a_weak_criterion_is_not_yet_however_good_the_mean() -> None:
    weak = [
        evidence(f"innovator-{n}", "innovator", levels=(("craft", 1.0), ("voice", 4.0)), mean_level=2.5)
        for n in range(2)
    ]

    decision = decided(*two("collaborator", 3, 3), *weak)

    assert decision.status == NOT_YET
    assert decision.explanation.clauses[1].clauses[2].observed == 1.0


def test_a_skill_with_too_few_artifacts_is_insufficient_evidence_whatever_their_level() -> None:
    assert decided(*two("collaborator", 1, 1), *two("innovator", 4)).status == INSUFFICIENT_EVIDENCE


def test_a_skill_without_artifacts_has_nothing_to_observe() -> None:
    [_, innovator] = decided(*two("collaborator", 3, 3)).explanation.clauses

    assert [(part.id, part.observed) for part in innovator.clauses] == [
        ("evidence", 0),
        ("mean", None),
        ("criterion-floor", None),
    ]


def test_the_best_artifacts_count() -> None:
    assert decided(*two("collaborator", 3, 3), *two("innovator", 1, 3, 3)).status == READY


def test_artifacts_of_other_grades_and_skills_do_not_count() -> None:
    early = [evidence(f"early-{n}", "innovator", grade="3") for n in range(2)]
    other = [evidence(f"other-{n}", "cooking") for n in range(2)]

    assert decided(*two("collaborator", 3, 3), *early, *other).status == INSUFFICIENT_EVIDENCE


def test_nothing_is_decided_outside_transition_grades() -> None:
    assert decide([], "6", RULE) is None


@pytest.mark.parametrize(
    ("innovator", "status"),
    [((2.25, 2.25), READY), ((2.0, 2.25), NOT_YET), ((3, 3), READY)],
)
def test_strong_skills_make_up_for_one_that_is_nearly_there(
    innovator: tuple[float, float], status: str
) -> None:
    decision = decided(*two("collaborator", 3, 3), *two("innovator", *innovator), rule=COMPENSATING)

    assert decision.status == status


def test_compensation_shows_in_the_explanation() -> None:
    decision = decided(*two("collaborator", 3, 3), *two("innovator", 2.25, 2.25), rule=COMPENSATING)

    assert decision.explanation.met
    assert decision.explanation.clauses[-1] == Clause(
        id="compensation", met=True, observed=1, required=1, artifact_ids=("innovator-0", "innovator-1")
    )


def test_no_more_skills_than_allowed_are_made_up_for() -> None:
    decision = decided(*two("collaborator", 2.25, 2.25), *two("innovator", 2.25, 2.25), rule=COMPENSATING)

    assert decision.status == NOT_YET


def test_a_skill_below_a_criterion_floor_is_not_made_up_for() -> None:
    weak = [
        evidence(f"innovator-{n}", "innovator", levels=(("craft", 1.0),), mean_level=2.4) for n in range(2)
    ]

    assert decided(*two("collaborator", 3, 3), *weak, rule=COMPENSATING).status == NOT_YET


def test_a_clause_comes_back_from_its_tree() -> None:
    explanation = decided(*two("collaborator", 3, 3)).explanation

    assert Clause.from_tree(explanation.to_tree()) == explanation


@given(st.permutations([*two("collaborator", 3, 2, 1), *two("innovator", 2, 3)]))
def test_the_order_of_arrival_does_not_matter(entries: list[Evidence]) -> None:
    assert decided(*entries) == decided(*two("collaborator", 3, 2, 1), *two("innovator", 2, 3))


def test_the_hash_follows_what_the_decision_reads() -> None:
    entries = [*two("collaborator", 3, 3), *two("innovator", 3, 3)]
    first = decided(*entries).input_hash

    assert decided(*entries, evidence("other", "cooking")).input_hash == first
    assert decided(*entries, rule=replace(RULE, version="2")).input_hash != first
    assert decided(*entries[1:]).input_hash != first
