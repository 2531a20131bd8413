"""The t and F distributions against printed tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.scoring.statistics.statistics_examples import PROPERTY

from scoring.domain.statistics.distributions import f_quantile, incomplete_beta, t_quantile, t_two_sided


@pytest.mark.parametrize(
    ("probability", "freedom", "quantile"),
    # Abramowitz and Stegun (1964), table 26.10.
    [(0.975, 1, 12.706), (0.975, 10, 2.228), (0.995, 5, 4.032), (0.95, 30, 1.697), (0.975, 120, 1.980)],
)
def test_agrees_with_the_printed_table_of_t(probability: float, freedom: float, quantile: float) -> None:
    assert t_quantile(probability, freedom) == pytest.approx(quantile, abs=5e-4)
    assert t_two_sided(t_quantile(probability, freedom), freedom) == pytest.approx(2 * (1 - probability))


@pytest.mark.parametrize(
    ("probability", "numerator", "denominator", "quantile"),
    # Abramowitz and Stegun (1964), table 26.9.
    [
        (0.95, 1, 1, 161.4),
        (0.95, 5, 10, 3.33),
        (0.975, 5, 15, 3.58),
        (0.99, 10, 20, 3.37),
        (0.975, 2, 6, 7.26),
    ],
)
def test_agrees_with_the_printed_table_of_f(
    probability: float, numerator: float, denominator: float, quantile: float
) -> None:
    assert f_quantile(probability, numerator, denominator) == pytest.approx(quantile, rel=2e-3)


def test_the_beta_of_whole_numbers_is_a_binomial_tail() -> None:
    # Two or more of four coins: 11 / 16.
    assert incomplete_beta(0.5, 2, 3) == pytest.approx(11 / 16)
    assert incomplete_beta(0, 2, 3) == 0
    assert incomplete_beta(1, 2, 3) == 1


@PROPERTY
@given(st.floats(0.01, 0.99), st.floats(0.5, 400), st.floats(0.5, 400))
def test_the_beta_is_its_mirror_image(x: float, a: float, b: float) -> None:
    assert incomplete_beta(x, a, b) == pytest.approx(1 - incomplete_beta(1 - x, b, a), abs=1e-10)


@PROPERTY
@given(st.floats(0.5, 0.999), st.floats(1, 300), st.floats(1, 300))
def test_a_quantile_has_its_probability_below_it(
    probability: float, numerator: float, denominator: float
) -> None:
    quantile = f_quantile(probability, numerator, denominator)

    share = numerator * quantile / (numerator * quantile + denominator)
    assert incomplete_beta(share, numerator / 2, denominator / 2) == pytest.approx(probability, abs=1e-8)
