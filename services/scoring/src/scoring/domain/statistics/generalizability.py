"""Which source makes how much of the error, and how many readings a decision needs: G and D studies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np

from scoring.domain.statistics.estimates import FloatArray, InvalidDataError, NotEnoughData, Shortage

#: An effect by the facets in it: {"p", "r"} is p x r, and also r:p where readers are nested in persons.
Effect = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """The variance of each effect, in squared levels.

    Attributes:
        variance: by effect, as estimated: one below zero says that the truth is small.
        mean_square: by effect.
        sizes: how many of each facet the data had.
    """

    variance: Mapping[Effect, float]
    mean_square: Mapping[Effect, float]
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependability:
    """How good decisions on a mean of readings are.

    Attributes:
        relative_error: variance of the error in comparing objects, in squared levels.
        absolute_error: variance of the error of a level itself, as against a cut.
        generalizability: Erho2, for comparing.
        dependability: Phi, for levels.
    """

    relative_error: float
    absolute_error: float
    generalizability: float
    dependability: float


def g_study(
    levels: FloatArray, facets: str, *, nested: Mapping[str, str] | None = None, minimum: int
) -> Components | NotEnoughData:
    """Estimate the variance components of a balanced random-effects design.

    Args:
        levels: one axis a facet, every combination read; an object of measurement (first axis) with a missing
            reading (NaN) is left out.
        facets: one letter an axis, such as "pr" or "ptr"; the first is the object of measurement.
        nested: facet to the facet that it is nested in, such as {"r": "t"} for p x (r:t); None is crossed.
        minimum: how many complete objects it takes, at least two.

    Raises:
        InvalidDataError: if facets do not fit the axes.

    Source: Brennan (2001), Generalizability Theory, chapter 3: analysis of variance, solved for the expected
    mean squares.
    """
    if len(set(facets)) != levels.ndim or len(facets) != levels.ndim:
        raise InvalidDataError(f"{facets} does not name {levels.ndim} axes")
    complete = levels[~np.isnan(levels).any(axis=tuple(range(1, levels.ndim)))]
    if len(complete) < max(minimum, 2):
        return NotEnoughData(Shortage.TOO_FEW, len(complete), max(minimum, 2))
    sizes = dict(zip(facets, complete.shape, strict=True))
    if min(sizes.values()) <= 1:
        return NotEnoughData(Shortage.TOO_FEW_RATERS, min(sizes.values()), 2)
    mean_square = _mean_squares(complete, facets, nested or {})
    if not any(value > 0 for value in mean_square.values()):
        return NotEnoughData(Shortage.NO_VARIATION, 1, 2)
    return Components(variance=_solved(mean_square, sizes), mean_square=mean_square, sizes=sizes)


def _mean_squares(levels: FloatArray, facets: str, nested: Mapping[str, str]) -> dict[Effect, float]:
    squares: dict[Effect, float] = {}
    freedom: dict[Effect, int] = {}
    for axes in _subsets(range(levels.ndim)):
        # A nested facet's own effect cannot be told from that with the facet around it.
        names = frozenset(facets[axis] for axis in axes)
        effect = names | {nested[name] for name in names if name in nested}
        squares[effect] = squares.get(effect, 0.0) + _sum_of_squares(levels, axes)
        freedom[effect] = freedom.get(effect, 0) + prod(levels.shape[axis] - 1 for axis in axes)
    return {effect: squares[effect] / freedom[effect] for effect in squares}


def _sum_of_squares(levels: FloatArray, axes: Collection[int]) -> float:
    others = tuple(axis for axis in range(levels.ndim) if axis not in axes)
    effect = levels.mean(axis=others, keepdims=True)
    for axis in axes:
        effect = effect - effect.mean(axis=axis, keepdims=True)
    return float((effect**2).sum() * prod(levels.shape[axis] for axis in others))


def _subsets(axes: range) -> Iterator[tuple[int, ...]]:
    for size in range(1, len(axes) + 1):
        yield from combinations(axes, size)


def _solved(mean_square: Mapping[Effect, float], sizes: Mapping[str, int]) -> dict[Effect, float]:
    """Solve the expected mean squares: an effect's holds every effect that contains it."""
    variance: dict[Effect, float] = {}
    for effect in sorted(mean_square, key=len, reverse=True):
        above = sum(_repeats(other, sizes) * variance[other] for other in variance if effect < other)
        variance[effect] = (mean_square[effect] - above) / _repeats(effect, sizes)
    return variance


def _repeats(effect: Effect, sizes: Mapping[str, int]) -> int:
    return prod(size for name, size in sizes.items() if name not in effect)


def d_study(
    components: Components, counts: Mapping[str, int], *, person: str
) -> Dependability | NotEnoughData:
    """Say how good a decision on a mean over `counts` readings would be.

    Args:
        components: of a G study; those below zero count as zero.
        counts: by facet other than `person`, how many the mean would be over; of a nested facet, in each.
        person: the object of measurement.

    Returns:
        The errors and both coefficients, or `NO_VARIATION` if objects and errors all vary by nothing.

    Source: Brennan (2001), Generalizability Theory, chapter 4.
    """
    variance = {effect: max(value, 0.0) for effect, value in components.variance.items()}
    error = {
        effect: value / prod(counts[name] for name in effect if name != person)
        for effect, value in variance.items()
        if effect != {person}
    }
    own = variance[frozenset(person)]
    absolute = sum(error.values())
    relative = sum(value for effect, value in error.items() if person in effect)
    if own + relative <= 0:
        return NotEnoughData(Shortage.NO_VARIATION, 1, 2)
    return Dependability(
        relative_error=relative,
        absolute_error=absolute,
        generalizability=own / (own + relative),
        dependability=own / (own + absolute),
    )
