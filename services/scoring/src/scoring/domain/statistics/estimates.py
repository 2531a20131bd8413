"""What a statistic returns: an estimate, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class InvalidDataError(ValueError):
    """The data contradict themselves, such as a level outside the scale: a mistake, not a shortage."""


class Shortage(StrEnum):
    """Why there is no estimate."""

    TOO_FEW = "too_few"
    TOO_FEW_RATERS = "too_few_raters"
    NO_VARIATION = "no_variation"
    DISCONNECTED = "disconnected"
    UNUSED_LEVEL = "unused_level"
    NOT_CONVERGED = "not_converged"


@dataclass(frozen=True, slots=True)
class NotEnoughData:
    """The data do not carry this statistic.

    Attributes:
        shortage: what is missing.
        have: how much of it there is: observations, raters, levels in use, or connected subsets.
        need: how much it takes; for `DISCONNECTED` the one subset that there may be, for `NOT_CONVERGED` at
            least one observation more.
    """

    shortage: Shortage
    have: int
    need: int


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval, in the unit of its estimate."""

    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A finite number from `count` observations, and how sure it is where a formula says so."""

    value: float
    count: int
    standard_error: float | None = None
    interval: Interval | None = None


Result = Estimate | NotEnoughData


def normal_interval(value: float, standard_error: float, *, confidence: float) -> Interval:
    """Return the interval of an estimate whose error is normal, such as a severity in logits."""
    reach = normal_quantile(confidence) * standard_error
    return Interval(value - reach, value + reach)


def normal_quantile(confidence: float) -> float:
    """Return how many standard errors a two-sided interval reaches, such as 1.96 for a confidence of .95."""
    return NormalDist().inv_cdf((1 + confidence) / 2)


def sums_by(group: IntArray, values: FloatArray, groups: int) -> FloatArray:
    """Return each group's sum of values, shape (groups,)."""
    # Without any values numpy counts in whole numbers.
    return np.bincount(group, values, groups).astype(np.float64, copy=False)
