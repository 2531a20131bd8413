"""Standardised differences and drift: published cases, degenerate data, and what always holds."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.unit.scoring.statistics.statistics_examples import CASES, PROPERTY, counts, estimate, floats

from scoring.domain.statistics.agreement import tables
from scoring.domain.statistics.differences import (
    Drift,
    Sample,
    drifts,
    hedges_g,
    standardized_differences,
    subgroup_difference,
)
from scoring.domain.statistics.estimates import IntArray, NotEnoughData, Shortage

TABLES = arrays(np.int64, (2, 4, 4), elements=st.integers(0, 5))


def drift(result: Drift | NotEnoughData) -> Drift:
    assert isinstance(result, Drift)
    return result


def test_smd_normand1_hedges_g() -> None:
    case = CASES["smd_normand1"]
    group = Sample(mean=case["m1"], deviation=case["sd1"], count=case["n1"])
    others = Sample(mean=case["m2"], deviation=case["sd2"], count=case["n2"])

    found = estimate(hedges_g(group, others, minimum=10))

    assert found.value == pytest.approx(case["g"], abs=5e-5)
    assert found.standard_error == pytest.approx(sqrt(case["var"]), abs=2e-4)
    assert found.count == 311
    assert found.interval is not None
    assert found.interval.low < case["g"] < found.interval.high


def test_hedges_g_is_smaller_than_the_uncorrected_difference_by_the_exact_factor() -> None:
    # Gamma(1) / (sqrt(1) * Gamma(1/2)) for two degrees of freedom.
    small = hedges_g(Sample(mean=1, deviation=1, count=2), Sample(mean=0, deviation=1, count=2), minimum=2)

    assert estimate(small).value == pytest.approx(1 / sqrt(np.pi))


@pytest.mark.parametrize(
    ("first", "second", "shortage"),
    [
        (
            Sample(mean=1, deviation=1, count=9),
            Sample(mean=1, deviation=1, count=30),
            (Shortage.TOO_FEW, 9, 10),
        ),
        (
            Sample(mean=1, deviation=1, count=30),
            Sample(mean=1, deviation=1, count=1),
            (Shortage.TOO_FEW, 1, 10),
        ),
        (
            Sample(mean=1, deviation=0, count=30),
            Sample(mean=2, deviation=0, count=30),
            (Shortage.NO_VARIATION, 1, 2),
        ),
    ],
)
def test_hedges_g_needs_two_groups_that_vary(
    first: Sample, second: Sample, shortage: tuple[Shortage, int, int]
) -> None:
    assert hedges_g(first, second, minimum=10) == NotEnoughData(*shortage)


def test_one_of_each_is_not_enough_for_hedges_g_whatever_the_minimum() -> None:
    one = Sample(mean=1, deviation=0, count=1)

    assert hedges_g(one, one, minimum=0) == NotEnoughData(Shortage.TOO_FEW, 1, 2)


def test_the_second_readings_lie_above_the_first_by_standard_deviations() -> None:
    table = tables(np.array([0, 1, 2, 1]), np.array([1, 2, 3, 2]), levels=4)

    [found] = standardized_differences(table, minimum=4)

    assert estimate(found).value == pytest.approx(1 / sqrt(2 / 3))
    assert estimate(found).count == 4


@pytest.mark.parametrize(
    ("table", "shortage"),
    [
        (counts([0, 0], [0, 0]), NotEnoughData(Shortage.TOO_FEW, 0, 5)),
        (counts([2, 1], [0, 1]), NotEnoughData(Shortage.TOO_FEW, 4, 5)),
        (counts([0, 9], [0, 0]), NotEnoughData(Shortage.NO_VARIATION, 1, 2)),
    ],
)
def test_a_standardised_difference_needs_pairs_that_vary(table: IntArray, shortage: NotEnoughData) -> None:
    assert standardized_differences(table, minimum=5) == [shortage]


def test_a_subgroup_is_read_worse_than_overall_severity_explains() -> None:
    reference = floats([1, 2, 3, 4, 1, 2, 3, 4])
    # One level lower for all, and another one for the last four.
    levels = floats([2, 3, 4, 5, 1, 2, 3, 4]) - 1

    found = estimate(subgroup_difference(levels, reference, np.arange(4, 8), minimum=4))

    assert found.value == pytest.approx(-0.5 / levels.std())


def test_severity_towards_all_is_no_subgroup_difference() -> None:
    reference = floats([1, 2, 3, 4, 2, 3])

    found = estimate(subgroup_difference(reference - 1, reference, np.array([0, 1, 5]), minimum=3))

    assert found.value == pytest.approx(0)


@pytest.mark.parametrize(
    ("levels", "members", "shortage"),
    [
        ([1, 2, 3], [0], NotEnoughData(Shortage.TOO_FEW, 1, 2)),
        ([2, 2, 2], [0, 1], NotEnoughData(Shortage.NO_VARIATION, 1, 2)),
    ],
)
def test_a_subgroup_difference_needs_members_and_levels_that_vary(
    levels: list[float], members: list[int], shortage: NotEnoughData
) -> None:
    assert subgroup_difference(floats(levels), floats([1, 2, 3]), np.array(members), minimum=2) == shortage


def test_naep_t_of_trend_scoring() -> None:
    case = CASES["naep_t"]
    table = tables(np.array(case["score1"]) - 1, np.array(case["score2"]) - 1, levels=4)

    found = drift(drifts(table, minimum=10)[0])

    assert found.shift.value == pytest.approx(case["dbar"])
    assert found.shift.standard_error == pytest.approx(case["se"], abs=1e-6)
    assert found.t == pytest.approx(case["t"], abs=1e-6)


def test_a_shift_has_the_interval_and_the_chance_of_a_students_t() -> None:
    table = tables(np.zeros(10, dtype=np.int64), np.array([0] * 4 + [1] * 6), levels=2)

    found = drift(drifts(table, minimum=2)[0])

    # By hand: .6 +- 2.262 * sqrt(4/15 / 10); a t of 3.674 with 9 degrees of freedom is between the printed
    # 3.250 (.01) and 3.690 (.005).
    error = sqrt(4 / 15 / 10)
    assert found.t == pytest.approx(0.6 / error)
    assert 0.005 < found.chance < 0.01
    assert found.shift.interval is not None
    assert found.shift.interval.low == pytest.approx(0.6 - 2.262 * error, abs=1e-4)
    assert found.shift.interval.high == pytest.approx(0.6 + 2.262 * error, abs=1e-4)


def test_readings_that_all_stayed_have_not_drifted() -> None:
    found = drift(drifts(counts([5, 0], [0, 5]), minimum=10)[0])

    assert (found.shift.value, found.t, found.chance) == (0, 0, 1)


def test_readings_that_all_moved_alike_have_drifted_though_nothing_varies() -> None:
    found = drift(drifts(counts([0, 5, 0], [0, 0, 5], [0, 0, 0]), minimum=10)[0])

    assert (found.shift.value, found.t, found.chance) == (1, None, 2**-9)


def test_drift_needs_artifacts() -> None:
    assert drifts(counts([3, 0], [0, 1]), minimum=5) == [NotEnoughData(Shortage.TOO_FEW, 4, 5)]
    assert drifts(counts([1, 0], [0, 0]), minimum=0) == [NotEnoughData(Shortage.TOO_FEW, 1, 2)]


@PROPERTY
@given(TABLES)
def test_a_shift_backwards_is_the_same_with_the_other_sign(table: IntArray) -> None:
    for there, back in zip(
        drifts(table, minimum=2), drifts(table.transpose(0, 2, 1), minimum=2), strict=True
    ):
        if isinstance(there, Drift):
            estimate(there.shift)
            assert drift(back).shift.value == pytest.approx(-there.shift.value)
            assert drift(back).chance == pytest.approx(there.chance)
            assert 0 <= there.chance <= 1 + 1e-12


@PROPERTY
@given(TABLES)
def test_a_standardised_difference_is_a_finite_number_or_says_why_not(table: IntArray) -> None:
    for found in standardized_differences(table, minimum=2):
        if not isinstance(found, NotEnoughData):
            estimate(found)
