"""Finding the locations that make the ratings most likely, for millions of ratings in seconds.

Artifacts are by far the most, and each meets few scorers. So Newton's step for artifacts and scorers together
is solved for the scorers alone (the artifacts' part is a diagonal), by conjugate gradients over pairs of
artifact and scorer; criteria and steps, which are few, follow with a step of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from scoring.domain.statistics.estimates import FloatArray, IntArray, sums_by
from scoring.domain.statistics.rasch.model import (
    Locations,
    Prior,
    Ratings,
    chances_by_block,
)

#: No location moves further in a round, in logits: far from the answer Newton's step is too bold.
_FURTHEST = 1.0
#: A scale on which somebody lies so far away is running off to infinity.
_RUNAWAY = 30.0
_MOST_ROUNDS = 500
#: How many times as much artifacts may differ after a round, and the least that they do, in logits.
_BOLDEST = 1.5
_LEAST_SPREAD = 0.05
#: Keeps what no rating is about solvable; it does not move.
_LEAST_INFORMATION = 1e-9
#: Part of the squared residual at which a linear system counts as solved: Newton corrects the rest.
_SOLVED = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Estimation:
    """Where a search ended.

    Attributes:
        locations: of everything; what no rating tells of lies at the middle.
        artifact_sd: how much artifacts differ, as given or learnt; None without a prior.
        artifact_information: shape (artifacts,), of their measures with what the prior adds, in 1 / logit^2.
        information: shape (scorers,), of the severity if everything else were known.
        own_information: shape (scorers,), the same with the artifacts' measures as unknown as they are.
        converged: whether the last round moved nothing by the tolerance.
    """

    locations: Locations
    artifact_sd: float | None
    artifact_information: FloatArray
    information: FloatArray
    own_information: FloatArray
    converged: bool


def estimate(ratings: Ratings, prior: Prior, *, tolerance: float) -> Estimation:
    """Find the most likely locations.

    Args:
        ratings: estimable ones.
        prior: what is held likely before.
        tolerance: how far anything may still move in the last round, in logits.

    Without a prior for artifacts these are the joint maximum likelihood's, as Winsteps and Facets find them.
    With one, artifacts are integrated out approximately, so that it biases neither severities nor steps that
    an artifact has few ratings.

    Source: Wright and Panchapakesan (1969), Educational and Psychological Measurement 29(1), pp. 23-48; with
    a prior Bock and Aitkin (1981), Psychometrika 46(4), pp. 443-459, in the approximation of `_blurred`.
    """
    search = _Search(ratings, prior)
    converged = False
    for _ in range(_MOST_ROUNDS):
        moved = max(search.move_artifacts_and_scorers(), search.move_criteria_and_steps(), search.learn())
        converged = moved < tolerance
        if converged or search.ran_away():
            break
    return search.found(converged=converged)


class _Search:
    """Locations on their way, changed in place."""

    def __init__(self, ratings: Ratings, prior: Prior) -> None:
        self._ratings = ratings
        self._artifact_pull = 0.0 if prior.artifact_sd is None else prior.artifact_sd**-2
        self._learn = prior.learn
        self._scorer_pull = 0.0 if prior.scorer_sd is None else prior.scorer_sd**-2
        self._artifact, self._scorer = np.zeros(ratings.artifacts), np.zeros(ratings.scorers)
        self._criterion = np.zeros(ratings.criteria)
        self._steps = np.zeros((ratings.step_groups, ratings.levels - 1))
        pair = ratings.artifact.astype(np.int64) * ratings.scorers + ratings.scorer
        pairs, self._pair = np.unique(pair, return_inverse=True)
        self._pair_artifact, self._pair_scorer = np.divmod(pairs, ratings.scorers)
        self._rated = np.bincount(self._pair_artifact, minlength=ratings.artifacts) > 0
        self._rating = np.bincount(self._pair_scorer, minlength=ratings.scorers) > 0
        self._used = np.bincount(ratings.criterion, minlength=ratings.criteria) > 0
        self._at_least = _at_least(ratings)
        #: Variance of what is known of each artifact's measure; without a prior it passes for known.
        self._doubt = np.zeros(ratings.artifacts)

    def locations(self) -> Locations:
        return Locations(
            artifact=self._artifact, scorer=self._scorer, criterion=self._criterion, steps=self._steps
        )

    def ran_away(self) -> bool:
        return bool(max(np.abs(self._artifact).max(), np.abs(self._scorer).max()) > _RUNAWAY)

    def found(self, *, converged: bool) -> Estimation:
        """Return where everything lies now."""
        _, variance = self._moments()
        weight, artifact, scorer = self._information(variance)
        return Estimation(
            locations=self.locations(),
            artifact_sd=self._artifact_pull**-0.5 if self._artifact_pull else None,
            artifact_information=artifact,
            information=scorer,
            own_information=self._own_information(weight, artifact, scorer),
            converged=converged,
        )

    def learn(self) -> float:
        """Take how much artifacts differ from what is known of them; return how far that moved, in logits.

        Source: MacKay (1992), Neural Computation 4(3), pp. 415-447: the spread of the measures by the share
        of them that the data say, not the prior. Its fixed point is EM's, which takes far more rounds.
        """
        if not (self._learn and self._artifact_pull):
            return 0.0
        known = 1 - float(self._doubt[self._rated].mean()) * self._artifact_pull
        before = self._artifact_pull**-0.5
        spread = sqrt(float(self._artifact[self._rated].var()) / known)
        spread = min(max(spread, before / _BOLDEST, _LEAST_SPREAD), before * _BOLDEST)
        self._artifact_pull = spread**-2
        return float(abs(spread - before))

    def _moments(self) -> tuple[FloatArray, FloatArray]:
        """Return what to expect of each rating, whatever the artifact may truly be, and its information."""
        expected, variance = np.empty(len(self._ratings)), np.empty(len(self._ratings))
        index = np.arange(self._ratings.levels, dtype=np.float64)
        for block, chances in chances_by_block(self._ratings, self.locations()):
            plain, doubt = _variance(chances), self._doubt[self._ratings.artifact[block]]
            blurred = _blurred(chances, doubt)
            expected[block] = index @ blurred
            variance[block] = _variance(blurred) - doubt * plain**2
        return expected, np.maximum(variance, _LEAST_INFORMATION)

    def _information(self, variance: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return the information of each pair, artifact and scorer."""
        weight = sums_by(self._pair, variance, len(self._pair_artifact))
        artifact = sums_by(self._pair_artifact, weight, len(self._artifact)) + self._artifact_pull
        scorer = sums_by(self._pair_scorer, weight, len(self._scorer)) + self._scorer_pull
        return weight, np.maximum(artifact, _LEAST_INFORMATION), np.maximum(scorer, _LEAST_INFORMATION)

    def _own_information(self, weight: FloatArray, artifact: FloatArray, scorer: FloatArray) -> FloatArray:
        lost = sums_by(self._pair_scorer, weight**2 / artifact[self._pair_artifact], len(scorer))
        return np.maximum(scorer - lost, _LEAST_INFORMATION)

    def move_artifacts_and_scorers(self) -> float:
        """Take one Newton step and return how far anything moved, in logits."""
        ratings = self._ratings
        expected, variance = self._moments()
        residual = sums_by(self._pair, ratings.level - expected, len(self._pair_artifact))
        weight, artifact_information, scorer_information = self._information(variance)
        if self._artifact_pull:
            self._doubt = 1 / artifact_information
        middle = self._artifact[self._rated].mean()
        artifact_slope = sums_by(self._pair_artifact, residual, ratings.artifacts)
        artifact_slope -= self._artifact_pull * np.where(self._rated, self._artifact - middle, 0)
        scorer_slope = -sums_by(self._pair_scorer, residual, ratings.scorers)
        scorer_slope -= self._scorer_pull * self._scorer

        def to_artifacts(scorer: FloatArray) -> FloatArray:
            by_pair = weight * scorer[self._pair_scorer]
            return sums_by(self._pair_artifact, by_pair, ratings.artifacts) / artifact_information

        def to_scorers(artifact: FloatArray) -> FloatArray:
            by_pair = weight * artifact[self._pair_artifact]
            return sums_by(self._pair_scorer, by_pair, ratings.scorers)

        severity = _conjugate_gradients(
            lambda scorer: scorer_information * scorer - to_scorers(to_artifacts(scorer)),
            scorer_slope + to_scorers(artifact_slope / artifact_information),
            self._own_information(weight, artifact_information, scorer_information),
        )
        quality = artifact_slope / artifact_information + to_artifacts(severity)
        return self._shift(np.where(self._rated, quality, 0), np.where(self._rating, severity, 0))

    def _shift(self, artifact: FloatArray, scorer: FloatArray) -> float:
        artifact, scorer = np.clip(artifact, -_FURTHEST, _FURTHEST), np.clip(scorer, -_FURTHEST, _FURTHEST)
        self._artifact += artifact
        self._scorer += scorer
        self._centre()
        return float(max(np.abs(artifact).max(), np.abs(scorer).max()))

    def _centre(self) -> None:
        """Put the middle of the scorers and of the criteria at 0; the artifacts take it up."""
        for locations, present in ((self._scorer, self._rating), (self._criterion, self._used)):
            middle = locations[present].mean()
            locations[present] -= middle
            self._artifact[self._rated] -= middle

    def move_criteria_and_steps(self) -> float:
        """Take one Newton step and return how far anything moved, in logits."""
        ratings = self._ratings
        groups, steps = self._steps.shape
        group, index = ratings.step_group, np.arange(ratings.levels, dtype=np.float64)
        slope, information = self._at_least.copy(), np.zeros((groups, steps, steps))
        criterion_slope, criterion_information = np.zeros(ratings.criteria), np.zeros(ratings.criteria)
        for block, plain in chances_by_block(ratings, self.locations()):
            chances = _blurred(plain, self._doubt[ratings.artifact[block]])
            reach = np.cumsum(chances[:0:-1], axis=0)[::-1]
            slope -= _by_group(group[block], reach, groups)
            information += _step_information(group[block], reach, groups)
            expected = index @ chances
            variance = _variance(chances)
            criterion = ratings.criterion[block]
            criterion_slope += sums_by(criterion, expected - ratings.level[block], ratings.criteria)
            criterion_information += sums_by(criterion, variance, ratings.criteria)
        step = np.clip(_apart(information, -slope), -_FURTHEST, _FURTHEST)
        difficulty = criterion_slope / np.maximum(criterion_information, _LEAST_INFORMATION)
        difficulty = np.clip(difficulty, -_FURTHEST, _FURTHEST)
        difficulty[self._used] -= difficulty[self._used].mean()
        self._steps += step - step.mean(axis=1, keepdims=True)
        self._criterion += difficulty
        self._centre()
        return float(max(np.abs(step).max(), np.abs(difficulty).max()))


