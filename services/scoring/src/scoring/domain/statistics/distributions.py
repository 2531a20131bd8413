"""The t and F distributions, which numpy lacks and for which scipy would be 100 MB in the image."""

from __future__ import annotations

from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt

_PRECISION = 1e-15
#: Halving the unit interval so often leaves nothing of it that a float could tell.
_BISECTIONS = 80
#: Stands for a denominator of zero in the continued fraction.
_TINY = 1e-300


def incomplete_beta(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function, the distribution function of Beta(a, b) at `x`.

    Args:
        x: from 0 to 1.
        a: above 0.
        b: above 0.

    Source: NIST DLMF 8.17.22, evaluated as Lentz (1976), Applied Optics 15(3), pp. 668-671.
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    # The fraction converges fast on this side of the mean only; the other side is its mirror image.
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front / _continued_fraction(x, a, b)


def _continued_fraction(x: float, a: float, b: float) -> float:
    value, upper, lower, change, step = 1.0, 1.0, 0.0, 0.0, 0
    while abs(change - 1) >= _PRECISION:
        step += 1
        half, odd = divmod(step, 2)
        if odd:
            term = -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
        else:
            term = half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
        lower = 1 / ((1 + term * lower) or _TINY)
        upper = (1 + term / upper) or _TINY
        change = upper * lower
        value *= change
    return value


def t_two_sided(t: float, freedom: float) -> float:
    """Return the chance of a Student's t at least as far from 0 as `t`.

    Source: Abramowitz and Stegun (1964), 26.7.1 with 26.5.27.
    """
    return incomplete_beta(freedom / (freedom + t * t), freedom / 2, 0.5)


@lru_cache(maxsize=4096)
def t_quantile(probability: float, freedom: float) -> float:
    """Return where Student's t has `probability` (at least .5) below it."""
    return sqrt(f_quantile(2 * probability - 1, 1, freedom))


@lru_cache(maxsize=4096)
def f_quantile(probability: float, numerator: float, denominator: float) -> float:
    """Return where the F distribution has `probability` below it.

    Args:
        probability: from 0, below 1.
        numerator: its degrees of freedom, above 0; need not be whole.
        denominator: the same.

    Source: Abramowitz and Stegun (1964), 26.6.2, solved by bisection.
    """
    low, high = 0.0, 1.0
    # In terms of the complement, because an F in the far tail has a beta that rounds to 1.
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if incomplete_beta(middle, denominator / 2, numerator / 2) < 1 - probability:
            low = middle
        else:
            high = middle
    complement = (low + high) / 2
    return denominator * (1 - complement) / (numerator * complement)
