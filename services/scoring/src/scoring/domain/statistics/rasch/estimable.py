"""Which ratings can tell where something lies: extreme ones cannot."""

from __future__ import annotations

import numpy as np

from scoring.domain.statistics.estimates import BoolArray, IntArray, sums_by
from scoring.domain.statistics.rasch.model import Prior, Ratings


def estimable(ratings: Ratings, prior: Prior) -> BoolArray:
    """Return which ratings can be used, shape (ratings,).

    Without a prior, one who got or gave only lowest or only highest levels lies at infinity; so does a step
    to a level that a group never uses. They go, which may make others so, until none is left.
    """
    chosen = np.ones(len(ratings), dtype=bool)
    facets = [(ratings.criterion, ratings.criteria)]
    if prior.artifact_sd is None:
        facets.append((ratings.artifact, ratings.artifacts))
    if prior.scorer_sd is None:
        facets.append((ratings.scorer, ratings.scorers))
    group, groups = ratings.step_group, ratings.step_groups
    while True:
        before = np.count_nonzero(chosen)
        for numbers, size in facets:
            chosen &= ~_extreme(ratings, chosen, numbers, size)[numbers]
        cell = group[chosen] * ratings.levels + ratings.level[chosen]
        used = np.bincount(cell, minlength=groups * ratings.levels).reshape(groups, ratings.levels)
        chosen &= (used.min(axis=1) > 0)[group]
        if np.count_nonzero(chosen) == before:
            return chosen


def _extreme(ratings: Ratings, chosen: BoolArray, numbers: IntArray, size: int) -> BoolArray:
    got = sums_by(numbers[chosen], ratings.level[chosen].astype(np.float64), size)
    most = np.bincount(numbers[chosen], minlength=size) * (ratings.levels - 1)
    return np.asarray((got == 0) | (got == most))
