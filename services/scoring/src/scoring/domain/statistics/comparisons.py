"""Which artifact is the better one, from judgements of two at a time: for choosing seeds and exemplars."""

from __future__ import annotations

import numpy as np

from scoring.domain.statistics.estimates import (
    FloatArray,
    IntArray,
    InvalidDataError,
    NotEnoughData,
    Shortage,
)

_MOST_ROUNDS = 100
#: How far anything may move in the last round, in logits.
_TOLERANCE = 1e-8
#: No quality moves further in a round, in logits: far from the answer Newton's step is too bold.
_FURTHEST = 1.0


def bradley_terry(wins: IntArray) -> FloatArray | NotEnoughData:
    """Return each artifact's quality in logits, with mean 0.

    The difference of two is the logarithm of the odds that the first is judged the better one.

    Args:
        wins: shape (artifacts, artifacts), how often the row was judged better than the column; an artifact
            against itself does not count.

    Returns:
        Shape (artifacts,), or `DISCONNECTED` with the number of groups between which wins do not go both
        ways, so that they lie infinitely far apart, or `NOT_CONVERGED` if they nearly do.

    Raises:
        InvalidDataError: if the table is not square or a count is negative.

    Source: Bradley and Terry (1952), Biometrika 39, pp. 324-345; when it exists: Ford (1957), American
    Mathematical Monthly 64(8), pp. 28-33.
    """
    if wins.ndim < 1 or wins.shape != (len(wins), len(wins)) or (wins < 0).any():
        raise InvalidDataError("wins are a square table of counts")
    if len(wins) <= 1:
        return NotEnoughData(Shortage.TOO_FEW, len(wins), 2)
    wins = wins * (1 - np.eye(len(wins), dtype=np.int64))
    groups = _groups(wins > 0)
    if groups > 1:
        return NotEnoughData(Shortage.DISCONNECTED, groups, 1)
    quality = _most_likely(wins)
    if quality is None:
        return NotEnoughData(Shortage.NOT_CONVERGED, int(wins.sum()), int(wins.sum()) + 1)
    return quality


def _groups(beats: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> int:
    """Return how many groups there are within which wins lead from each to each."""
    reaches = beats | np.eye(len(beats), dtype=bool)
    for _ in range(len(beats).bit_length()):
        reaches = reaches @ reaches
    return len(np.unique(reaches & reaches.T, axis=0))


def _most_likely(wins: IntArray) -> FloatArray | None:
    games = wins + wins.T
    quality = np.zeros(len(wins))
    for _ in range(_MOST_ROUNDS):
        chance = 1 / (1 + np.exp(quality - quality[:, None]))
        slope = (wins - games * chance).sum(axis=1)
        information = games * chance * (1 - chance)
        # The quality of all together is free: adding the same everywhere fixes it at its present mean.
        curvature = np.diag(information.sum(axis=1)) - information + information.max()
        move = np.clip(np.linalg.solve(curvature, slope), -_FURTHEST, _FURTHEST)
        quality = quality + move
        if np.abs(move).max() < _TOLERANCE:
            return np.asarray(quality - quality.mean())
    return None
