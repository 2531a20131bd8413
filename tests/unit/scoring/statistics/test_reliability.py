"""Alpha and the intraclass correlations: published data, degenerate data, and what always holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.unit.scoring.statistics.statistics_examples import CASES, PROPERTY, estimate, floats

from scoring.domain.statistics.estimates import FloatArray, InvalidDataError, NotEnoughData, Shortage
from scoring.domain.statistics.reliability import IccModel, Metric, alpha, icc, mean_squares

SHROUT_FLEISS = floats(CASES["icc_shrout_fleiss_1979"]["x"])


def readings(by_rater: FloatArray) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], FloatArray]:
    """Turn raters by units into units and values; NaN is missing."""
    rater, unit = np.nonzero(~np.isnan(by_rater))
    return unit, by_rater[rater, unit]


@pytest.mark.parametrize("metric", list(Metric))
def test_krippendorff_c_data(metric: Metric) -> None:
    case = CASES["krippendorff_c"]

    found = estimate(alpha(*readings(floats(case["raters_by_unit"])), metric, minimum=2))

    assert found.value == pytest.approx(case[metric.value], abs=1e-6)
    assert found.count == 11


@pytest.mark.parametrize("metric", [Metric.NOMINAL, Metric.ORDINAL, Metric.INTERVAL])
def test_krippendorff_wikipedia(metric: Metric) -> None:
    case = CASES["krippendorff_wikipedia"]
    by_rater = floats([[None if mark == "*" else float(mark) for mark in case[rater]] for rater in "ABC"])

    found = estimate(alpha(*readings(by_rater), metric, minimum=2))

    assert found.value == pytest.approx(case[metric.value], abs=1e-6)


def test_the_ratio_of_two_zeros_is_no_difference() -> None:
    found = estimate(alpha(np.array([0, 0, 1, 1]), floats([0, 0, 2, 2]), Metric.RATIO, minimum=2))

    assert found.value == 1


@pytest.mark.parametrize(
    ("units", "values", "shortage"),
    [
        ([], [], NotEnoughData(Shortage.TOO_FEW, 0, 2)),
        ([0, 1, 2], [1, 2, 3], NotEnoughData(Shortage.TOO_FEW, 0, 2)),
        ([0, 0, 1], [1, 2, 3], NotEnoughData(Shortage.TOO_FEW, 1, 2)),
        ([0, 0, 1, 1, 2], [4, 4, 4, 4, 1], NotEnoughData(Shortage.NO_VARIATION, 1, 2)),
    ],
)
def test_alpha_needs_units_with_two_readings_that_vary(
    units: list[int], values: list[float], shortage: NotEnoughData
) -> None:
    assert alpha(np.array(units, dtype=np.int64), floats(values), Metric.ORDINAL, minimum=2) == shortage


@pytest.mark.parametrize(
    ("units", "values", "metric"),
    [([0], [1, 2], Metric.NOMINAL), ([0], [None], Metric.NOMINAL), ([0, 0], [1, -1], Metric.RATIO)],
)
def test_alpha_refuses_what_is_no_reading(units: list[int], values: list[float], metric: Metric) -> None:
    with pytest.raises(InvalidDataError):
        alpha(np.array(units), floats(values), metric, minimum=1)


@PROPERTY
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3)), max_size=30), st.sampled_from(Metric))
def test_alpha_is_a_finite_number_up_to_one_or_says_why_not(
    pairs: list[tuple[int, int]], metric: Metric
) -> None:
    units = np.array([unit for unit, _ in pairs], dtype=np.int64)

    found = alpha(units, floats([value for _, value in pairs]), metric, minimum=1)

    if not isinstance(found, NotEnoughData):
        assert estimate(found).value <= 1 + 1e-12


def test_icc_shrout_fleiss_1979_mean_squares() -> None:
    case = CASES["icc_shrout_fleiss_1979"]

    found = mean_squares(SHROUT_FLEISS)

    assert (found.between, found.within, found.reader, found.error) == pytest.approx(
        (case["BMS"], case["WMS"], case["JMS"], case["EMS"]), abs=5e-5
    )


@pytest.mark.parametrize(
    ("model", "average", "name", "low", "high"),
    # The intervals were recalled from what R psych prints for these data, not looked up; they come out.
    [
        (IccModel.ONE_WAY, False, "ICC11", -0.133, 0.72),
        (IccModel.RANDOM_READERS, False, "ICC21", 0.019, 0.76),
        (IccModel.FIXED_READERS, False, "ICC31", 0.342, 0.95),
        (IccModel.ONE_WAY, True, "ICC1k", -0.884, 0.91),
        (IccModel.RANDOM_READERS, True, "ICC2k", 0.071, 0.93),
        (IccModel.FIXED_READERS, True, "ICC3k", 0.676, 0.99),
    ],
)
def test_icc_shrout_fleiss_1979(model: IccModel, average: bool, name: str, low: float, high: float) -> None:
    found = estimate(icc(SHROUT_FLEISS, model, average=average, minimum=6))

    assert found.value == pytest.approx(CASES["icc_shrout_fleiss_1979"][name], abs=5e-5)
    assert found.interval is not None
    assert found.interval.low == pytest.approx(low, abs=5e-4)
    assert found.interval.high == pytest.approx(high, abs=5e-3)


@pytest.mark.parametrize(
    ("model", "name"),
    [(IccModel.RANDOM_READERS, "icc_A1"), (IccModel.FIXED_READERS, "icc_C1"), (IccModel.ONE_WAY, "icc_1")],
)
def test_icc_anxiety_irr(model: IccModel, name: str) -> None:
    case = CASES["anxiety_irr"]

    found = estimate(icc(floats(case["raters"]).T, model, average=False, minimum=20))

    assert found.value == pytest.approx(case[name], abs=5e-4)


def test_an_artifact_with_a_missing_reading_is_left_out() -> None:
    more = np.vstack([SHROUT_FLEISS, floats([[1, None, 1, 1]])])

    assert icc(more, IccModel.ONE_WAY, average=False, minimum=6) == icc(
        SHROUT_FLEISS, IccModel.ONE_WAY, average=False, minimum=6
    )


@pytest.mark.parametrize("model", list(IccModel))
def test_readers_who_always_agree_are_perfectly_reliable(model: IccModel) -> None:
    found = estimate(icc(floats([[1, 1], [2, 2], [4, 4]]), model, average=False, minimum=2))

    assert found.value == pytest.approx(1)
    assert found.interval is not None
    assert found.interval.low == pytest.approx(1)


@pytest.mark.parametrize(
    ("data", "shortage"),
    [
        ([[1], [2], [3]], NotEnoughData(Shortage.TOO_FEW_RATERS, 1, 2)),
        ([[1, 2]], NotEnoughData(Shortage.TOO_FEW, 1, 2)),
        ([[None, None], [None, None], [1, 2]], NotEnoughData(Shortage.TOO_FEW, 1, 2)),
        ([[3, 3], [3, 3]], NotEnoughData(Shortage.NO_VARIATION, 1, 2)),
        ([[1, 2], [2, 1]], NotEnoughData(Shortage.NO_VARIATION, 2, 2)),
    ],
)
@pytest.mark.parametrize("model", list(IccModel))
def test_icc_needs_readers_and_artifacts_that_vary(
    data: list[list[float]], shortage: NotEnoughData, model: IccModel
) -> None:
    assert icc(floats(data), model, average=True, minimum=0) == shortage


@PROPERTY
@given(
    arrays(np.float64, (4, 3), elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, np.nan])),
    st.sampled_from(IccModel),
    st.booleans(),
)
def test_icc_is_a_finite_number_up_to_one_or_says_why_not(
    data: FloatArray, model: IccModel, average: bool
) -> None:
    found = icc(data, model, average=average, minimum=2)

    if not isinstance(found, NotEnoughData):
        assert estimate(found).value <= 1 + 1e-12
