"""How well many readers agree: Krippendorff's alpha and the intraclass correlations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum

import numpy as np

from scoring.domain.statistics.distributions import f_quantile
from scoring.domain.statistics.estimates import (
    Estimate,
    FloatArray,
    IntArray,
    Interval,
    InvalidDataError,
    NotEnoughData,
    Result,
    Shortage,
)

#: Below this a variance is rounding.
_NOTHING = 1e-12


class Metric(StrEnum):
    """What a difference between two values means to Krippendorff's alpha."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


def alpha(units: IntArray, values: FloatArray, metric: Metric, *, minimum: int) -> Result:
    """Return Krippendorff's alpha: 1 is perfect agreement, 0 is chance, below 0 is worse.

    Who read what does not matter and a missing reading is simply not there, so any number of readers may
    share the units in any pattern. Units with one reading say nothing about agreement and are left out.

    Args:
        units: shape (readings,), the number of the unit (artifact, or artifact and criterion) that was read.
        values: shape (readings,), what was read; not negative for `RATIO`.
        metric: what a difference means.
        minimum: how many units with two or more readings it takes.

    Raises:
        InvalidDataError: if lengths differ, a value is not finite, or a ratio is negative.

    Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, University of Pennsylvania.
    """
    _check_values(units, values, metric)
    scale, value = np.unique(values, return_inverse=True)
    present, unit = np.unique(units, return_inverse=True)
    counts = np.bincount(unit * len(scale) + value, minlength=len(present) * len(scale))
    counts = counts.reshape(len(present), len(scale))
    counts = counts[counts.sum(axis=1) > 1]
    if len(counts) < max(minimum, 1):
        return NotEnoughData(Shortage.TOO_FEW, len(counts), max(minimum, 1))

    weight = 1 / (counts.sum(axis=1) - 1)
    coincidences = (counts * weight[:, None]).T @ counts - np.diag(weight @ counts)
    totals = counts.sum(axis=0)
    distance = _distance(scale, totals, metric)
    expected = float(totals @ distance @ totals) / (totals.sum() - 1)
    if expected <= _NOTHING:
        return NotEnoughData(Shortage.NO_VARIATION, int(np.count_nonzero(totals)), 2)
    return Estimate(value=float(1 - (coincidences * distance).sum() / expected), count=len(counts))


def _check_values(units: IntArray, values: FloatArray, metric: Metric) -> None:
    if len(units) != len(values):
        raise InvalidDataError(f"{len(units)} units do not fit {len(values)} values")
    if not np.isfinite(values).all():
        raise InvalidDataError("a missing reading is left out; it is no value")
    if metric is Metric.RATIO and (values < 0).any():
        raise InvalidDataError("a ratio is not negative")


def _distance(scale: FloatArray, totals: IntArray, metric: Metric) -> FloatArray:
    if metric is Metric.NOMINAL:
        return 1 - np.eye(len(scale))
    if metric is Metric.ORDINAL:
        # How many readings lie between two values, those of the two themselves counted by half.
        scale = np.cumsum(totals) - totals / 2
    difference = scale[:, None] - scale
    if metric is Metric.RATIO:
        sums = scale[:, None] + scale
        difference = np.divide(difference, sums, out=np.zeros_like(sums), where=sums > 0)
    return np.asarray(difference**2)


class IccModel(Enum):
    """Which readers an intraclass correlation speaks about."""

    #: Each artifact was read by readers of its own.
    ONE_WAY = 1
    #: The same readers read all artifacts, and stand for others like them: severity counts as error.
    RANDOM_READERS = 2
    #: The same readers read all artifacts, and only they matter: severity does not count as error.
    FIXED_READERS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanSquares:
    """The analysis of variance of artifacts by readers.

    Attributes:
        artifacts: how many.
        readers: how many.
        between: of artifacts (BMS), degrees of freedom artifacts - 1.
        within: inside artifacts (WMS), artifacts * (readers - 1).
        reader: between readers (JMS), readers - 1.
        error: what is left (EMS), (artifacts - 1) * (readers - 1).
    """

    artifacts: int
    readers: int
    between: float
    within: float
    reader: float
    error: float


