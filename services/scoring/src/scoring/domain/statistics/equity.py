"""How fair the outcome is: risk ratios, disparity between groups, and what a school's gap is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, exp, log, sqrt

import numpy as np

from scoring.domain.statistics.estimates import (
    Estimate,
    FloatArray,
    Interval,
    InvalidDataError,
    NotEnoughData,
    Result,
    Shortage,
    normal_interval,
)


@dataclass(frozen=True, slots=True)
class Risk:
    """How many of how many students something happened to.

    Raises:
        InvalidDataError: if it happened to more than there are.
    """

    cases: int
    students: int

    def __post_init__(self) -> None:
        if not 0 <= self.cases <= self.students:
            raise InvalidDataError(f"{self.cases} of {self.students} is no share")


def risk_ratio(
    group: Risk, others: Risk, *, minimum_cases: int, minimum_students: int, confidence: float = 0.95
) -> Result:
    """Return how many times as likely it is for the group as for all others.

    Args:
        group: the group in question.
        others: everybody else in the district; the state's others, if the district has too few (the alternate
            risk ratio).
        minimum_cases: in each (minimum cell size), at least one.
        minimum_students: in each (minimum n-size).
        confidence: of the interval.

    Returns:
        The ratio; `standard_error` is that of its logarithm.

    Source: 34 CFR 300.647(b); interval by Katz et al. (1978), Biometrics 34(3), method C.
    """
    smaller, fewer = min(group.students, others.students), min(group.cases, others.cases)
    if smaller < max(minimum_students, 1):
        return NotEnoughData(Shortage.TOO_FEW, smaller, max(minimum_students, 1))
    if fewer < max(minimum_cases, 1):
        return NotEnoughData(Shortage.TOO_FEW, fewer, max(minimum_cases, 1))
    value = (group.cases / group.students) / (others.cases / others.students)
    error = sqrt(1 / group.cases - 1 / group.students + 1 / others.cases - 1 / others.students)
    logs = normal_interval(log(value), error, confidence=confidence)
    return Estimate(
        value=value,
        count=group.students + others.students,
        standard_error=error,
        interval=Interval(exp(logs.low), exp(logs.high)),
    )


def index_of_disparity(
    rates: Sequence[float], overall: float, *, students: Sequence[int] | None = None, minimum: int = 2
) -> Result:
    """Return how far groups' rates lie from the overall rate on average, in percent of it.

    Args:
        rates: one a group, in any unit.
        overall: the reference rate, above 0 and in the same unit.
        students: one a group, to weight by; groups count alike if None.
        minimum: how many groups it takes.

    Source: Pearcy and Keppel (2002), Public Health Reports 117(3), pp. 273-280.
    """
    weights = np.ones(len(rates)) if students is None else np.asarray(students, dtype=np.float64)
    if len(weights) != len(rates):
        raise InvalidDataError(f"{len(weights)} sizes do not fit {len(rates)} rates")
    if len(rates) < minimum or weights.sum() <= 0:
        return NotEnoughData(Shortage.TOO_FEW, len(rates), minimum)
    if overall <= 0:
        return NotEnoughData(Shortage.NO_VARIATION, 0, 1)
    away = np.abs(np.asarray(rates) - overall)
    return Estimate(value=float(100 * np.average(away, weights=weights) / overall), count=len(rates))


def gini(amounts: FloatArray, *, minimum: int = 2) -> Result:
    """Return how unequally something is spread over schools: 0 is alike, towards 1 all at one.

    Args:
        amounts: shape (schools,), not negative.
        minimum: how many schools it takes.

    Source: Gini (1912), by the ordered form in Dixon et al. (1987), Ecology 68(5), pp. 1548-1551.
    """
    if len(amounts) and amounts.min() < 0:
        raise InvalidDataError("an amount is not negative")
    if len(amounts) < max(minimum, 1):
        return NotEnoughData(Shortage.TOO_FEW, len(amounts), max(minimum, 1))
    if amounts.sum() <= 0:
        return NotEnoughData(Shortage.NO_VARIATION, 0, 1)
    schools = len(amounts)
    places = 2 * np.arange(1, schools + 1) - schools - 1
    return Estimate(value=float(places @ np.sort(amounts) / (schools * amounts.sum())), count=schools)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a school, a group, or the district has reached in a skill; means are over artifacts.

    Attributes:
        expected: how many artifacts were due, such as students times artifacts that each owes.
        artifacts: how many of those have a released score.
        level: mean released level.
        ceiling: mean highest level that the tasks could reach.
        severity: mean number of levels by which the readings are lower than an average scorer's; see
            `rasch.severity_in_levels`.
    """

    expected: int
    artifacts: int
    level: float
    ceiling: float
    severity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How far a school lies from where it is compared with, in levels per artifact due; the parts add up.

    Attributes:
        total: the gap; below 0 is behind.
        participation: because fewer or more artifacts came in.
        task_ceiling: because the tasks could reach less or more.
        scorer_severity: because the scorers were more severe or more lenient.
        performance: what students did with what the tasks allowed.
    """

    total: float
    participation: float
    task_ceiling: float
    scorer_severity: float
    performance: float


#: The factors of an outcome, in the order of `Gap`'s parts.
_Factors = tuple[float, float, float, float]


def decompose_gap(
    here: Standing, there: Standing, *, lowest: float, missing: float, minimum: int
) -> Gap | NotEnoughData:
    """Split the gap between two standings into its four parts.

    The outcome is the mean level over all artifacts that were due, a missing one counting as `missing`. Each
    part is the change that its factor makes, averaged over all orders in which the four could change: so the
    parts add up to the gap exactly, and none profits from being asked first.

    Args:
        here: the school or group in question.
        there: whom it is compared with, mostly the district.
        lowest: the scale's lowest level.
        missing: what a missing artifact counts as, in levels.
        minimum: how many artifacts each needs, at least one.

    Source: Shapley's value as in Shorrocks (2013), Journal of Economic Inequality 11(1), pp. 99-126; for two
    factors it is the decomposition by Kitagawa (1955), JASA 50(272), pp. 1168-1194.
    """
    fewer = min(here.artifacts, there.artifacts)
    if fewer < max(minimum, 1):
        return NotEnoughData(Shortage.TOO_FEW, fewer, max(minimum, 1))
    if min(here.ceiling, there.ceiling) <= lowest:
        return NotEnoughData(Shortage.NO_VARIATION, 1, 2)
    ours, theirs = _factors(here, lowest), _factors(there, lowest)
    outcome = _Outcome(lowest, missing)
    participation, ceiling, severity, performance = (
        _share_of_gap(factor, ours, theirs, outcome) for factor in range(len(ours))
    )
    return Gap(
        total=outcome.of(ours) - outcome.of(theirs),
        participation=participation,
        task_ceiling=ceiling,
        scorer_severity=severity,
        performance=performance,
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The mean level per artifact due, by its factors."""

    lowest: float
    missing: float

    def of(self, factors: _Factors) -> float:
        participation, ceiling, severity, attainment = factors
        level = self.lowest + attainment * (ceiling - self.lowest) - severity
        return self.missing + participation * (level - self.missing)


def _factors(standing: Standing, lowest: float) -> _Factors:
    if standing.artifacts > standing.expected:
        raise InvalidDataError(f"{standing.artifacts} artifacts are more than the {standing.expected} due")
    participation = standing.artifacts / standing.expected
    attainment = (standing.level + standing.severity - lowest) / (standing.ceiling - lowest)
    return participation, standing.ceiling, standing.severity, attainment


def _share_of_gap(factor: int, ours: _Factors, theirs: _Factors, outcome: _Outcome) -> float:
    others = [other for other in range(len(ours)) if other != factor]
    share = 0.0
    for size in range(len(others) + 1):
        weight = 1 / (len(ours) * comb(len(others), size))
        for changed in combinations(others, size):
            after = outcome.of(_mixed({*changed, factor}, ours, theirs))
            share += weight * (after - outcome.of(_mixed(set(changed), ours, theirs)))
    return share


def _mixed(changed: set[int], ours: _Factors, theirs: _Factors) -> _Factors:
    participation, ceiling, severity, attainment = (
        ours[place] if place in changed else theirs[place] for place in range(len(ours))
    )
    return participation, ceiling, severity, attainment
