"""The readiness rule and its explanation."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.defenses.defenses_examples import NOW, RULE, evidence

from defenses.domain.readiness import (
    INSUFFICIENT_EVIDENCE,
    NOT_YET,
    READY,
    REDUCED_COUNTS,
    WAIVED,
    WAIVER,
    Clause,
    Cohort,
    Compensation,
    Decision,
    Evidence,
    OpportunitySeason,
    ReadinessException,
    ReadinessRule,
    Recency,
    Snapshot,
    decide,
    in_scope,
    months_before,
)

COMPENSATING = replace(RULE, compensation=Compensation(max_skills=1, mean_at_least=2.25))


def decided(*entries: Evidence, rule: ReadinessRule = RULE) -> Decision:
    found = decide(snapshot(*entries), rule)
    assert found is not None
    return found


def snapshot(*entries: Evidence, **changes: Any) -> Snapshot:
    fields: dict[str, Any] = {"transition": "5", "as_of": NOW.date(), "evidence": entries}
    return Snapshot(**{**fields, **changes})


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
    assert decide(snapshot(transition="6"), RULE) is None


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


RECENT = replace(RULE, recency=Recency(artifacts=1, months=12))
TODAY = NOW.date()
OLD = datetime(2026, 2, 28, 23, 59, tzinfo=UTC)
GOOD = (*two("collaborator", 3, 3), *two("innovator", 3, 3))


def aged(*entries: Evidence) -> list[Evidence]:
    return [replace(entry, scored_at=OLD) for entry in entries]


def exception(exception_id: str = "transfer", **changes: Any) -> ReadinessException:
    fields: dict[str, Any] = {
        "exception_id": exception_id,
        "kind": WAIVER,
        "approved_by": "principal-1",
        "recorded_by": "coordinator-1",
        "reason": "Came in February.",
        "approved_at": NOW,
        "ends_on": NOW.date(),
    }
    return ReadinessException(**{**fields, **changes})


def with_exceptions(
    *exceptions: ReadinessException,
    entries: Sequence[Evidence] = (),
    rule: ReadinessRule = RULE,
    as_of: date = TODAY,
) -> Decision:
    found = decide(snapshot(*entries, exceptions=exceptions, as_of=as_of), rule)
    assert found is not None
    return found


def test_a_skill_without_new_artifacts_is_insufficient_evidence_and_says_so() -> None:
    decision = decided(*two("collaborator", 3, 3), *aged(*two("innovator", 3, 3)), rule=RECENT)

    assert decision.status == INSUFFICIENT_EVIDENCE
    assert decision.lacking == {"innovator": Clause(id="recent", met=False, observed=0, required=1)}
    assert decision.unmet == ("innovator/recent",)
    assert decision.skill_statuses == {"collaborator": READY, "innovator": INSUFFICIENT_EVIDENCE}


def test_one_new_artifact_beside_old_ones_is_enough() -> None:
    fresh, stale = two("innovator", 3, 3)

    assert decided(*two("collaborator", 3, 3), fresh, *aged(stale), rule=RECENT).status == READY


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2027, 3, 1), 12, date(2026, 3, 1)),
        (date(2027, 3, 31), 1, date(2027, 2, 28)),
        (date(2028, 2, 29), 12, date(2027, 2, 28)),
        (date(2027, 1, 15), 1, date(2026, 12, 15)),
        (date(2027, 12, 15), 24, date(2025, 12, 15)),
    ],
)
def test_months_are_counted_back_by_the_calendar(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before


def test_a_waiver_lets_a_student_defend_and_the_explanation_still_says_what_is_missing() -> None:
    decision = with_exceptions(exception(), entries=two("collaborator", 3, 3))

    assert decision.status == WAIVED
    assert decision.explanation.met
    assert decision.explanation.clauses[-1] == Clause(id="waiver", met=True, observed=1, required=1)
    assert "innovator/evidence" in decision.unmet


def test_a_waiver_holds_through_its_last_day() -> None:
    tomorrow = NOW.date() + timedelta(days=1)

    assert with_exceptions(exception()).status == WAIVED
    assert with_exceptions(exception(), as_of=tomorrow).status == INSUFFICIENT_EVIDENCE


def test_who_is_ready_needs_no_waiver() -> None:
    decision = with_exceptions(exception(), entries=GOOD)

    assert decision.status == READY
    assert [clause.id for clause in decision.explanation.clauses] == ["collaborator", "innovator"]


def test_reduced_counts_ask_for_less_of_the_named_skills_only() -> None:
    one_each = [*two("collaborator", 3), *two("innovator", 3)]
    named = exception(kind=REDUCED_COUNTS, min_artifacts=1, skills=("innovator",))

    assert with_exceptions(named, entries=one_each).status == INSUFFICIENT_EVIDENCE
    assert with_exceptions(named, entries=[*two("collaborator", 3, 3), *two("innovator", 3)]).status == READY
    for_all = exception(kind=REDUCED_COUNTS, min_artifacts=1)
    assert with_exceptions(for_all, entries=one_each, rule=RECENT).status == READY


def test_reduced_counts_never_raise_what_the_rule_asks_for() -> None:
    many = exception(kind=REDUCED_COUNTS, min_artifacts=9)

    assert with_exceptions(many, entries=GOOD).status == READY


def test_a_snapshot_names_what_was_read_and_no_reasons() -> None:
    ended = exception("ended", ends_on=NOW.date() - timedelta(days=1))
    whole = snapshot(*GOOD, evidence("other", "cooking"), exceptions=(ended, exception()))

    tree = in_scope(whole, RULE).to_tree()

    assert [entry["artifact_id"] for entry in tree["evidence"]] == sorted(e.artifact_id for e in GOOD)
    assert tree["exceptions"] == [
        {"exception_id": "transfer", "kind": "waiver", "min_artifacts": None, "skills": []}
    ]
    assert (tree["transition"], tree["as_of"]) == ("5", "2027-03-01")
    assert "February" not in json.dumps(tree)


def test_the_hash_follows_exceptions_recency_and_the_words_of_the_rule_but_not_the_day() -> None:
    first = decided(*GOOD, rule=RECENT)
    later = decide(snapshot(*GOOD, as_of=NOW.date() + timedelta(days=30)), RECENT)
    edited = replace(RECENT, mean_at_least=2.4)

    assert later == first
    assert decided(*GOOD, rule=edited).input_hash != first.input_hash
    assert decided(*aged(GOOD[0]), *GOOD[1:], rule=RECENT).input_hash != first.input_hash
    waived = with_exceptions(exception(), entries=GOOD, rule=RECENT)
    assert waived.input_hash != first.input_hash


levels = st.sampled_from([1.0, 1.5, 2.0, 2.25, 2.5, 3.0, 4.0])
some_evidence = st.lists(
    st.builds(
        lambda skill, grade, level, old: (skill, grade, level, old),
        st.sampled_from(["collaborator", "innovator", "cooking"]),
        st.sampled_from(["3", "4", "5"]),
        levels,
        st.booleans(),
    ),
    max_size=8,
)


@given(given_=some_evidence, chance=st.randoms(), waived=st.booleans())
def test_any_decision_follows_from_its_snapshot_whatever_the_order(
    given_: list[tuple[str, str, float, bool]], chance: random.Random, *, waived: bool
) -> None:
    entries = [
        evidence(
            f"a-{number}",
            skill,
            grade=grade,
            mean_level=level,
            levels=(("craft", level),),
            scored_at=OLD if old else NOW,
        )
        for number, (skill, grade, level, old) in enumerate(given_)
    ]
    rule = replace(RECENT, compensation=Compensation(max_skills=1, mean_at_least=2.25))
    exceptions = (exception(), exception("b", kind=REDUCED_COUNTS, min_artifacts=1)) if waived else ()
    first = decide(snapshot(*entries, exceptions=exceptions), rule)
    assert first is not None

    shuffled, mixed = list(entries), list(exceptions)
    chance.shuffle(shuffled)
    chance.shuffle(mixed)

    assert decide(snapshot(*shuffled, exceptions=tuple(mixed)), rule) == first
    assert decide(in_scope(snapshot(*shuffled, exceptions=tuple(mixed)), rule), rule) == first
    assert first.explanation.met == (first.status in {READY, WAIVED})
    assert (first.status == INSUFFICIENT_EVIDENCE) <= bool(first.lacking)
    assert Clause.from_tree(first.explanation.to_tree()) == first.explanation


@pytest.mark.parametrize(
    ("first", "last", "inside", "outside"),
    [
        ((1, 15), (6, 30), [date(2027, 1, 15), date(2027, 6, 30)], [date(2027, 1, 14), date(2027, 7, 1)]),
        ((11, 30), (2, 1), [date(2026, 11, 30), date(2027, 2, 1)], [date(2026, 11, 29), date(2027, 2, 2)]),
    ],
)
def test_a_season_of_opportunity_has_a_first_and_a_last_day_and_may_run_over_new_year(
    first: tuple[int, int], last: tuple[int, int], inside: list[date], outside: list[date]
) -> None:
    season = OpportunitySeason(first=first, last=last)

    assert [season.contains(day) for day in (*inside, *outside)] == [True, True, False, False]


def test_a_rule_is_for_its_transitions_and_if_it_names_cohorts_for_those_only() -> None:
    narrow = replace(RULE, cohorts=(Cohort(transition="5", school_year="2026-27"),))

    assert [RULE.is_for(grade, "2026-27") for grade in ("5", "6", "8")] == [True, False, True]
    assert [narrow.is_for("5", "2026-27"), narrow.is_for("5", "2027-28"), narrow.is_for("8", "2026-27")] == [
        True,
        False,
        False,
    ]