def mean_squares(readings: FloatArray) -> MeanSquares:
    """Analyse the variance of complete readings.

    Args:
        readings: shape (artifacts, readers), at least two of each.

    Source: Shrout and Fleiss (1979), Psychological Bulletin 86(2), pp. 420-428.
    """
    artifacts, readers = readings.shape
    centred = readings - readings.mean()
    rows, columns = centred.mean(axis=1), centred.mean(axis=0)
    within = float(((centred - rows[:, None]) ** 2).sum())
    reader = artifacts * float((columns**2).sum())
    error = float(((centred - rows[:, None] - columns) ** 2).sum())
    return MeanSquares(
        artifacts=artifacts,
        readers=readers,
        between=readers * float((rows**2).sum()) / (artifacts - 1),
        within=within / (artifacts * (readers - 1)),
        reader=reader / (readers - 1),
        error=error / ((artifacts - 1) * (readers - 1)),
    )


def icc(
    readings: FloatArray, model: IccModel, *, average: bool, minimum: int, confidence: float = 0.95
) -> Result:
    """Return an intraclass correlation: the share of variance that is the artifacts' own.

    Args:
        readings: shape (artifacts, readers); an artifact with a missing reading (NaN) is left out.
        model: which readers it speaks about.
        average: of the mean of all readers (k) instead of one reader's (1).
        minimum: how many complete artifacts it takes, at least two.
        confidence: of the interval.

    Source: Shrout and Fleiss (1979), Psychological Bulletin 86(2), pp. 420-428, with their intervals.
    """
    complete = readings[~np.isnan(readings).any(axis=1)]
    artifacts, readers = complete.shape
    if readers <= 1:
        return NotEnoughData(Shortage.TOO_FEW_RATERS, readers, 2)
    if artifacts < max(minimum, 2):
        return NotEnoughData(Shortage.TOO_FEW, artifacts, max(minimum, 2))
    squares = mean_squares(complete)
    total, own = _variances(squares, model, average=average)
    if squares.between <= _NOTHING or total <= _NOTHING:
        return NotEnoughData(Shortage.NO_VARIATION, len(np.unique(complete)), 2)
    single = _interval(squares, model, confidence)
    interval = Interval(_stepped_up(single.low, readers), _stepped_up(single.high, readers))
    return Estimate(value=own / total, count=artifacts, interval=interval if average else single)


def _variances(squares: MeanSquares, model: IccModel, *, average: bool) -> tuple[float, float]:
    """Return the variance of a reading, or of a mean of readings, and the artifacts' part of it."""
    noise = squares.within if model is IccModel.ONE_WAY else squares.error
    own = (squares.between - noise) / squares.readers
    error = noise
    if model is IccModel.RANDOM_READERS:
        error += (squares.reader - squares.error) / squares.artifacts
    return own + error / (squares.readers if average else 1), own


def _stepped_up(single: float, readers: int) -> float:
    """Return the correlation of a mean of readers, by Spearman and Brown's formula."""
    # An approximate interval can reach past the lowest possible correlation, where the step is infinite.
    return readers * single / max(1 + (readers - 1) * single, _NOTHING)


def _interval(squares: MeanSquares, model: IccModel, confidence: float) -> Interval:
    if model is IccModel.RANDOM_READERS:
        return _random_readers_interval(squares, confidence)
    freedom = squares.artifacts - 1
    if model is IccModel.ONE_WAY:
        noise, noise_freedom = squares.within, squares.artifacts * (squares.readers - 1)
    else:
        noise, noise_freedom = squares.error, freedom * (squares.readers - 1)
    upper = (1 + confidence) / 2
    low = noise * f_quantile(upper, freedom, noise_freedom)
    high = noise / f_quantile(upper, noise_freedom, freedom)
    others = squares.readers - 1
    return Interval(
        (squares.between - low) / (squares.between + others * low),
        (squares.between - high) / (squares.between + others * high),
    )


def _random_readers_interval(squares: MeanSquares, confidence: float) -> Interval:
    n, k = squares.artifacts, squares.readers
    total, own = _variances(squares, IccModel.RANDOM_READERS, average=False)
    rho = own / total
    # Satterthwaite's degrees of freedom, the readers' ratio multiplied out so that no error divides by zero.
    reader, rest = k * rho * squares.reader, (n * (1 + (k - 1) * rho) - k * rho) * squares.error
    parts = (n - 1) * reader**2 + rest**2
    freedom = max((k - 1) * (n - 1) * (reader + rest) ** 2 / max(parts, _NOTHING**2), 1.0)
    upper = (1 + confidence) / 2
    spread = k * squares.reader + (k * n - k - n) * squares.error
    above = f_quantile(upper, n - 1, freedom)
    below = f_quantile(upper, freedom, n - 1)
    return Interval(
        n * (squares.between - above * squares.error) / (above * spread + n * squares.between),
        n * (below * squares.between - squares.error) / (spread + n * below * squares.between),
    )
