"""How severe each scorer is, whatever artifacts they happened to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scoring.domain.monitoring.columns import Season
from scoring.domain.monitoring.figures import figure, rounded
from scoring.domain.monitoring.rows import Figure
from scoring.domain.monitoring.rules import Thresholds
from scoring.domain.statistics.estimates import FloatArray, NotEnoughData
from scoring.domain.statistics.rasch import (
    Measures,
    Prior,
    Ratings,
    ScorerMeasure,
    Separation,
    measure,
    severity_in_levels,
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Severities:
    """What the model says.

    Attributes:
        severity, infit: one a scorer.
        in_levels: shape (reads,), by how many levels a read is lower than one by a scorer in the middle; NaN
            where nothing is known.
        separation: how well severities can be told apart; None if they could not be found at all.
        subsets: groups of scorers whom no artifact connects; comparisons between them rest on the routing.
    """

    severity: list[Figure]
    infit: list[Figure]
    in_levels: FloatArray
    separation: Mapping[str, float] | None
    subsets: int


def severities(season: Season, rule: Thresholds) -> Severities:
    """Measure all scorers of a season at once."""
    reads, scorers = season.reads, len(season.scorers)
    ratings, read = _ratings(season, rule)
    asked = max(1, round(len(ratings) / max(len(reads), 1)))
    prior = Prior(artifact_sd=rule.artifact_sd, learn=len(season.artifacts) >= rule.learn_from)
    found = measure(ratings, prior, minimum=rule.reads_least * asked)
    in_levels = np.full(len(reads), np.nan)
    if not isinstance(found, Measures):
        none = [figure(found)] * scorers
        return Severities(severity=none, infit=none, in_levels=in_levels, separation=None, subsets=0)
    lower = severity_in_levels(ratings, found.locations)
    count = np.bincount(read, minlength=len(reads))
    total = np.bincount(read, lower, len(reads))
    in_levels = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    present = np.unique(reads.scorer)
    return Severities(
        severity=[_severity(each) for each in found.scorers],
        infit=[_infit(each) for each in found.scorers],
        in_levels=in_levels,
        separation=_separation(found.separation),
        subsets=len(np.unique(found.subsets[present])),
    )


def _ratings(season: Season, rule: Thresholds) -> tuple[Ratings, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """Return the reads by criterion, and which read each rating is of."""
    reads = season.reads
    read, criterion = np.nonzero(reads.levels >= 0)
    widest = reads.levels.shape[1]
    ratings = Ratings(
        artifact=reads.artifact[read],
        scorer=reads.scorer[read],
        criterion=reads.rubric[read] * widest + criterion,
        level=reads.levels[read, criterion],
        artifacts=len(season.artifacts),
        scorers=len(season.scorers),
        criteria=max(1, len(season.rubrics) * widest),
        levels=rule.highest - rule.lowest + 1,
    )
    return ratings, read


def _severity(found: ScorerMeasure | NotEnoughData) -> Figure:
    return figure(found.severity if isinstance(found, ScorerMeasure) else found)


def _infit(found: ScorerMeasure | NotEnoughData) -> Figure:
    if not isinstance(found, ScorerMeasure):
        return figure(found)
    return Figure(count=found.severity.count, value=rounded(found.infit))


def _separation(found: Separation | NotEnoughData) -> Mapping[str, float] | None:
    if isinstance(found, NotEnoughData):
        return None
    return {
        "spread": rounded(found.spread),
        "separation": rounded(found.separation),
        "reliability": rounded(found.reliability),
        "strata": rounded(found.strata),
    }
