"""How well two readings of the same artifacts agree: shares, Cohen's and Fleiss' kappa.

All work on tables of counts, one table a group (a scorer, a school, a criterion, a week). A table has one row
a level of the first reading and one column a level of the second, so 650,000 pairs are counted once and every
statistic is then made from a few thousand tables at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scoring.domain.statistics.estimates import (
    Estimate,
    FloatArray,
    IntArray,
    Interval,
    InvalidDataError,
    NotEnoughData,
    Result,
    Shortage,
    normal_interval,
    normal_quantile,
)

#: Below this a chance disagreement is rounding.
_NOTHING = 1e-12


def double_readings(artifact: IntArray) -> tuple[IntArray, IntArray]:
    """Return the pairs of readings of the same artifact, each reading with the one after it.

    Args:
        artifact: shape (readings,), which artifact was read.

    Returns:
        The places of the first and of the second readings, each of shape (pairs,). To see a scorer's
        agreement whichever reading was theirs, count the pairs both ways round.
    """
    order = np.argsort(artifact, kind="stable")
    again = artifact[order[1:]] == artifact[order[:-1]]
    return order[:-1][again], order[1:][again]


def tables(
    first: IntArray, second: IntArray, *, levels: int, group: IntArray | None = None, groups: int = 1
) -> IntArray:
    """Count pairs of readings.

    Args:
        first: shape (pairs,), the level that the first reader gave, as an index from 0.
        second: shape (pairs,), the same of the second reader.
        levels: how many levels the scale has, whether they occur or not.
        group: shape (pairs,), which table a pair belongs to; all to the same if None.
        groups: how many tables.

    Returns:
        Shape (groups, levels, levels).

    Raises:
        InvalidDataError: if lengths differ or an index is outside its range.
    """
    group = np.zeros_like(first) if group is None else group
    if not len(first) == len(second) == len(group):
        raise InvalidDataError(f"{len(first)}, {len(second)} and {len(group)} are not one length")
    for indices, size in ((first, levels), (second, levels), (group, groups)):
        if len(indices) and not 0 <= indices.min() <= indices.max() < size:
            raise InvalidDataError(f"{indices.min()} to {indices.max()} is outside 0 to {size - 1}")
    cell = (group.astype(np.int64) * levels + first) * levels + second
    return np.bincount(cell, minlength=groups * levels * levels).reshape(groups, levels, levels)


def nominal(levels: int) -> FloatArray:
    """Return the disagreement of each pair of levels when any two different ones are equally wrong."""
    return 1 - np.eye(levels)


def linear(levels: int) -> FloatArray:
    """Return the disagreement of each pair of levels as their distance."""
    scale = np.arange(levels, dtype=np.float64)
    return np.abs(scale[:, None] - scale)


def quadratic(levels: int) -> FloatArray:
    """Return the disagreement of each pair of levels as their squared distance."""
    return linear(levels) ** 2


def share_within(counts: IntArray, *, distance: int, minimum: int, confidence: float = 0.95) -> list[Result]:
    """Return each table's share of pairs at most `distance` apart: 0 is exact agreement, 1 adjacent.

    Args:
        counts: shape (groups, levels, levels).
        distance: in levels.
        minimum: how many pairs it takes.
        confidence: of the interval.

    Source: interval by Wilson (1927), JASA 22(158), pp. 209-212.
    """
    close = linear(counts.shape[-1]) <= distance
    agreeing, pairs = (counts * close).sum(axis=(1, 2)), counts.sum(axis=(1, 2))
    return [
        _share(int(part), int(whole), confidence=confidence)
        if whole >= max(minimum, 1)
        else NotEnoughData(Shortage.TOO_FEW, int(whole), max(minimum, 1))
        for part, whole in zip(agreeing, pairs, strict=True)
    ]


def _share(part: int, whole: int, *, confidence: float) -> Estimate:
    share, z = part / whole, normal_quantile(confidence)
    scale = 1 + z * z / whole
    centre = (share + z * z / (2 * whole)) / scale
    reach = z * np.sqrt(share * (1 - share) / whole + (z / (2 * whole)) ** 2) / scale
    # Rounding can step just past the share itself when every pair agrees.
    interval = Interval(float(max(min(centre - reach, share), 0)), float(min(max(centre + reach, share), 1)))
    return Estimate(value=share, count=whole, interval=interval)


def kappas(
    counts: IntArray, disagreement: FloatArray, *, minimum: int, confidence: float = 0.95
) -> list[Result]:
    """Return each table's kappa: agreement beyond chance, 1 at best.

    Args:
        counts: shape (groups, levels, levels).
        disagreement: shape (levels, levels), 0 on the diagonal: `nominal` gives Cohen's kappa, `linear` and
            `quadratic` the weighted ones, and any other not negative weights theirs.
        minimum: how many pairs it takes.
        confidence: of the interval.

    Source: Cohen (1960), Educational and Psychological Measurement 20(1), pp. 37-46; Cohen (1968),
    Psychological Bulletin 70(4), pp. 213-220; standard error by Fleiss, Cohen and Everitt (1969),
    Psychological Bulletin 72(5), pp. 323-327.
    """
    pairs = counts.sum(axis=(1, 2))
    shares = counts / np.maximum(pairs, 1)[:, None, None]
    chance = _kappa_parts(shares, disagreement)
    enough, varied = pairs >= max(minimum, 1), chance.disagreement > _NOTHING
    return [
        _kappa(chance, place, int(pairs[place]), confidence)
        if enough[place] and varied[place]
        else _no_kappa(counts[place], int(pairs[place]), max(minimum, 1))
        for place in range(len(counts))
    ]


@dataclass(frozen=True, slots=True)
class _KappaParts:
    """Of each table: kappa, its variance times pairs, and the disagreement that chance alone would give."""

    value: FloatArray
    variance: FloatArray
    disagreement: FloatArray


def _kappa_parts(shares: FloatArray, disagreement: FloatArray) -> _KappaParts:
    weight = 1 - disagreement / max(disagreement.max(), _NOTHING)
    first, second = shares.sum(axis=2), shares.sum(axis=1)
    observed = np.einsum("gij,ij->g", shares, weight)
    expected = np.einsum("gi,ij,gj->g", first, weight, second)
    left = np.where(1 - expected > _NOTHING, 1 - expected, 1.0)
    value = (observed - expected) / left
    row, column = second @ weight.T, first @ weight
    mixed = weight - (row[:, :, None] + column[:, None, :]) * (1 - value)[:, None, None]
    spread = np.einsum("gij,gij->g", shares, mixed**2) - (value - expected * (1 - value)) ** 2
    return _KappaParts(value, np.maximum(spread, 0) / left**2, 1 - expected)


def _kappa(parts: _KappaParts, place: int, pairs: int, confidence: float) -> Estimate:
    value = float(parts.value[place])
    error = float(np.sqrt(parts.variance[place] / pairs))
    return Estimate(
        value=value,
        count=pairs,
        standard_error=error,
        interval=normal_interval(value, error, confidence=confidence),
    )


def _no_kappa(counts: IntArray, pairs: int, minimum: int) -> NotEnoughData:
    if pairs < minimum:
        return NotEnoughData(Shortage.TOO_FEW, pairs, minimum)
    used = np.count_nonzero(counts.sum(axis=0) + counts.sum(axis=1))
    return NotEnoughData(Shortage.NO_VARIATION, int(used), 2)


def fleiss_kappa(counts: IntArray, *, minimum: int) -> Result:
    """Return the agreement beyond chance of the same number of readers for each artifact.

    Args:
        counts: shape (artifacts, levels), how many readers gave which level.
        minimum: how many artifacts it takes.

    Raises:
        InvalidDataError: if artifacts differ in how many readers they had.

    Source: Fleiss (1971), Psychological Bulletin 76(5), pp. 378-382.
    """
    artifacts = len(counts)
    if artifacts < max(minimum, 1):
        return NotEnoughData(Shortage.TOO_FEW, artifacts, max(minimum, 1))
    readers = counts.sum(axis=1)
    if readers.min() != readers.max():
        raise InvalidDataError("artifacts differ in how many readers they had")
    each = int(readers[0])
    if each <= 1:
        return NotEnoughData(Shortage.TOO_FEW_RATERS, each, 2)
    observed = ((counts**2).sum() - artifacts * each) / (artifacts * each * (each - 1))
    shares = counts.sum(axis=0) / (artifacts * each)
    expected = float((shares**2).sum())
    if 1 - expected <= _NOTHING:
        return NotEnoughData(Shortage.NO_VARIATION, 1, 2)
    return Estimate(value=float((observed - expected) / (1 - expected)), count=artifacts)
