"""Which scorers can be compared: those whom chains of artifacts, read by two of them, connect."""

from __future__ import annotations

import numpy as np

from scoring.domain.statistics.agreement import double_readings
from scoring.domain.statistics.estimates import IntArray
from scoring.domain.statistics.rasch.model import Ratings


def connected_subsets(ratings: Ratings) -> IntArray:
    """Return each scorer's subset; severities can be compared within a subset only.

    Subsets are numbered from 0 in the order of their first scorer; one without ratings is a subset alone.

    Returns:
        Shape (scorers,).

    Source: Linacre (1989), Many-Facet Rasch Measurement, by disjoint sets as in Tarjan (1975),
    Journal of the ACM 22(2), pp. 215-225.
    """
    # All readings of an artifact hang together if each one does with the next.
    one_reading, next_reading = double_readings(ratings.artifact)
    scorer = ratings.scorer.astype(np.int64)
    links = np.unique(scorer[one_reading] * ratings.scorers + scorer[next_reading])
    parent = list(range(ratings.scorers))
    for one, other in zip(*(each.tolist() for each in np.divmod(links, ratings.scorers)), strict=True):
        high, low = sorted((_root(parent, one), _root(parent, other)), reverse=True)
        parent[high] = low
    roots = np.array([_root(parent, each) for each in range(ratings.scorers)], dtype=np.int64)
    return np.unique(roots, return_inverse=True)[1]


def _root(parent: list[int], scorer: int) -> int:
    while parent[scorer] != scorer:
        parent[scorer] = parent[parent[scorer]]
        scorer = parent[scorer]
    return scorer
