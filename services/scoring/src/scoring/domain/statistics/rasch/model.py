"""The model itself: ratings, where everything lies on the scale, and what is to be expected of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from scoring.domain.statistics.estimates import BoolArray, FloatArray, IntArray, InvalidDataError, sums_by

#: Ratings that are worked on at a time: their probabilities fit into a core's cache.
_BLOCK = 1 << 15
#: No variance of a rating is smaller, so that a surprise is large but finite.
_LEAST_VARIANCE = 1e-9


class Steps(StrEnum):
    """Who shares the distances between levels."""

    SHARED = "shared"
    BY_CRITERION = "by_criterion"
    BY_SCORER = "by_scorer"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ratings:
    """What scorers gave, one entry a criterion of a reading.

    Attributes:
        artifact: shape (ratings,), numbers from 0.
        scorer: shape (ratings,), numbers from 0.
        criterion: shape (ratings,), numbers from 0.
        level: shape (ratings,), as an index from 0.
        artifacts: how many there are, rated or not.
        scorers: how many there are.
        criteria: how many there are.
        levels: how many the scale has, at least two.
        steps: who shares the distances between levels.

    Raises:
        InvalidDataError: if lengths differ or a number is outside its range.
    """

    artifact: IntArray
    scorer: IntArray
    criterion: IntArray
    level: IntArray
    artifacts: int
    scorers: int
    criteria: int
    levels: int
    steps: Steps = Steps.SHARED

    def __post_init__(self) -> None:
        for name, numbers, size in (
            ("artifact", self.artifact, self.artifacts),
            ("scorer", self.scorer, self.scorers),
            ("criterion", self.criterion, self.criteria),
            ("level", self.level, self.levels),
        ):
            if len(numbers) != len(self.level):
                raise InvalidDataError(
                    f"{len(numbers)} entries of {name} do not fit {len(self.level)} levels"
                )
            if len(numbers) and not 0 <= numbers.min() <= numbers.max() < size:
                raise InvalidDataError(
                    f"{name} {numbers.min()} to {numbers.max()} is outside 0 to {size - 1}"
                )

    def __len__(self) -> int:
        return len(self.level)

    @property
    def step_group(self) -> IntArray:
        """Which steps each rating is about, shape (ratings,)."""
        if self.steps is Steps.SHARED:
            return np.zeros_like(self.level)
        return self.criterion if self.steps is Steps.BY_CRITERION else self.scorer

    @property
    def step_groups(self) -> int:
        """How many sets of steps there are."""
        return {Steps.SHARED: 1, Steps.BY_CRITERION: self.criteria, Steps.BY_SCORER: self.scorers}[self.steps]

    def only(self, chosen: BoolArray) -> Ratings:
        """Return the chosen ratings, numbered as before."""
        return Ratings(
            artifact=self.artifact[chosen],
            scorer=self.scorer[chosen],
            criterion=self.criterion[chosen],
            level=self.level[chosen],
            artifacts=self.artifacts,
            scorers=self.scorers,
            criteria=self.criteria,
            levels=self.levels,
            steps=self.steps,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is held likely before any rating: normal distributions, in logits.

    Attributes:
        artifact_sd: how much artifacts differ. It ties scorers together who never read the same artifact, as
            if each had got theirs at random: leave it None if they had not, and only common artifacts count.
        learn: whether the data say how much artifacts differ, and `artifact_sd` is only where the search
            starts. It takes many artifacts; a wrong one stretches or shrinks all severities.
        scorer_sd: how much scorers differ; draws a scorer with few ratings to the middle. None draws nobody.
    """

    artifact_sd: float | None = None
    learn: bool = False
    scorer_sd: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Locations:
    """Where everything lies, in logits.

    Attributes:
        artifact: shape (artifacts,).
        scorer: shape (scorers,), severity: higher gives lower levels.
        criterion: shape (criteria,), difficulty.
        steps: shape (step groups, levels - 1), each row with mean 0.
    """

    artifact: FloatArray
    scorer: FloatArray
    criterion: FloatArray
    steps: FloatArray


def expected_levels(ratings: Ratings, at: Locations) -> tuple[FloatArray, FloatArray]:
    """Return what level index to expect of each rating and its variance, each of shape (ratings,)."""
    expected, variance = np.empty(len(ratings)), np.empty(len(ratings))
    index = np.arange(ratings.levels, dtype=np.float64)
    for block, chances in chances_by_block(ratings, at):
        expected[block] = index @ chances
        variance[block] = index**2 @ chances - expected[block] ** 2
    return expected, np.maximum(variance, _LEAST_VARIANCE)


def chances_by_block(ratings: Ratings, at: Locations) -> Iterator[tuple[slice, FloatArray]]:
    """Yield the chances of each level, shape (levels, ratings in the block), block by block."""
    index = np.arange(ratings.levels, dtype=np.float64)[:, None]
    groups = len(at.steps)
    climbed = np.hstack([np.zeros((groups, 1)), np.cumsum(at.steps, axis=1)]).T
    group = ratings.step_group
    for start in range(0, len(ratings), _BLOCK):
        block = slice(start, start + _BLOCK)
        measure = (
            at.artifact[ratings.artifact[block]]
            - at.scorer[ratings.scorer[block]]
            - at.criterion[ratings.criterion[block]]
        )
        logits = index * measure - (climbed if groups == 1 else climbed[:, group[block]])
        chances = np.exp(logits - logits.max(axis=0))
        yield block, chances / chances.sum(axis=0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MeanSquares:
    """How far ratings lie from what the model expects: 1 is as expected, above is erratic, below too regular.

    Attributes:
        infit: shape (groups,), weighted by information, so that it tells of ratings near the scorer's scale.
        outfit: shape (groups,), unweighted, so that it tells of outliers.
        ratings: shape (groups,), how many. Without any, both are 0.
    """

    infit: FloatArray
    outfit: FloatArray
    ratings: IntArray


def mean_square_fit(
    ratings: Ratings,
    at: Locations,
    group: IntArray,
    groups: int,
    *,
    artifact_information: FloatArray | None = None,
) -> MeanSquares:
    """Return the fit of each group of ratings.

    An artifact with few ratings lies where they fit best, so they fit better than they should. With
    `artifact_information`, what its measure has thus taken up of each surprise is no longer expected, and the
    mean squares lie around 1 again.

    Args:
        ratings: what was given.
        at: where everything lies.
        group: shape (ratings,), such as the scorers'.
        groups: how many.
        artifact_information: shape (artifacts,), of the artifacts' measures, in 1 / logit^2; None if they
            were known before, as Winsteps and Facets take them.

    Source: Wright and Masters (1982), Rating Scale Analysis, chapter 5; the part taken up is the leverage as
    in Hoaglin and Welsch (1978), The American Statistician 32(1), pp. 17-22.
    """
    expected, variance = expected_levels(ratings, at)
    if artifact_information is not None:
        leverage = variance / artifact_information[ratings.artifact]
        variance = variance * np.maximum(1 - leverage, _LEAST_VARIANCE)
    surprise = (ratings.level - expected) ** 2
    count = np.bincount(group, minlength=groups)
    information = sums_by(group, variance, groups)
    return MeanSquares(
        infit=sums_by(group, surprise, groups) / np.maximum(information, _LEAST_VARIANCE),
        outfit=sums_by(group, surprise / variance, groups) / np.maximum(count, 1),
        ratings=count,
    )
