"""How far two sets of readings lie apart: standardised differences, drift against a trend set."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log, sqrt

import numpy as np

from scoring.domain.statistics.distributions import t_quantile, t_two_sided
from scoring.domain.statistics.estimates import (
    Estimate,
    FloatArray,
    IntArray,
    Interval,
    NotEnoughData,
    Result,
    Shortage,
    normal_interval,
)

#: Below this a variance is rounding.
_NOTHING = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The mean, standard deviation (with n - 1) and size of one group."""

    mean: float
    deviation: float
    count: int


def hedges_g(group: Sample, others: Sample, *, minimum: int, confidence: float = 0.95) -> Result:
    """Return the difference of two groups' means in standard deviations, freed of its bias in small samples.

    Args:
        group: whose difference it is; above `others` is positive.
        others: whom it is compared with.
        minimum: how many each needs, at least two.
        confidence: of the interval.

    Source: Hedges (1981), Journal of Educational Statistics 6(2), pp. 107-128; variance by Hedges and Olkin
    (1985), Statistical Methods for Meta-Analysis, p. 86.
    """
    smaller = min(group.count, others.count)
    if smaller < max(minimum, 2):
        return NotEnoughData(Shortage.TOO_FEW, smaller, max(minimum, 2))
    count = group.count + others.count
    freedom = count - 2
    squares = (group.count - 1) * group.deviation**2 + (others.count - 1) * others.deviation**2
    pooled = sqrt(squares / freedom)
    if pooled <= _NOTHING:
        return NotEnoughData(Shortage.NO_VARIATION, 1, 2)
    unbiased = exp(lgamma(freedom / 2) - lgamma((freedom - 1) / 2) - log(freedom / 2) / 2)
    value = unbiased * (group.mean - others.mean) / pooled
    error = sqrt(1 / group.count + 1 / others.count + value**2 / (2 * count))
    return Estimate(
        value=value,
        count=count,
        standard_error=error,
        interval=normal_interval(value, error, confidence=confidence),
    )


def standardized_differences(counts: IntArray, *, minimum: int) -> list[Result]:
    """Return for each table by how many standard deviations the second readings lie above the first.

    Args:
        counts: shape (groups, levels, levels), as `agreement.tables` counts them.
        minimum: how many pairs it takes, at least two.

    Source: Williamson, Xi and Breyer (2012), Educational Measurement: Issues and Practice 31(1), pp. 2-13:
    the difference of the means by the square root of the mean of both variances.
    """
    minimum = max(minimum, 2)
    pairs = counts.sum(axis=(1, 2))
    first, first_variance = _moments(counts.sum(axis=2))
    second, second_variance = _moments(counts.sum(axis=1))
    deviation = np.sqrt((first_variance + second_variance) / 2)
    difference = (second - first) / np.where(deviation > _NOTHING, deviation, 1)
    return [
        NotEnoughData(Shortage.TOO_FEW, int(size), minimum)
        if size < minimum
        else NotEnoughData(Shortage.NO_VARIATION, 1, 2)
        if spread <= _NOTHING
        else Estimate(value=float(value), count=int(size))
        for size, spread, value in zip(pairs, deviation, difference, strict=True)
    ]


def _moments(counts: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance (with n - 1) of levels by how often each occurs, shape (groups, levels)."""
    scale = np.arange(counts.shape[-1], dtype=np.float64)
    size = counts.sum(axis=1)
    mean = counts @ scale / np.maximum(size, 1)
    squares = (counts * (scale - mean[:, None]) ** 2).sum(axis=1)
    return mean, squares / np.maximum(size - 1, 1)


def subgroup_difference(
    levels: FloatArray, reference: FloatArray, members: IntArray, *, minimum: int
) -> Result:
    """Return how far a subgroup's readings lie above their reference, once overall severity is taken out.

    Args:
        levels: shape (artifacts,), as the scorers in question read them.
        reference: shape (artifacts,), as the reference did (seeds, second reads).
        members: shape (members,), the subgroup's places in both.
        minimum: how many members it takes, at least one.

    Returns:
        The difference of standardised means (DSM), in standard deviations.

    Source: Loukina, Madnani and Zechner (2019), BEA workshop at ACL: z-scores over all, then the
    difference of the subgroup's means.
    """
    if len(members) < max(minimum, 1):
        return NotEnoughData(Shortage.TOO_FEW, len(members), max(minimum, 1))
    deviation, expected = levels.std(), reference.std()
    if min(deviation, expected) <= _NOTHING:
        return NotEnoughData(Shortage.NO_VARIATION, 1, 2)
    here = (levels[members].mean() - levels.mean()) / deviation
    there = (reference[members].mean() - reference.mean()) / expected
    return Estimate(value=float(here - there), count=len(members))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A shift of the second readings against the first, in levels.

    Attributes:
        shift: mean difference; positive is more lenient the second time.
        t: the shift in standard errors; None if every artifact moved by the same, so that there is no error.
        chance: of a shift at least as large if nothing has drifted, two-sided.
    """

    shift: Estimate
    t: float | None
    chance: float


def drifts(counts: IntArray, *, minimum: int, confidence: float = 0.95) -> list[Drift | NotEnoughData]:
    """Test each table for drift: the same artifacts, read then and read now.

    Args:
        counts: shape (groups, levels, levels), then by now, as `agreement.tables` counts them.
        minimum: how many artifacts it takes, at least two.
        confidence: of the shift's interval.

    Source: National Assessment of Educational Progress, Technical Documentation, "t-test" of trend scoring:
    t = mean of the differences / sqrt(their variance / n). Where all moved alike, the sign test by Dixon and
    Mood (1946), JASA 41(236), pp. 557-566.
    """
    minimum = max(minimum, 2)
    levels = counts.shape[-1]
    # A table's antidiagonals are its differences.
    steps = np.arange(levels) - np.arange(levels)[:, None] + levels - 1
    by_step = np.stack([counts[:, steps == step].sum(axis=1) for step in range(2 * levels - 1)], axis=1)
    mean, variance = _moments(by_step)
    return [
        _drift(float(shift) - (levels - 1), float(spread), int(size), minimum, confidence)
        for shift, spread, size in zip(mean, variance, by_step.sum(axis=1), strict=True)
    ]


def _drift(
    shift: float, variance: float, count: int, minimum: int, confidence: float
) -> Drift | NotEnoughData:
    if count < minimum:
        return NotEnoughData(Shortage.TOO_FEW, count, minimum)
    if variance <= _NOTHING:
        moved = abs(shift) > _NOTHING
        chance = 2.0 ** (1 - count) if moved else 1.0
        return Drift(shift=Estimate(value=shift, count=count), t=None if moved else 0.0, chance=chance)
    error = sqrt(variance / count)
    reach = error * t_quantile((1 + confidence) / 2, count - 1)
    interval = Interval(shift - reach, shift + reach)
    estimate = Estimate(value=shift, count=count, standard_error=error, interval=interval)
    return Drift(shift=estimate, t=shift / error, chance=t_two_sided(shift / error, count - 1))
