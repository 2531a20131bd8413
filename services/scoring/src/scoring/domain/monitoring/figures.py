"""Estimates as figures of a report."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scoring.domain.monitoring.rows import Figure, too_few
from scoring.domain.statistics.estimates import Estimate, FloatArray, IntArray, Result

#: What is printed of a number; more digits than the data carry.
_DIGITS = 4


def rounded(value: float) -> float:
    """Return a number as a report prints it, never a negative zero."""
    return round(value, _DIGITS) + 0.0


def figure(result: Result) -> Figure:
    """Return an estimate, or why there is none, as a figure."""
    if not isinstance(result, Estimate):
        return Figure(count=result.have, shortage=str(result.shortage), need=result.need)
    interval = result.interval
    return Figure(
        count=result.count,
        value=rounded(result.value),
        low=rounded(interval.low) if interval else None,
        high=rounded(interval.high) if interval else None,
        standard_error=None if result.standard_error is None else rounded(result.standard_error),
    )


def means(group: IntArray, values: FloatArray, groups: int, *, minimum: int) -> list[Figure]:
    """Return each group's mean of the values that are there."""
    here = ~np.isnan(values) & (group >= 0)
    count = np.bincount(group[here], minlength=groups)
    total = np.bincount(group[here], values[here], groups)
    return [
        Figure(count=each, value=rounded(whole / each)) if each >= max(minimum, 1) else too_few(each, minimum)
        for each, whole in zip(count.tolist(), total.tolist(), strict=True)
    ]


def quantiles(
    group: IntArray, values: FloatArray, groups: int, *, at: Sequence[float], minimum: int
) -> list[list[Figure]]:
    """Return each group's quantiles of the values that are there: a list for each of `at`.

    The value is one that occurred: the smallest that this share of the others does not exceed.
    """
    here = ~np.isnan(values) & (group >= 0)
    group, values = group[here], values[here]
    order = np.lexsort((values, group))
    ordered = values[order]
    count = np.bincount(group, minlength=groups)
    start = np.concatenate([[0], np.cumsum(count)[:-1]]) if groups else count
    answers = []
    for share in at:
        place = start + np.maximum(np.ceil(share * count).astype(np.int64) - 1, 0)
        answers.append(
            [
                Figure(count=each, value=rounded(float(ordered[where])))
                if each >= max(minimum, 1)
                else too_few(each, minimum)
                for each, where in zip(count.tolist(), place.tolist(), strict=True)
            ]
        )
    return answers
