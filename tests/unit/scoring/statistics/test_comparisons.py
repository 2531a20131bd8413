"""Judgements of two at a time: published tables, and when there is no answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from tests.unit.scoring.statistics.statistics_examples import CASES, PROPERTY

from scoring.domain.statistics.comparisons import bradley_terry
from scoring.domain.statistics.estimates import InvalidDataError, NotEnoughData, Shortage


def test_bradley_terry_baseball_1987() -> None:
    case = CASES["bradley_terry_baseball_1987"]

    found = bradley_terry(np.array(case["wins_row_over_col"]))

    assert not isinstance(found, NotEnoughData)
    assert found - found[0] == pytest.approx(np.array(case["logit_vs_baltimore"]), abs=1e-4)
    assert sorted(np.round(found - found[0], 2).tolist())[1:] == case["published_2dp_sorted"]


def test_bradley_terry_citations() -> None:
    case = CASES["bradley_terry_citations"]

    found = bradley_terry(np.array(case["cited_row_citing_col"]))

    assert not isinstance(found, NotEnoughData)
    assert found - found[0] == pytest.approx(np.array(case["logit"]), abs=1e-5)


def test_one_who_only_wins_is_infinitely_better() -> None:
    assert bradley_terry(np.array([[0, 3], [0, 0]])) == NotEnoughData(Shortage.DISCONNECTED, 2, 1)


def test_one_who_nearly_only_wins_is_further_away_than_can_be_told() -> None:
    found = bradley_terry(np.array([[0, 10**17, 3], [1, 0, 10**17], [1, 1, 0]]))

    assert isinstance(found, NotEnoughData)
    assert found.shortage is Shortage.NOT_CONVERGED


def test_groups_that_never_met_cannot_be_compared() -> None:
    wins = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]])

    assert bradley_terry(wins) == NotEnoughData(Shortage.DISCONNECTED, 2, 1)


def test_a_long_ring_of_wins_connects_all() -> None:
    wins = np.roll(np.eye(40, dtype=np.int64), 1, axis=1)

    assert bradley_terry(wins) == pytest.approx(np.zeros(40))


@pytest.mark.parametrize("artifacts", [0, 1])
def test_one_alone_has_nobody_to_be_compared_with(artifacts: int) -> None:
    wins = np.zeros((artifacts, artifacts), dtype=np.int64)

    assert bradley_terry(wins) == NotEnoughData(Shortage.TOO_FEW, artifacts, 2)


@pytest.mark.parametrize("wins", [[[0, 1]], [[0, -1], [1, 0]]])
def test_a_table_that_is_not_square_or_negative_is_refused(wins: list[list[int]]) -> None:
    with pytest.raises(InvalidDataError):
        bradley_terry(np.array(wins))


@PROPERTY
@given(arrays(np.int64, (4, 4), elements=st.integers(0, 9)))
def test_what_is_expected_is_what_was_won(wins: np.ndarray[tuple[int, int], np.dtype[np.int64]]) -> None:
    found = bradley_terry(wins)

    if not isinstance(found, NotEnoughData):
        np.fill_diagonal(wins, 0)
        chance = 1 / (1 + np.exp(found - found[:, None]))
        assert ((wins + wins.T) * chance).sum(axis=1) == pytest.approx(wins.sum(axis=1), abs=1e-6)
