"""What may be published: nothing that is hidden comes back by subtraction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from tests.unit.scoring.statistics.statistics_examples import PROPERTY

from scoring.domain.statistics.estimates import BoolArray, IntArray, InvalidDataError
from scoring.domain.statistics.suppression import (
    PublishedShare,
    Suppression,
    publish_count,
    publish_share,
    suppress,
)

TABLES = array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=7).flatmap(
    lambda shape: arrays(np.int64, shape, elements=st.one_of(st.integers(0, 12), st.integers(0, 200)))
)


def all_numbers(counts: IntArray) -> IntArray:
    """Return the table with the totals that are published with it."""
    rows = np.vstack([counts, counts.sum(axis=0)])
    return np.hstack([rows, rows.sum(axis=1, keepdims=True)])


def all_hidden(found: Suppression) -> BoolArray:
    """Return which of `all_numbers` is hidden."""
    rows = np.hstack([found.cells, found.rows[:, None]])
    return np.vstack([rows, np.append(found.columns, found.total)])


def subtractions(shape: tuple[int, int]) -> IntArray:
    """Return what everybody knows of a table with totals: each row and column less its total is zero."""
    rows, columns = shape
    known = []
    for row in range(rows):
        one = np.zeros(shape, dtype=np.int64)
        one[row] = [1] * (columns - 1) + [-1]
        known.append(one.ravel())
    for column in range(columns):
        one = np.zeros(shape, dtype=np.int64)
        one[:, column] = [1] * (rows - 1) + [-1]
        known.append(one.ravel())
    return np.array(known)


def recoverable(hidden: BoolArray) -> list[int]:
    """Return the hidden numbers that linear algebra gets out of the others."""
    unknown = np.flatnonzero(hidden)
    system = subtractions(hidden.shape)[:, unknown]
    rank = np.linalg.matrix_rank(system)
    # A number is fixed if knowing it adds nothing to what is known.
    return [
        int(unknown[place])
        for place in range(len(unknown))
        if np.linalg.matrix_rank(np.vstack([system, np.eye(len(unknown))[place]])) == rank
    ]


def possible_values(counts: IntArray, hidden: BoolArray, most: int) -> list[set[int]]:
    """Return, by trying every table, what each hidden number could be given those published."""
    tries = np.indices([most + 1] * counts.size).reshape(counts.size, -1).T.reshape(-1, *counts.shape)
    tries = np.concatenate([tries, tries.sum(axis=1, keepdims=True)], axis=1)
    tries = np.concatenate([tries, tries.sum(axis=2, keepdims=True)], axis=2)
    fitting = tries[(tries == all_numbers(counts))[:, ~hidden].all(axis=1)]
    return [set(values.tolist()) for values in fitting[:, hidden].T]


def test_hides_the_small_cell_and_the_cheapest_that_protect_it() -> None:
    counts = np.array([[4, 60, 30], [50, 90, 80], [20, 70, 40]])

    found = suppress(counts, minimum=10)

    assert found.cells.tolist() == [[True, False, True], [False, False, False], [True, False, True]]
    assert not np.append(found.rows, found.columns).any()
    assert not found.total


def test_hides_nothing_of_a_table_without_small_cells() -> None:
    assert not all_hidden(suppress(np.array([[10, 20], [30, 40]]), minimum=10)).any()


def test_hides_everything_of_a_table_that_is_small_as_a_whole() -> None:
    assert all_hidden(suppress(np.array([[1, 2], [0, 3]]), minimum=10)).all()


@pytest.mark.parametrize("counts", [[[3, 40, 50], [2, 60, 70]], [[3, 2], [40, 60], [50, 70]], [[4]]])
def test_a_total_that_is_small_is_hidden_so_that_it_does_not_come_back(counts: list[list[int]]) -> None:
    hidden = all_hidden(suppress(np.array(counts), minimum=10))

    assert hidden[all_numbers(np.array(counts)) < 10].all()
    assert recoverable(hidden) == []


def test_two_small_cells_that_protect_each_other_by_number_do_not_by_size() -> None:
    # With 1 + 2 in the first row, whoever knows one knows the other to within three.
    counts = np.array([[1, 2, 80], [50, 60, 70]])

    found = suppress(counts, minimum=10)

    assert found.cells[0].tolist() == [True, True, True]


def test_a_single_row_hides_its_total_or_two_groups() -> None:
    found = suppress(np.array([[5, 40, 30]]), minimum=10)

    assert recoverable(all_hidden(found)) == []
    assert found.cells[0, 0]


@pytest.mark.parametrize("counts", [np.zeros((0, 3), dtype=int), np.array([[1, -1]])])
def test_a_table_without_cells_or_with_negative_counts_is_refused(counts: IntArray) -> None:
    with pytest.raises(InvalidDataError):
        suppress(counts, minimum=10)


@PROPERTY
@given(TABLES)
def test_every_number_below_the_minimum_is_hidden(counts: IntArray) -> None:
    hidden = all_hidden(suppress(counts, minimum=10))

    assert hidden[all_numbers(counts) < 10].all()


@PROPERTY
@given(TABLES)
def test_no_hidden_number_comes_back_by_any_subtraction(counts: IntArray) -> None:
    assert recoverable(all_hidden(suppress(counts, minimum=10))) == []


@settings(max_examples=60, deadline=None)
@given(arrays(np.int64, st.sampled_from([(2, 2), (1, 3), (2, 1)]), elements=st.integers(0, 6)))
def test_whatever_is_published_leaves_a_hidden_number_open_by_the_minimum(counts: IntArray) -> None:
    hidden = all_hidden(suppress(counts, minimum=3))

    for seen in possible_values(counts, hidden, most=9):
        assert max(seen) - min(seen) >= 3


@PROPERTY
@given(TABLES)
def test_the_same_table_is_always_hidden_alike(counts: IntArray) -> None:
    assert (all_hidden(suppress(counts, minimum=10)) == all_hidden(suppress(counts.copy(), minimum=10))).all()


def test_a_share_of_too_few_is_not_published() -> None:
    assert publish_share(5, 9, minimum=10, edge=0.05) is None
    assert publish_share(0, 0, minimum=0, edge=0.05) is None


@pytest.mark.parametrize(
    ("part", "low", "high"),
    [
        (0, 0, 0.05),
        (4, 0, 0.05),
        (5, 0.05, 0.05),
        (50, 0.5, 0.5),
        (95, 0.95, 0.95),
        (96, 0.95, 1),
        (100, 0.95, 1),
    ],
)
def test_a_share_near_nothing_or_all_is_only_said_to_be_beyond_the_edge(
    part: int, low: float, high: float
) -> None:
    assert publish_share(part, 100, minimum=10, edge=0.05) == PublishedShare(low, high)


def test_a_part_larger_than_its_whole_is_refused() -> None:
    with pytest.raises(InvalidDataError):
        publish_share(3, 2, minimum=1, edge=0.05)


@pytest.mark.parametrize(("part", "published"), [(9, None), (10, 10), (20, 20), (21, None)])
def test_a_count_is_published_only_if_its_complement_is_large_too(part: int, published: int | None) -> None:
    assert publish_count(part, 30, minimum=10) == published