def _variance(chances: FloatArray) -> FloatArray:
    index = np.arange(len(chances), dtype=np.float64)
    return np.asarray(index**2 @ chances - (index @ chances) ** 2)


def _blurred(chances: FloatArray, doubt: FloatArray) -> FloatArray:
    """Return the chances of levels averaged over what the artifact's measure may be.

    To take the measure's mean for the truth draws all severities together. The average is the chance at the
    mean and half the doubt times the curve's second derivative, chance * ((level - expected)^2 - variance).

    Args:
        chances: shape (levels, ratings), at the mean.
        doubt: shape (ratings,), the variance, at most 1 / the variance of the rating.

    Source: Gaussian variational approximation as in Ormerod and Wand (2012), Journal of Computational and
    Graphical Statistics 21(1), pp. 2-17, to second order.
    """
    index = np.arange(len(chances), dtype=np.float64)
    away = (index[:, None] - index @ chances) ** 2
    return np.asarray(chances * (1 + doubt / 2 * (away - _variance(chances))))


def _apart(information: FloatArray, slope: FloatArray) -> FloatArray:
    """Return Newton's step for each group's steps, of mean 0: where they lie together the others tell."""
    both = np.stack([slope, np.ones_like(slope)], axis=2)
    solved = np.linalg.solve(information + _LEAST_INFORMATION * np.eye(slope.shape[1]), both)
    free, uniform = solved[:, :, 0], solved[:, :, 1]
    return np.asarray(free - uniform * (free.sum(axis=1) / uniform.sum(axis=1))[:, None])


