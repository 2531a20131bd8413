"""Agreement of two readings: published tables, degenerate ones, and bounds for all."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.unit.scoring.statistics.statistics_examples import CASES, PROPERTY, counts, estimate

from scoring.domain.statistics import agreement
from scoring.domain.statistics.estimates import Interval, InvalidDataError, NotEnoughData, Shortage

TABLES = arrays(np.int64, (2, 4, 4), elements=st.integers(0, 30))


def test_cohen_1968_proportions_with_disagreement_weights() -> None:
    case = CASES["cohen_1968"]
    table = np.round(np.array([case["proportions"]]) * 100).astype(np.int64)

    [plain] = agreement.kappas(table, agreement.nominal(3), minimum=1)
    [weighted] = agreement.kappas(table, np.array(case["disagreement_weights"], dtype=float), minimum=1)

    assert estimate(plain).value == pytest.approx(case["kappa"], abs=1e-6)
    assert estimate(weighted).value == pytest.approx(case["weighted_kappa"], abs=1e-6)
    assert [round(estimate(plain).value, 3), round(estimate(weighted).value, 3)] == case["published"]


def test_fleiss_cohen_everitt_1969_agreement_weights() -> None:
    case = CASES["fleiss_cohen_everitt_1969"]
    table = counts(*case["counts"])
    weights = 1 - np.array(case["agreement_weights"])

    values = [
        estimate(agreement.kappas(table, each, minimum=1)[0]).value
        for each in (agreement.nominal(3), weights, agreement.quadratic(3))
    ]

    assert values == pytest.approx([case["kappa"], case["weighted_kappa"], case["quadratic_kappa"]], abs=1e-5)


def test_sas_3x3_kappas_with_standard_errors_and_intervals() -> None:
    case = CASES["sas_3x3"]
    table = counts(*case["counts"])

    plain, linear, quadratic = (
        estimate(agreement.kappas(table, each, minimum=1)[0])
        for each in (agreement.nominal(3), agreement.linear(3), agreement.quadratic(3))
    )

    assert (plain.value, plain.standard_error) == pytest.approx((case["kappa"], case["ase"]), abs=5e-5)
    assert (linear.value, linear.standard_error) == pytest.approx(
        (case["linear_kappa"], case["linear_ase"]), abs=6e-5
    )
    assert quadratic.value == pytest.approx(case["quadratic_kappa_computed"], abs=1e-6)
    for found, published in ((plain, case["ci95"]), (linear, case["linear_ci95"])):
        assert found.interval is not None
        assert [found.interval.low, found.interval.high] == pytest.approx(published, abs=6e-5)


@pytest.mark.parametrize("case", CASES["qwk_kaggle_asap"]["cases"])
def test_qwk_kaggle_asap_official_metric(case: dict[str, list[int]]) -> None:
    table = agreement.tables(np.array(case["a"]) - 1, np.array(case["b"]) - 1, levels=6)

    [found] = agreement.kappas(table, agreement.quadratic(6), minimum=1)

    assert estimate(found).value == pytest.approx(case["qwk"])


def test_qwk_label_trap_a_level_that_nobody_gave_keeps_its_place() -> None:
    case = CASES["qwk_label_trap"]
    table = agreement.tables(np.array(case["a"]) - 1, np.array(case["b"]) - 1, levels=4)

    [found] = agreement.kappas(table, agreement.quadratic(4), minimum=1)

    assert estimate(found).value == pytest.approx(case["qwk_levels_1_4"])
    assert estimate(found).value != pytest.approx(case["wrong_if_labels_omitted"], abs=0.05)


def test_anxiety_irr_pairs_of_raters() -> None:
    case = CASES["anxiety_irr"]
    first, second, third = np.array(case["raters"]) - 1

    near = agreement.tables(first, second, levels=6)
    far = agreement.tables(second, third, levels=6)

    for table, weights, expected in (
        (near, agreement.nominal(6), case["r1_r2"]["kappa"]),
        (near, agreement.linear(6), case["r1_r2"]["linear_labels_1_6"]),
        (near, agreement.quadratic(6), case["r1_r2"]["quadratic"]),
        (far, agreement.nominal(6), case["r2_r3"]["kappa"]),
    ):
        assert estimate(agreement.kappas(table, weights, minimum=1)[0]).value == pytest.approx(expected)


def test_anxiety_irr_quadratic_kappa_of_raters_who_never_give_a_five() -> None:
    case = CASES["anxiety_irr"]
    _, second, third = np.array(case["raters"]) - 1

    [all_levels] = agreement.kappas(
        agreement.tables(second, third, levels=6), agreement.quadratic(6), minimum=1
    )
    # R irr drops the level, so that four and six become neighbours.
    [dropped] = agreement.kappas(
        agreement.tables(second - (second > 4), third - (third > 4), levels=5),
        agreement.quadratic(5),
        minimum=1,
    )

    assert estimate(dropped).value == pytest.approx(case["r2_r3"]["quadratic"])
    assert estimate(all_levels).value == pytest.approx(0.2298, abs=5e-5)


def test_fleiss_wikipedia_ten_subjects() -> None:
    case = CASES["fleiss_wikipedia"]

    found = agreement.fleiss_kappa(np.array(case["counts"]), minimum=10)

    assert estimate(found).value == pytest.approx(case["kappa"], abs=5e-4)
    assert estimate(found).count == 10


def test_double_readings_are_those_of_one_artifact_next_to_one_another() -> None:
    first, second = agreement.double_readings(np.array([7, 3, 7, 5, 3, 7]))

    assert list(zip(first.tolist(), second.tolist(), strict=True)) == [(1, 4), (0, 2), (2, 5)]


def test_pairs_are_counted_by_group() -> None:
    found = agreement.tables(
        np.array([0, 0, 1]), np.array([1, 0, 1]), levels=2, group=np.array([1, 0, 1]), groups=3
    )

    assert found.tolist() == [[[1, 0], [0, 0]], [[0, 1], [0, 1]], [[0, 0], [0, 0]]]


def test_shares_of_exact_and_adjacent_agreement() -> None:
    table = counts([2, 1, 1], [0, 3, 1], [0, 0, 2])

    [exact] = agreement.share_within(table, distance=0, minimum=10)
    [adjacent] = agreement.share_within(table, distance=1, minimum=10)

    assert (estimate(exact).value, estimate(adjacent).value) == (0.7, 0.9)


def test_share_has_wilsons_interval() -> None:
    # R. G. Newcombe (1998), Statistics in Medicine 17, table I, method 3.
    [found] = agreement.share_within(counts([81, 182], [0, 0]), distance=0, minimum=1)

    interval = estimate(found).interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@pytest.mark.parametrize(("agreeing", "pairs"), [(1, 1), (7, 7), (0, 4), (9, 10)])
def test_a_shares_interval_stays_between_nothing_and_all(agreeing: int, pairs: int) -> None:
    [found] = agreement.share_within(counts([agreeing, pairs - agreeing], [0, 0]), distance=0, minimum=1)

    interval = estimate(found).interval
    assert interval is not None
    assert 0 <= interval.low <= agreeing / pairs <= interval.high <= 1


def test_too_few_pairs_are_not_enough() -> None:
    table = counts([1, 0], [1, 1])

    assert agreement.share_within(table, distance=0, minimum=4) == [NotEnoughData(Shortage.TOO_FEW, 3, 4)]
    assert agreement.kappas(table, agreement.nominal(2), minimum=4) == [NotEnoughData(Shortage.TOO_FEW, 3, 4)]


def test_no_pairs_are_not_enough_whatever_the_minimum() -> None:
    table = counts([0, 0], [0, 0])

    assert agreement.share_within(table, distance=0, minimum=0) == [NotEnoughData(Shortage.TOO_FEW, 0, 1)]
    assert agreement.kappas(table, agreement.nominal(2), minimum=0) == [NotEnoughData(Shortage.TOO_FEW, 0, 1)]


def test_two_readers_who_both_give_one_level_only_show_no_kappa() -> None:
    [found] = agreement.kappas(counts([0, 0], [0, 40]), agreement.quadratic(2), minimum=30)

    assert found == NotEnoughData(Shortage.NO_VARIATION, 1, 2)


def test_one_level_against_another_is_no_agreement_beyond_chance() -> None:
    [found] = agreement.kappas(counts([0, 40], [0, 0]), agreement.nominal(2), minimum=30)

    assert estimate(found).value == 0


def test_a_table_without_data_does_not_spoil_the_others() -> None:
    both = np.concatenate([counts([0, 0], [0, 0]), counts([5, 0], [0, 5])])

    empty, full = agreement.kappas(both, agreement.nominal(2), minimum=1)

    assert isinstance(empty, NotEnoughData)
    assert (estimate(full).value, estimate(full).interval) == (1, Interval(1, 1))


@pytest.mark.parametrize(
    ("table", "shortage"),
    [
        (np.zeros((0, 3), dtype=int), NotEnoughData(Shortage.TOO_FEW, 0, 2)),
        (np.array([[1, 0], [0, 1]]), NotEnoughData(Shortage.TOO_FEW_RATERS, 1, 2)),
        (np.array([[0, 0], [0, 0]]), NotEnoughData(Shortage.TOO_FEW_RATERS, 0, 2)),
        (np.array([[3, 0], [3, 0]]), NotEnoughData(Shortage.NO_VARIATION, 1, 2)),
    ],
)
def test_fleiss_kappa_needs_artifacts_readers_and_levels(
    table: np.ndarray[tuple[int, int], np.dtype[np.int64]], shortage: NotEnoughData
) -> None:
    assert agreement.fleiss_kappa(table, minimum=2) == shortage


def test_fleiss_kappa_refuses_artifacts_with_different_numbers_of_readers() -> None:
    with pytest.raises(InvalidDataError, match="differ"):
        agreement.fleiss_kappa(np.array([[2, 1], [1, 1]]), minimum=1)


@pytest.mark.parametrize(
    ("first", "second", "group"),
    [([0, 1], [0], [0, 0]), ([0, 2], [0, 0], [0, 0]), ([0, -1], [0, 0], [0, 0]), ([0, 0], [0, 0], [0, 1])],
)
def test_pairs_outside_the_scale_or_the_groups_are_refused(
    first: list[int], second: list[int], group: list[int]
) -> None:
    with pytest.raises(InvalidDataError):
        agreement.tables(np.array(first), np.array(second), levels=2, group=np.array(group), groups=1)


@PROPERTY
@given(TABLES)
def test_every_kappa_is_a_finite_number_up_to_one_or_says_why_not(
    table: np.ndarray[tuple[int, int, int], np.dtype[np.int64]],
) -> None:
    for weights in (agreement.nominal(4), agreement.linear(4), agreement.quadratic(4)):
        for found in agreement.kappas(table, weights, minimum=1):
            if not isinstance(found, NotEnoughData):
                assert estimate(found).value <= 1 + 1e-12


@PROPERTY
@given(TABLES)
def test_who_is_called_first_does_not_matter(
    table: np.ndarray[tuple[int, int, int], np.dtype[np.int64]],
) -> None:
    turned = table.transpose(0, 2, 1)

    for found, mirrored in zip(
        agreement.kappas(table, agreement.quadratic(4), minimum=1),
        agreement.kappas(turned, agreement.quadratic(4), minimum=1),
        strict=True,
    ):
        if isinstance(found, NotEnoughData):
            assert mirrored == found
        else:
            assert estimate(mirrored).value == pytest.approx(found.value)
