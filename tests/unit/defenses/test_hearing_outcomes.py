"""From the panel's levels to an outcome and its reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.defenses.hearing_examples import INDICATORS, RULE

from defenses.domain.hearings.outcomes import NOT_YET, READY, Compensation, decide
from defenses.domain.hearings.redefenses import school_day_after
from defenses.domain.hearings.rescoring import SAMPLE, SPLIT, why_rescored

LENIENT = replace(RULE, compensation=Compensation(max_indicators=1, mean_at_least=2.75))

levels = st.fixed_dictionaries({each: st.sampled_from([x / 2 for x in range(2, 9)]) for each in INDICATORS})
rules = st.builds(
    lambda cut, floor, most, mean: replace(
        RULE,
        cut=cut,
        floor=min(floor, cut),
        compensation=Compensation(max_indicators=most, mean_at_least=mean) if most else None,
    ),
    st.sampled_from([2, 2.5, 3]),
    st.sampled_from([1, 2, 2.5]),
    st.integers(0, 3),
    st.sampled_from([2, 2.5, 3]),
)


def at(**given: float) -> dict[str, float]:
    return {each: given.get(each, 3.0) for each in INDICATORS}


def test_every_indicator_at_the_cut_is_ready() -> None:
    outcome = decide(dict.fromkeys(INDICATORS, 2.5), RULE)

    assert (outcome.status, outcome.unmet, outcome.rule_version) == (READY, (), "1")
    assert outcome.explanation.met
    assert [clause.id for clause in outcome.explanation.clauses] == list(INDICATORS)


def test_one_indicator_below_the_cut_is_not_yet_and_named() -> None:
    outcome = decide(at(growth=2.0), RULE)

    assert (outcome.status, outcome.unmet) == (NOT_YET, ("growth",))
    growth = outcome.explanation.clauses[3].to_tree()
    assert (growth["observed"], growth["required"], growth["met"]) == (2.0, 2.5, False)
    assert [(part["id"], part["met"]) for part in growth["clauses"]] == [("cut", False), ("floor", True)]
    assert (outcome.explanation.observed, outcome.explanation.required) == (4, 5)


def test_the_others_make_up_for_one_indicator_if_the_rule_lets_them() -> None:
    outcome = decide(at(growth=2.0), LENIENT)

    assert (outcome.status, outcome.unmet) == (READY, ())
    made_up = outcome.explanation.clauses[-1]
    assert (made_up.id, made_up.met, made_up.observed, made_up.required) == ("compensation", True, 1, 1)
    assert (made_up.clauses[0].id, made_up.clauses[0].observed) == ("mean", 2.8)
    assert outcome.explanation.met


@pytest.mark.parametrize(("mean", "status"), [(2.8, READY), (2.85, NOT_YET)])
def test_the_others_make_up_for_one_by_exactly_the_mean_asked_for(mean: float, status: str) -> None:
    rule = replace(RULE, compensation=Compensation(max_indicators=1, mean_at_least=mean))

    assert decide(at(growth=2.0), rule).status == status


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (at(growth=1.5), "below the floor"),
        (at(growth=2.0, claim=2.0), "too many"),
        (at(growth=2.0, claim=2.5), "the mean is too low"),
    ],
)
def test_nothing_makes_up_for(given: dict[str, float], why: str) -> None:
    outcome = decide(given, LENIENT)

    assert outcome.status == NOT_YET
    assert not outcome.explanation.clauses[-1].met


@given(levels, rules)
def test_an_outcome_says_the_same_in_its_status_its_tree_and_its_unmet_indicators(
    found: dict[str, float], rule: Any
) -> None:
    outcome = decide(found, rule)

    assert (outcome.status == READY) == outcome.explanation.met == (not outcome.unmet)
    assert set(outcome.unmet) <= {each for each in INDICATORS if found[each] < max(rule.cut, rule.floor)}


@given(levels, st.permutations(INDICATORS), rules)
def test_the_order_of_levels_changes_neither_outcome_nor_hash(
    found: dict[str, float], order: list[str], rule: Any
) -> None:
    assert decide({each: found[each] for each in order}, rule) == decide(found, rule)


@given(levels, st.sampled_from(INDICATORS), rules)
def test_a_higher_level_never_makes_an_outcome_worse(
    found: dict[str, float], indicator: str, rule: Any
) -> None:
    better = {**found, indicator: found[indicator] + 0.5}

    assert decide(found, rule).status == NOT_YET or decide(better, rule).status == READY


def test_a_hash_tells_levels_and_rules_apart_and_no_number_types() -> None:
    outcome = decide(at(), RULE)

    assert decide(dict.fromkeys(INDICATORS, 3), RULE).input_hash == outcome.input_hash
    assert decide(at(), replace(RULE, version="2")).input_hash != outcome.input_hash
    assert decide(at(), replace(RULE, cut=2.75)).input_hash != outcome.input_hash
    assert decide(at(), replace(RULE, quorum=3)).input_hash == outcome.input_hash
    assert decide(at(claim=3.5), RULE).input_hash != outcome.input_hash
    assert len(outcome.input_hash) == 64


@pytest.mark.parametrize(
    ("day", "count", "found"),
    [
        (date(2027, 4, 8), 0, date(2027, 4, 8)),
        (date(2027, 4, 8), 1, date(2027, 4, 9)),
        (date(2027, 4, 8), 2, date(2027, 4, 13)),
        (date(2027, 4, 10), 1, date(2027, 4, 13)),
        (date(2027, 4, 8), 5, date(2027, 4, 16)),
    ],
)
def test_school_days_leave_out_weekends_and_days_without_school(day: date, count: int, found: date) -> None:
    assert school_day_after(day, count, frozenset({date(2027, 4, 12)})) == found


def test_a_sample_holds_about_its_share_and_always_the_same_hearings() -> None:
    rule = replace(RULE, rescoring=replace(RULE.rescoring, rate=0.05))
    sample = [n for n in range(10_000) if why_rescored(f"h-{n}", rule, split=False) == SAMPLE]

    assert 400 < len(sample) < 600
    assert sample == [n for n in range(10_000) if why_rescored(f"h-{n}", rule, split=False) == SAMPLE]
    larger = replace(RULE, rescoring=replace(RULE.rescoring, rate=0.1))
    assert all(why_rescored(f"h-{n}", larger, split=False) for n in sample)


def test_a_share_of_all_or_none_is_all_or_none() -> None:
    everything = replace(RULE, rescoring=replace(RULE.rescoring, rate=1))

    assert all(why_rescored(f"h-{n}", everything, split=False) for n in range(100))
    assert not any(why_rescored(f"h-{n}", RULE, split=True) for n in range(100))


def test_a_split_panel_is_scored_again_where_the_rule_says_so() -> None:
    rule = replace(RULE, rescoring=replace(RULE.rescoring, split=True))

    assert why_rescored("h-1", rule, split=True) == SPLIT
    assert why_rescored("h-1", rule, split=False) is None
