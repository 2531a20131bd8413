"""The published cases, and short ways to write data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import settings

from scoring.domain.statistics.estimates import Estimate, FloatArray, IntArray
from scoring.domain.statistics.rasch import Ratings, Steps

#: How long an example takes is the machine's matter.
PROPERTY = settings(deadline=None)
#: Data and expected values with their sources, as collected in reference/scoring.md, section 2.
CASES: dict[str, Any] = json.loads(Path(__file__).with_name("reference_cases.json").read_text())


def counts(*rows: Sequence[int]) -> IntArray:
    """Write one table."""
    return np.array([rows])


def floats(rows: object) -> FloatArray:
    """Write readings; None is missing."""
    return np.array(rows, dtype=np.float64)


def estimate(result: object) -> Estimate:
    """Expect an estimate of finite numbers."""
    assert isinstance(result, Estimate), result
    assert isfinite(result.value)
    assert result.standard_error is None or isfinite(result.standard_error)
    if result.interval:
        assert isfinite(result.interval.low)
        assert isfinite(result.interval.high)
        assert result.interval.low <= result.interval.high
    return result


def matrix_ratings(levels: IntArray, *, scale: int, steps: Steps = Steps.SHARED) -> Ratings:
    """Write rows of artifacts by columns of scorers as ratings on one criterion; -1 is missing."""
    artifact, scorer = np.nonzero(levels >= 0)
    return Ratings(
        artifact=artifact,
        scorer=scorer,
        criterion=np.zeros_like(artifact),
        level=levels[artifact, scorer],
        artifacts=levels.shape[0],
        scorers=levels.shape[1],
        criteria=1,
        levels=scale,
        steps=steps,
    )
