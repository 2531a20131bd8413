"""Two readings of the same, and how well they agree: by scorer, school, rubric, criterion, week."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from scoring.domain.monitoring.columns import NONE, Reads
from scoring.domain.monitoring.figures import figure, rounded
from scoring.domain.monitoring.rows import Figure, Measure, too_few
from scoring.domain.monitoring.rules import Thresholds
from scoring.domain.statistics.agreement import double_readings, kappas, quadratic, share_within, tables
from scoring.domain.statistics.differences import drifts, standardized_differences, subgroup_difference
from scoring.domain.statistics.estimates import Estimate, IntArray, NotEnoughData

_AGREEMENT = (Measure.EXACT, Measure.ADJACENT, Measure.KAPPA, Measure.SMD)


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Pairs of readings, each of the same artifact; every array has shape (pairs,) but the levels.

    Attributes:
        before, after: shape (pairs, criteria), levels as an index from 0, NONE where there is none. Whoever
            is asked about is `after`.
        read: whose `after` is, a place in the reads.
    """

    before: IntArray
    after: IntArray
    read: IntArray


def doubles(reads: Reads) -> Pairs:
    """Return each reading of an artifact by a second person with the one before it."""
    one, other = _readings_of_one(reads)
    return Pairs(before=reads.levels[one], after=reads.levels[other], read=other)


def turned(reads: Reads) -> Pairs:
    """Return the doubles both ways round, so that each scorer's own reading comes second once."""
    one, other = _readings_of_one(reads)
    own, others = np.concatenate([one, other]), np.concatenate([other, one])
    return Pairs(before=reads.levels[others], after=reads.levels[own], read=own)


def _readings_of_one(reads: Reads) -> tuple[IntArray, IntArray]:
    """Return the places of the first and the second readings, of artifacts only."""
    real = np.flatnonzero(~reads.seed)
    order = real[np.argsort(reads.given_s[real], kind="stable")]
    one, other = (order[each] for each in double_readings(reads.artifact[order]))
    return one, other


def seeds(reads: Reads) -> Pairs:
    """Return each reading of a paper with what the paper is known to be worth."""
    read = np.flatnonzero(reads.seed & (reads.settled >= 0).any(axis=1))
    return Pairs(before=reads.settled[read], after=reads.levels[read], read=read)


def joined(one: Pairs, other: Pairs) -> Pairs:
    """Return both."""
    return Pairs(
        before=np.concatenate([one.before, other.before]),
        after=np.concatenate([one.after, other.after]),
        read=np.concatenate([one.read, other.read]),
    )


def count_tables(pairs: Pairs, group: IntArray, groups: int, levels: int) -> IntArray:
    """Count levels against levels over all criteria, shape (groups, levels, levels), but for group NONE."""
    counted = np.zeros((groups, levels, levels), dtype=np.int64)
    for criterion in range(pairs.before.shape[1]):
        before, after = pairs.before[:, criterion], pairs.after[:, criterion]
        both = (before >= 0) & (after >= 0) & (group >= 0)
        counted += tables(before[both], after[both], levels=levels, group=group[both], groups=groups)
    return counted


def agreement(
    counted: IntArray, pairs: IntArray, rule: Thresholds
) -> Iterable[tuple[int, Mapping[Measure, Figure]]]:
    """Yield each group's pairs and how well they agree.

    Args:
        counted: as `count_tables` counts.
        pairs: shape (groups,); how many, for the criteria of one pair are not independent.
        rule: how many it takes.
    """
    found = (
        share_within(counted, distance=0, minimum=1),
        share_within(counted, distance=1, minimum=1),
        kappas(counted, quadratic(counted.shape[-1]), minimum=1),
        standardized_differences(counted, minimum=2),
    )
    for group, count in enumerate(pairs.tolist()):
        if count < rule.pairs_least:
            yield count, dict.fromkeys(_AGREEMENT, too_few(count, rule.pairs_least))
        else:
            measured = (figure(each[group]) for each in found)
            yield count, dict(zip(_AGREEMENT, measured, strict=True))


def drift(counted: IntArray, pairs: IntArray, rule: Thresholds) -> list[Figure]:
    """Return how far each group's readings of papers have moved off what those are worth, in levels."""
    return [
        too_few(count, rule.pairs_least)
        if count < rule.pairs_least
        else figure(found)
        if isinstance(found, NotEnoughData)
        else _drift_figure(found.shift, found.chance)
        for found, count in zip(drifts(counted, minimum=2), pairs.tolist(), strict=True)
    ]


def _drift_figure(shift: Estimate, chance: float) -> Figure:
    plain = figure(shift)
    return Figure(
        count=plain.count,
        value=plain.value,
        low=plain.low,
        high=plain.high,
        standard_error=plain.standard_error,
        chance=rounded(chance),
    )


def severest_difference(
    pairs: Pairs, of_scorer: IntArray, member_of: Mapping[str, IntArray], rule: Thresholds
) -> Figure:
    """Return for which group of students a scorer's readings lie furthest off those of others.

    Args:
        pairs: doubles both ways round.
        of_scorer: the places of the scorer's own.
        member_of: by group, shape (pairs,), 1 where the artifact is of one of the group, else 0.
        rule: how many pairs it takes, in all and of the group.
    """
    if len(of_scorer) < rule.pairs_least:
        return too_few(len(of_scorer), rule.pairs_least)
    own, others = _mean_level(pairs.after[of_scorer]), _mean_level(pairs.before[of_scorer])
    worst: Figure | None = None
    most = 0
    for group, member in member_of.items():
        members = np.flatnonzero(member[of_scorer])
        most = max(most, len(members) if len(members) < len(of_scorer) else 0)
        if not rule.pairs_least <= len(members) < len(of_scorer):
            continue
        found = subgroup_difference(own, others, members, minimum=rule.pairs_least)
        if not isinstance(found, Estimate):
            return figure(found)
        if worst is None or abs(found.value) > abs(worst.value or 0.0):
            worst = Figure(count=found.count, value=rounded(found.value), group=group)
    return worst or too_few(most, rule.pairs_least)


def _mean_level(levels: IntArray) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    given = levels != NONE
    return np.asarray(np.where(given, levels, 0).sum(axis=1) / np.maximum(given.sum(axis=1), 1))
