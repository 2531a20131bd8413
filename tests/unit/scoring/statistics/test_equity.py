"""Risk ratios, disparity and what a gap is made of: published cases and what always holds."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.unit.scoring.statistics.statistics_examples import CASES, PROPERTY, estimate, floats

from scoring.domain.statistics.equity import (
    Gap,
    Risk,
    Standing,
    decompose_gap,
    gini,
    index_of_disparity,
    risk_ratio,
)
from scoring.domain.statistics.estimates import FloatArray, InvalidDataError, NotEnoughData, Shortage

DISTRICT = Standing(expected=1000, artifacts=800, level=2.6, ceiling=3.6, severity=0.0)
STANDINGS = st.builds(
    lambda expected, share, level, ceiling, severity: Standing(
        expected=expected,
        artifacts=max(1, int(expected * share)),
        level=level,
        ceiling=ceiling,
        severity=severity,
    ),
    st.integers(1, 500),
    st.floats(0, 1),
    st.floats(1, 4),
    st.floats(2, 4),
    st.floats(-0.5, 0.5),
)


def gap(result: Gap | NotEnoughData) -> Gap:
    assert isinstance(result, Gap)
    return result


def decomposed(here: Standing, there: Standing = DISTRICT) -> Gap:
    return gap(decompose_gap(here, there, lowest=1, missing=0, minimum=1))


def test_risk_ratio_bcg1_with_its_interval() -> None:
    case = CASES["risk_ratio_bcg1"]
    group = Risk(case["a"], case["a"] + case["b"])
    others = Risk(case["c"], case["c"] + case["d"])

    found = estimate(risk_ratio(group, others, minimum_cases=1, minimum_students=30))

    assert found.value == pytest.approx(case["rr"], abs=1e-7)
    assert log(found.value) == pytest.approx(case["ln_rr"], abs=5e-5)
    assert found.standard_error is not None
    assert found.standard_error**2 == pytest.approx(case["var"], abs=5e-5)
    assert found.interval is not None
    assert [found.interval.low, found.interval.high] == pytest.approx(case["ci95"], abs=5e-5)


@pytest.mark.parametrize(
    ("group", "others", "shortage"),
    [
        (Risk(9, 100), Risk(50, 100), (Shortage.TOO_FEW, 9, 10)),
        (Risk(20, 100), Risk(9, 100), (Shortage.TOO_FEW, 9, 10)),
        (Risk(20, 29), Risk(50, 100), (Shortage.TOO_FEW, 29, 30)),
        (Risk(0, 0), Risk(50, 100), (Shortage.TOO_FEW, 0, 30)),
    ],
)
def test_a_risk_ratio_needs_cases_and_students_on_both_sides(
    group: Risk, others: Risk, shortage: tuple[Shortage, int, int]
) -> None:
    found = risk_ratio(group, others, minimum_cases=10, minimum_students=30)

    assert found == NotEnoughData(*shortage)


def test_no_cases_give_no_ratio_whatever_the_minimum() -> None:
    empty = risk_ratio(Risk(0, 0), Risk(1, 2), minimum_cases=0, minimum_students=0)
    without = risk_ratio(Risk(0, 9), Risk(1, 2), minimum_cases=0, minimum_students=0)

    assert empty == NotEnoughData(Shortage.TOO_FEW, 0, 1)
    assert without == NotEnoughData(Shortage.TOO_FEW, 0, 1)


@pytest.mark.parametrize(("cases", "students"), [(3, 2), (-1, 2)])
def test_more_cases_than_students_are_refused(cases: int, students: int) -> None:
    with pytest.raises(InvalidDataError):
        Risk(cases, students)


def test_index_of_disparity_pmc6727205_scenario_g() -> None:
    case = CASES["index_of_disparity"]
    rates, sizes = list(case["rates"].values()), list(case["pop_millions"].values())

    plain = estimate(index_of_disparity(rates, case["overall"]))
    weighted = estimate(index_of_disparity(rates, case["overall"], students=sizes))

    assert plain.value == pytest.approx(case["IDisp"], abs=0.05)
    assert weighted.value == pytest.approx(case["weighted_IDisp"], abs=0.05)


def test_index_of_disparity_pmc6727205_rate_ratios() -> None:
    case = CASES["index_of_disparity"]
    white, *others = (Risk(round(rate * 10), 1_000_000) for rate in case["rates"].values())

    ratios = [
        estimate(risk_ratio(each, white, minimum_cases=10, minimum_students=30)).value for each in others
    ]

    assert ratios == pytest.approx(case["rate_ratio_vs_white"], abs=0.06)


@pytest.mark.parametrize(
    ("rates", "overall", "students", "shortage"),
    [
        ([1.0], 1.0, None, NotEnoughData(Shortage.TOO_FEW, 1, 2)),
        ([1.0, 2.0], 1.0, [0, 0], NotEnoughData(Shortage.TOO_FEW, 2, 2)),
        ([0.0, 0.0], 0.0, None, NotEnoughData(Shortage.NO_VARIATION, 0, 1)),
    ],
)
def test_disparity_needs_groups_and_a_rate(
    rates: list[float], overall: float, students: list[int] | None, shortage: NotEnoughData
) -> None:
    assert index_of_disparity(rates, overall, students=students) == shortage


def test_disparity_refuses_sizes_of_other_groups() -> None:
    with pytest.raises(InvalidDataError):
        index_of_disparity([1, 2], 1.5, students=[3])


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [([5, 5, 5, 5], 0), ([0, 0, 0, 8], 0.75), ([1, 2, 3, 4], 0.25)],
)
def test_gini_is_nothing_when_all_have_alike_and_high_when_one_has_all(
    amounts: list[float], expected: float
) -> None:
    assert estimate(gini(floats(amounts))).value == pytest.approx(expected)


def test_gini_needs_schools_that_have_something() -> None:
    assert gini(floats([3])) == NotEnoughData(Shortage.TOO_FEW, 1, 2)
    assert gini(floats([]), minimum=0) == NotEnoughData(Shortage.TOO_FEW, 0, 1)
    assert gini(floats([0, 0])) == NotEnoughData(Shortage.NO_VARIATION, 0, 1)
    with pytest.raises(InvalidDataError):
        gini(floats([1, -1]))


@PROPERTY
@given(arrays(np.float64, 6, elements=st.floats(0, 100, width=16)))
def test_gini_is_half_the_relative_mean_difference(amounts: FloatArray) -> None:
    found = gini(amounts)

    if not isinstance(found, NotEnoughData):
        pairs = np.abs(amounts[:, None] - amounts).mean()
        assert estimate(found).value == pytest.approx(pairs / (2 * amounts.mean()), abs=1e-9)


def test_a_gap_of_participation_only_is_all_participation() -> None:
    found = decomposed(replace(DISTRICT, artifacts=600))

    assert found.participation == pytest.approx(found.total)
    assert found.total == pytest.approx(-0.2 * 2.6)
    assert (found.task_ceiling, found.scorer_severity, found.performance) == pytest.approx((0, 0, 0))


def test_scorers_half_a_level_more_severe_explain_a_gap_of_half_a_level() -> None:
    found = decomposed(replace(DISTRICT, level=2.1, severity=0.5))

    assert found.scorer_severity == pytest.approx(found.total)
    assert found.total == pytest.approx(-0.5 * 0.8)
    assert found.performance == pytest.approx(0)


def test_the_same_share_of_what_lower_tasks_allow_is_a_gap_of_the_tasks() -> None:
    # (2.6 - 1) / (3.6 - 1) of the range up to 3.0.
    found = decomposed(replace(DISTRICT, level=1 + 2.0 * 1.6 / 2.6, ceiling=3.0))

    assert found.task_ceiling == pytest.approx(found.total)
    assert found.performance == pytest.approx(0)


def test_lower_levels_with_nothing_else_different_are_performance() -> None:
    found = decomposed(replace(DISTRICT, level=2.2))

    assert found.performance == pytest.approx(found.total)


def test_two_factors_split_as_kitagawa_has_it() -> None:
    # Kitagawa (1955): each factor's change times the mean of the other factor.
    found = decomposed(replace(DISTRICT, artifacts=400, level=2.0))

    assert found.participation == pytest.approx((0.4 - 0.8) * (2.0 + 2.6) / 2)
    assert found.performance == pytest.approx((2.0 - 2.6) * (0.4 + 0.8) / 2)


@PROPERTY
@given(STANDINGS, STANDINGS)
def test_the_four_parts_add_up_to_the_gap(here: Standing, there: Standing) -> None:
    found = decomposed(here, there)

    parts = found.participation + found.task_ceiling + found.scorer_severity + found.performance
    assert parts == pytest.approx(found.total, abs=1e-9)
    outcomes = [each.artifacts / each.expected * each.level for each in (here, there)]
    assert found.total == pytest.approx(outcomes[0] - outcomes[1], abs=1e-9)


@PROPERTY
@given(STANDINGS, STANDINGS)
def test_a_gap_seen_from_the_other_side_has_the_other_sign(here: Standing, there: Standing) -> None:
    found, back = decomposed(here, there), decomposed(there, here)

    assert back.task_ceiling == pytest.approx(-found.task_ceiling, abs=1e-9)
    assert back.performance == pytest.approx(-found.performance, abs=1e-9)


@pytest.mark.parametrize(
    ("here", "shortage"),
    [
        (replace(DISTRICT, artifacts=9), NotEnoughData(Shortage.TOO_FEW, 9, 10)),
        (replace(DISTRICT, ceiling=1.0), NotEnoughData(Shortage.NO_VARIATION, 1, 2)),
    ],
)
def test_a_gap_needs_artifacts_and_tasks_that_allow_something(
    here: Standing, shortage: NotEnoughData
) -> None:
    assert decompose_gap(here, DISTRICT, lowest=1, missing=0, minimum=10) == shortage
    assert decompose_gap(DISTRICT, here, lowest=1, missing=0, minimum=10) == shortage


def test_more_artifacts_than_were_due_are_refused() -> None:
    with pytest.raises(InvalidDataError):
        decomposed(replace(DISTRICT, artifacts=1001))
