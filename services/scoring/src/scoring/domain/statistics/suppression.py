"""What may be published: small cells are hidden, and enough others that no subtraction brings them back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from scoring.domain.statistics.estimates import BoolArray, FloatArray, IntArray, InvalidDataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """What of a table must not be published; True is hidden.

    Attributes:
        cells: shape (rows, columns).
        rows: shape (rows,), the totals of rows.
        columns: shape (columns,), the totals of columns.
        total: the total of all.
    """

    cells: BoolArray
    rows: BoolArray
    columns: BoolArray
    total: bool


def suppress(counts: IntArray, *, minimum: int, known: BoolArray | None = None) -> Suppression:
    """Choose what to hide of a table that is published with its totals, such as schools by groups.

    Every count and total below `minimum` is hidden, zeros too. So that nobody can subtract it out of the
    rest, further cells are hidden: for each hidden number there is a closed walk over hidden numbers along
    which `minimum` students could move without any published number changing or any count becoming negative.
    What is hidden can therefore not be told to within `minimum`, whatever is added or subtracted. Of all such
    walks the one that hides the fewest further students is taken, so that what has to go is small.

    This protects one table. Tables that share cells (such as two ways to group the same students) are safe
    together only if nobody can tell one from the other's numbers: publish the same mask for all of them.

    Args:
        counts: shape (rows, columns), students; at least one row and one column.
        minimum: the smallest number that may be published, at least one.
        known: shape (rows, columns), cells that are no secret whatever they hold, such as the grades that a
            school does not have: they are not hidden, and hide nothing else.

    Raises:
        InvalidDataError: if a count is negative or there are none.

    Source: closed walks for complementary suppression as in Cox (1980), JASA 75(370), pp. 377-385.
    """
    if not counts.size or counts.min() < 0:
        raise InvalidDataError("a table has rows, columns and no negative count")
    table = _with_totals(counts)
    open_ = _lines_known(np.zeros(counts.shape, dtype=bool) if known is None else known)
    hidden = (table < minimum) & ~open_
    safe = np.zeros_like(hidden)
    # A total that is small has small cells only, and their walks lead over it.
    for row, column in _largest_first(counts, hidden[:-1, :-1]):
        if not safe[row, column]:
            for cell in _walk(table, hidden, open_, (row, column), minimum):
                hidden[cell] = safe[cell] = True
    return Suppression(
        cells=hidden[:-1, :-1], rows=hidden[:-1, -1], columns=hidden[-1, :-1], total=bool(hidden[-1, -1])
    )


def _with_totals(counts: IntArray) -> IntArray:
    rows = np.vstack([counts, counts.sum(axis=0)])
    return np.hstack([rows, rows.sum(axis=1, keepdims=True)])


def _lines_known(known: BoolArray) -> BoolArray:
    """Return which cells and totals are no secret: a total is none if none of its cells is one."""
    rows = np.vstack([known, known.all(axis=0)])
    return np.hstack([rows, rows.all(axis=1, keepdims=True)])


def _largest_first(counts: IntArray, hidden: BoolArray) -> Iterator[tuple[int, int]]:
    rows, columns = np.nonzero(hidden)
    for place in np.lexsort((columns, rows, -counts[rows, columns])):
        yield int(rows[place]), int(columns[place])


def _walk(
    table: IntArray, hidden: BoolArray, known: BoolArray, cell: tuple[int, int], minimum: int
) -> list[tuple[int, int]]:
    """Return the cells of the cheapest closed walk through `cell` along which `minimum` students can move.

    With totals as negative numbers every row and column sums to zero. A walk alternates between rows and
    columns: going from a row to a column lowers the number there, and coming back from a column to a row
    raises one, so all sums stay as they are. The small count itself can only rise, so it is the way back from
    its column to its row, and the path is the rest.
    """
    first_column = len(table)
    row, column = cell
    nodes = _cheapest_path(_costs(table, hidden, known, minimum), row, first_column + column)
    legs = [cell]
    for one, other in pairwise(nodes):
        legs.append((min(one, other), max(one, other) - first_column))
    return legs


def _costs(table: IntArray, hidden: BoolArray, known: BoolArray, minimum: int) -> FloatArray:
    """Return what each step between a row's and a column's node hides, infinity where nothing can move."""
    rows, columns = table.shape
    price = np.where(known, np.inf, np.where(hidden, 0.0, table + 1.0))
    total = np.zeros_like(hidden)
    total[-1, :-1] = total[:-1, -1] = True
    cost = np.full((rows + columns, rows + columns), np.inf)
    cost[:rows, rows:] = np.where((table >= minimum) | total, price, np.inf)
    # Counts rise here, and a total falls, which it can: next to it on the walk is a cell of it that can fall.
    cost[rows:, :rows] = price.T
    return cost


def _cheapest_path(cost: FloatArray, start: int, goal: int) -> list[int]:
    """Return the nodes of the cheapest path, the shortest of the equal, by Dijkstra (1959)."""
    nodes = len(cost)
    # So little a step that all steps together cost less than one student.
    step = 1 / (2 * nodes)
    distance, before = np.full(nodes, np.inf), np.full(nodes, -1)
    distance[start] = 0
    waiting = distance.copy()
    while (nearest := int(waiting.argmin())) != goal:
        waiting[nearest] = np.inf
        reached = distance[nearest] + cost[nearest] + step
        closer = reached < distance
        distance[closer] = waiting[closer] = reached[closer]
        before[closer] = nearest
    path = [goal]
    while path[-1] != start:
        path.append(int(before[path[-1]]))
    return path[::-1]


@dataclass(frozen=True, slots=True)
class PublishedShare:
    """A share as it may be published: between `low` and `high`, which are the same unless it is coded."""

    low: float
    high: float


def publish_share(part: int, whole: int, *, minimum: int, edge: float) -> PublishedShare | None:
    """Return a share as it may be published, or None if too few students stand behind it.

    A share near 0 or 1 says of nearly everybody what they did, so it is only said to be beyond the edge.

    Args:
        part: students of whom it is true.
        whole: all students in question.
        minimum: how many it takes.
        edge: shares below it and above 1 - edge are coded, such as .05.

    Source: NCES (2011), SLDS Technical Brief 3, NCES 2011-603, on top and bottom coding.
    """
    if not 0 <= part <= whole:
        raise InvalidDataError(f"{part} of {whole} is no share")
    if whole < max(minimum, 1):
        return None
    share = part / whole
    if share < edge:
        return PublishedShare(0, edge)
    if share > 1 - edge:
        return PublishedShare(1 - edge, 1)
    return PublishedShare(share, share)


def publish_count(part: int, whole: int, *, minimum: int) -> int | None:
    """Return how many it is true of, or None if they, or those of whom it is not true, are too few."""
    return part if min(part, whole - part) >= minimum else None