def _at_least(ratings: Ratings) -> FloatArray:
    """Return how often each group reached each step, shape (groups, levels - 1)."""
    cell = ratings.step_group.astype(np.int64) * ratings.levels + ratings.level
    count = np.bincount(cell, minlength=ratings.step_groups * ratings.levels)
    count = count.reshape(ratings.step_groups, ratings.levels)
    return count[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:].astype(np.float64)


def _by_group(group: IntArray, values: FloatArray, groups: int) -> FloatArray:
    """Sum values of shape (steps, ratings) to (groups, steps)."""
    if groups == 1:
        return np.asarray(values.sum(axis=1)[None])
    return np.stack([sums_by(group, row, groups) for row in values], axis=1)


def _step_information(group: IntArray, reach: FloatArray, groups: int) -> FloatArray:
    """Return the covariance of reaching steps, summed, shape (groups, steps, steps)."""
    steps = len(reach)
    information = np.empty((groups, steps, steps))
    for high in range(steps):
        # One who reaches the higher step has reached the lower.
        both = reach[high] * (1 - reach[: high + 1])
        information[:, high, : high + 1] = _by_group(group, both, groups)
        information[:, : high + 1, high] = information[:, high, : high + 1]
    return information


def _conjugate_gradients(
    apply: Callable[[FloatArray], FloatArray], right: FloatArray, diagonal: FloatArray
) -> FloatArray:
    """Solve a symmetric, not negative system.

    Source: Hestenes and Stiefel (1952), Journal of Research of the National Bureau of Standards 49(6),
    pp. 409-436, preconditioned by the diagonal.
    """
    solution, residual = np.zeros_like(right), right
    ahead = residual / diagonal
    direction, size = ahead, float(residual @ ahead)
    goal = size * _SOLVED
    for _ in range(len(right)):
        image = apply(direction)
        curvature = float(direction @ image)
        if size <= goal or curvature <= 0:
            break
        solution = solution + size / curvature * direction
        residual = residual - size / curvature * image
        ahead = residual / diagonal
        size, before = float(residual @ ahead), size
        direction = ahead + size / before * direction
    return solution
