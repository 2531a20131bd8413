"""What the model says of each scorer, with errors and fit, or why it says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from scoring.domain.statistics.estimates import (
    BoolArray,
    Estimate,
    FloatArray,
    IntArray,
    NotEnoughData,
    Result,
    Shortage,
    normal_interval,
)
from scoring.domain.statistics.rasch.connectivity import connected_subsets
from scoring.domain.statistics.rasch.estimable import estimable
from scoring.domain.statistics.rasch.estimation import Estimation, estimate
from scoring.domain.statistics.rasch.model import (
    Locations,
    Prior,
    Ratings,
    expected_levels,
    mean_square_fit,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorerMeasure:
    """One scorer as the model sees them.

    Attributes:
        severity: in logits, 0 is the middle of all scorers; counts ratings.
        model_error: standard error of the severity if the artifacts' measures were known exactly, in logits:
            the one that Facets and Winsteps print. `severity.standard_error` also holds that they are not.
        infit: weighted mean square; 1 is as expected, also where artifacts have few ratings.
        outfit: unweighted mean square.
        subset: whom they can be compared with: those of the same number.
    """

    severity: Estimate
    model_error: float
    infit: float
    outfit: float
    subset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """How well the scorers' severities can be told apart.

    Attributes:
        spread: how much severities truly differ, standard deviation in logits: without what is only error.
        separation: the spread in errors of measurement.
        reliability: the share of the observed variance that is not error.
        strata: how many distinct levels of severity there are.
    """

    spread: float
    separation: float
    reliability: float
    strata: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measures:
    """Everything on one scale.

    Attributes:
        scorers: one a scorer.
        locations: of everything, in logits; what could not be measured lies at 0.
        measured: shape (artifacts,), whether an artifact could be measured.
        artifact_sd: how much artifacts differ, as given or learnt, in logits; None without a prior.
        separation: of the scorers.
        subsets: shape (scorers,), as `connected_subsets` numbers them.
    """

    scorers: tuple[ScorerMeasure | NotEnoughData, ...]
    locations: Locations
    measured: BoolArray
    artifact_sd: float | None
    separation: Separation | NotEnoughData
    subsets: IntArray


def measure(
    ratings: Ratings, prior: Prior, *, minimum: int, confidence: float = 0.95, tolerance: float = 1e-3
) -> Measures | NotEnoughData:
    """Measure all scorers at once.

    Args:
        ratings: what they gave.
        prior: without one for artifacts, all scorers must be connected.
        minimum: how many ratings it takes to say something about a scorer.
        confidence: of the severities' intervals.
        tolerance: how exact the search is, in logits.

    Returns:
        The measures, or why there are none: `TOO_FEW_RATERS` below two scorers, `UNUSED_LEVEL` if a level
        never occurs, `DISCONNECTED` if there are several subsets, `NOT_CONVERGED` if the data let locations
        run off to infinity.
    """
    chosen = estimable(ratings, prior)
    used = ratings.only(chosen)
    shortage = _shortage(ratings, used, prior)
    if shortage:
        return shortage
    found = estimate(used, prior, tolerance=tolerance)
    if not found.converged:
        return NotEnoughData(Shortage.NOT_CONVERGED, len(used), len(used) + 1)
    subsets = connected_subsets(used)
    scorers = _scorer_measures(used, found, subsets, minimum, confidence)
    return Measures(
        scorers=scorers,
        locations=found.locations,
        measured=np.bincount(used.artifact, minlength=used.artifacts) > 0,
        artifact_sd=found.artifact_sd,
        separation=_separation(scorers),
        subsets=subsets,
    )


def _shortage(ratings: Ratings, used: Ratings, prior: Prior) -> NotEnoughData | None:
    scorers = np.unique(ratings.scorer)
    if len(scorers) <= 1:
        return NotEnoughData(Shortage.TOO_FEW_RATERS, len(scorers), 2)
    if not len(used):
        return NotEnoughData(Shortage.UNUSED_LEVEL, len(np.unique(ratings.level)), ratings.levels)
    present = np.unique(used.scorer)
    if len(present) <= 1:
        return NotEnoughData(Shortage.TOO_FEW_RATERS, len(present), 2)
    if prior.artifact_sd is None:
        subsets = len(np.unique(connected_subsets(used)[present]))
        if subsets > 1:
            return NotEnoughData(Shortage.DISCONNECTED, subsets, 1)
    return None


def _scorer_measures(
    used: Ratings, found: Estimation, subsets: IntArray, minimum: int, confidence: float
) -> tuple[ScorerMeasure | NotEnoughData, ...]:
    fit = mean_square_fit(
        used,
        found.locations,
        used.scorer,
        used.scorers,
        artifact_information=found.artifact_information,
    )
    errors, model_errors = found.own_information**-0.5, found.information**-0.5
    return tuple(
        ScorerMeasure(
            severity=Estimate(
                value=value,
                count=count,
                standard_error=error,
                interval=normal_interval(value, error, confidence=confidence),
            ),
            model_error=model_error,
            infit=infit,
            outfit=outfit,
            subset=subset,
        )
        if count >= max(minimum, 1)
        else NotEnoughData(Shortage.TOO_FEW, count, max(minimum, 1))
        for value, count, error, model_error, infit, outfit, subset in zip(
            found.locations.scorer.tolist(),
            fit.ratings.tolist(),
            errors.tolist(),
            model_errors.tolist(),
            fit.infit.tolist(),
            fit.outfit.tolist(),
            subsets.tolist(),
            strict=True,
        )
    )


def _separation(scorers: tuple[ScorerMeasure | NotEnoughData, ...]) -> Separation | NotEnoughData:
    """Say how well scorers can be told apart.

    Source: Wright and Masters (1982), Rating Scale Analysis, chapter 5: strata = (4 G + 1) / 3.
    """
    measured = [each for each in scorers if isinstance(each, ScorerMeasure)]
    if len(measured) <= 1:
        return NotEnoughData(Shortage.TOO_FEW_RATERS, len(measured), 2)
    observed = float(np.var([each.severity.value for each in measured], ddof=1))
    error = float(np.mean([(each.severity.standard_error or 0.0) ** 2 for each in measured]))
    true = max(observed - error, 0.0)
    separation = sqrt(true / error)
    return Separation(
        spread=sqrt(true),
        separation=separation,
        reliability=true / (true + error),
        strata=(4 * separation + 1) / 3,
    )


def severity_in_levels(ratings: Ratings, at: Locations) -> FloatArray:
    """Return by how many levels each rating is lower than a scorer in the middle would have given.

    Returns:
        Shape (ratings,); below 0 where the scorer is lenient, 0 for a scorer who could not be measured. Its
        mean over a school's ratings is what the school's scores owe to who read them.

    Source: the expected-score adjustment ("fair average") of Linacre (1989), Many-Facet Rasch Measurement.
    """
    middle = Locations(
        artifact=at.artifact, scorer=np.zeros_like(at.scorer), criterion=at.criterion, steps=at.steps
    )
    return expected_levels(ratings, middle)[0] - expected_levels(ratings, at)[0]


def paired_severity(first_only: int, second_only: int, *, minimum: int, confidence: float = 0.95) -> Result:
    """Return by how many logits the second of two scorers is the more severe, from passes and fails alone.

    Args:
        first_only: how many artifacts only the first let pass.
        second_only: how many only the second did.
        minimum: how many of each it takes, at least one.
        confidence: of the interval.

    Source: conditional maximum likelihood for two items, Rasch (1960), Probabilistic Models, chapter X: the
    artifacts' measures cancel out, and with them every bias that they bring.
    """
    fewer = min(first_only, second_only)
    if fewer < max(minimum, 1):
        return NotEnoughData(Shortage.TOO_FEW, fewer, max(minimum, 1))
    value, error = log(first_only / second_only), sqrt(1 / first_only + 1 / second_only)
    return Estimate(
        value=value,
        count=first_only + second_only,
        standard_error=error,
        interval=normal_interval(value, error, confidence=confidence),
    )
