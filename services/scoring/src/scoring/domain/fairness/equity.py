"""Schools by groups of students and skill: what each cell holds, and what of it may be published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from scoring.domain.fairness.cells import Pupils, Split, Works, split
from scoring.domain.fairness.rows import Disparity, EquityRow, Internal, Parts, Published, Share
from scoring.domain.fairness.rules import EquityRule, Grouping
from scoring.domain.monitoring.figures import figure, quantiles, rounded
from scoring.domain.monitoring.rows import Figure
from scoring.domain.statistics.differences import Sample, hedges_g
from scoring.domain.statistics.equity import (
    Gap,
    Risk,
    Standing,
    decompose_gap,
    gini,
    index_of_disparity,
    risk_ratio,
)
from scoring.domain.statistics.estimates import BoolArray, FloatArray, IntArray
from scoring.domain.statistics.suppression import publish_share, suppress

ALL = "all"


@dataclass(frozen=True, kw_only=True, eq=False)
class Sums:
    """One skill's cells, each of shape `Split.shape`; `by_level` has a level more.

    Attributes:
        due: artifacts that count towards those due, at most so many of a student.
        severity: sums over artifacts of known severity, `judged` of them.
        days: the middle turnaround in school days, by cell.
    """

    students: IntArray
    with_artifact: IntArray
    due: IntArray
    artifacts: IntArray
    level: FloatArray
    squares: FloatArray
    ceiling: FloatArray
    severity: FloatArray
    judged: IntArray
    by_level: IntArray
    at_cut: IntArray
    days: Sequence[Figure]


def equity_rows(
    pupils: Pupils,
    works: Works,
    skills: Sequence[str],
    rule: EquityRule,
    *,
    scale: tuple[int, int],
) -> Iterator[tuple[list[EquityRow], Disparity]]:
    """Yield, for each grouping and skill, all cells and how unequal they are.

    Args:
        pupils: everybody enrolled.
        works: their released artifacts.
        skills: by number.
        rule: the district's.
        scale: the lowest and the highest level.
    """
    splits = [split(pupils, each) for each in rule.groupings]
    for each, hidden in zip(splits, _masks(pupils, splits, rule), strict=True):
        few = _few(pupils, each, rule)
        for skill, skill_id in enumerate(skills):
            sums = _sums(pupils, works, each, skill, rule, scale)
            rows = [
                EquityRow(
                    grouping_id=each.grouping_id,
                    skill_id=skill_id,
                    school_id=[*each.schools, ALL][school],
                    group_id=[*each.groups, ALL][group],
                    published=Published()
                    if hidden[school, group]
                    else _published(sums, (school, group), rule, scale),
                    internal=_internal(sums, (school, group), few, scale),
                )
                for school, group in np.ndindex(*each.shape)
                if hidden[school, group] or sums.students[school, group]
            ]
            yield rows, _disparity(each, skill_id, sums, hidden)


def _masks(pupils: Pupils, splits: Sequence[Split], rule: EquityRule) -> list[BoolArray]:
    """Return what must be hidden of each split; the same schools' totals in all, for they are one number."""
    masks = []
    for each in splits:
        counts = each.count(each.cells(pupils.school, each.group))[:-1, :-1]
        known = (counts == 0) & each.is_open
        found = suppress(counts, minimum=rule.students_least, known=known) if counts.size else None
        hidden = np.ones(each.shape, dtype=bool)
        if found is not None:
            hidden[:-1, :-1], hidden[:-1, -1] = found.cells, found.rows
            hidden[-1, :-1], hidden[-1, -1] = found.columns, found.total
        masks.append(hidden)
    totals = np.logical_or.reduce([each[:, -1] for each in masks])
    for mask in masks:
        mask[:, -1] = totals
    return masks


def _few(pupils: Pupils, split: Split, rule: EquityRule) -> dict[tuple[int, int], tuple[str, ...]]:
    """Return the students of each cell that has fewer than may be published, but not of totals."""
    counts = split.count(split.cells(pupils.school, split.group))[:-1, :-1]
    small = np.argwhere((counts > 0) & (counts < rule.students_least)).tolist()
    return {
        (school, group): tuple(
            pupils.ids[place]
            for place in np.flatnonzero((pupils.school == school) & (split.group == group)).tolist()
        )
        for school, group in small
    }


def _sums(
    pupils: Pupils, works: Works, split: Split, skill: int, rule: EquityRule, scale: tuple[int, int]
) -> Sums:
    chosen = works.skill == skill
    pupil, level = works.pupil[chosen], works.level[chosen]
    everybody = split.cells(pupils.school, split.group)
    made = np.bincount(pupil, minlength=len(pupils.ids))
    cells = split.cells(pupils.school[pupil], split.group[pupil])
    severity = works.severity[chosen]
    lowest, highest = scale
    nearest = np.clip(np.floor(level + 0.5).astype(np.int64), lowest, highest) - lowest
    levels = highest - lowest + 1
    rows, columns = split.shape
    by_level = np.bincount(cells * levels + np.tile(nearest, 4), minlength=rows * columns * levels)
    [days] = quantiles(
        cells, np.tile(works.days[chosen], 4), rows * columns, at=[0.5], minimum=rule.students_least
    )
    return Sums(
        students=split.count(everybody),
        with_artifact=split.total(everybody, (made > 0).astype(np.float64)).astype(np.int64),
        due=split.total(everybody, np.minimum(made, rule.artifacts_due).astype(np.float64)).astype(np.int64),
        artifacts=split.count(cells),
        level=split.total(cells, level),
        squares=split.total(cells, level**2),
        ceiling=split.total(cells, works.ceiling[chosen]),
        severity=split.total(cells, np.nan_to_num(severity)),
        judged=split.total(cells, (~np.isnan(severity)).astype(np.float64)).astype(np.int64),
        by_level=by_level.reshape(rows, columns, levels),
        at_cut=split.total(cells, (level >= rule.cut).astype(np.float64)).astype(np.int64),
        days=days,
    )


def _internal(
    sums: Sums, cell: tuple[int, int], few: dict[tuple[int, int], tuple[str, ...]], scale: tuple[int, int]
) -> Internal:
    lowest, highest = scale
    counts = sums.by_level[cell].tolist()
    return Internal(
        students=int(sums.students[cell]),
        with_artifact=int(sums.with_artifact[cell]),
        artifacts=int(sums.artifacts[cell]),
        levels={str(level): counts[level - lowest] for level in range(lowest, highest + 1)},
        few=few.get(cell, ()),
    )


def _published(sums: Sums, cell: tuple[int, int], rule: EquityRule, scale: tuple[int, int]) -> Published:
    students, made = int(sums.students[cell]), int(sums.with_artifact[cell])
    share = _share(made, students, rule)
    said = Published(students=students, with_artifact=share)
    # Whatever follows from a share that is only said to be near 0 or 1 would tell what it is.
    if share is None or share.low != share.high or made < rule.students_least:
        return said
    days = sums.days[cell[0] * sums.students.shape[1] + cell[1]]
    return Published(
        students=students,
        with_artifact=share,
        levels=_levels(sums, cell, rule, scale),
        ceiling=rounded(float(sums.ceiling[cell]) / int(sums.artifacts[cell])),
        turnaround_days=days.value,
        gap=_gap(sums, cell, rule, scale),
        risk_ratio=_risk_ratio(sums, cell, rule),
        hedges_g=_hedges_g(sums, cell, rule),
    )


def _share(part: int, whole: int, rule: EquityRule) -> Share | None:
    found = publish_share(part, whole, minimum=rule.students_least, edge=rule.edge)
    return None if found is None else Share(low=rounded(found.low), high=rounded(found.high))


def _levels(
    sums: Sums, cell: tuple[int, int], rule: EquityRule, scale: tuple[int, int]
) -> dict[str, Share] | None:
    """Return the shares of levels, or only of both sides of the cut where a level has few artifacts."""
    counts, whole, above = sums.by_level[cell].tolist(), int(sums.artifacts[cell]), int(sums.at_cut[cell])
    levels = range(scale[0], scale[1] + 1)
    if min(counts) >= rule.students_least:
        exact = (
            (str(level), _share(count, whole, rule)) for level, count in zip(levels, counts, strict=True)
        )
        return {name: share for name, share in exact if share is not None}
    below, reached = _share(whole - above, whole, rule), _share(above, whole, rule)
    return {"below_cut": below, "at_cut": reached} if below and reached else None


def _standing(sums: Sums, cell: tuple[int, int], rule: EquityRule) -> Standing:
    artifacts = max(int(sums.artifacts[cell]), 1)
    return Standing(
        expected=int(sums.students[cell]) * rule.artifacts_due,
        artifacts=int(sums.due[cell]),
        level=float(sums.level[cell]) / artifacts,
        ceiling=float(sums.ceiling[cell]) / artifacts,
        severity=float(sums.severity[cell]) / max(int(sums.judged[cell]), 1),
    )


def _gap(sums: Sums, cell: tuple[int, int], rule: EquityRule, scale: tuple[int, int]) -> Parts | None:
    found = decompose_gap(
        _standing(sums, cell, rule),
        _standing(sums, (-1, -1), rule),
        lowest=scale[0],
        missing=rule.missing_level,
        minimum=rule.students_least,
    )
    if not isinstance(found, Gap):
        return None
    return Parts(
        total=rounded(found.total),
        participation=rounded(found.participation),
        task_ceiling=rounded(found.task_ceiling),
        scorer_severity=rounded(found.scorer_severity),
        performance=rounded(found.performance),
    )


def _risk_ratio(sums: Sums, cell: tuple[int, int], rule: EquityRule) -> Figure:
    students, everybody = int(sums.students[cell]), int(sums.students[-1, -1])
    without = sums.students - sums.with_artifact
    return figure(
        risk_ratio(
            Risk(int(without[cell]), students),
            Risk(int(without[-1, -1] - without[cell]), everybody - students),
            minimum_cases=rule.risk_cases_least,
            minimum_students=rule.risk_students_least,
        )
    )


def _hedges_g(sums: Sums, cell: tuple[int, int], rule: EquityRule) -> Figure:
    own = (int(sums.artifacts[cell]), float(sums.level[cell]), float(sums.squares[cell]))
    every = (int(sums.artifacts[-1, -1]), float(sums.level[-1, -1]), float(sums.squares[-1, -1]))
    others = (every[0] - own[0], every[1] - own[1], every[2] - own[2])
    return figure(hedges_g(_sample(*own), _sample(*others), minimum=rule.students_least))


def _sample(count: int, total: float, squares: float) -> Sample:
    mean = total / max(count, 1)
    spread = max(squares - count * mean**2, 0.0) / max(count - 1, 1)
    return Sample(mean=mean, deviation=sqrt(spread), count=count)


def _disparity(split: Split, skill_id: str, sums: Sums, hidden: BoolArray) -> Disparity:
    shown = ~hidden[-1, :-1]
    students = sums.students[-1, :-1][shown]
    rates = sums.with_artifact[-1, :-1][shown] / np.maximum(students, 1)
    everybody = max(int(sums.students[-1, -1]), 1)
    index = index_of_disparity(
        rates.tolist(), float(sums.with_artifact[-1, -1]) / everybody, students=students.tolist()
    )
    seen = ~hidden[:-1, -1]
    each = sums.artifacts[:-1, -1][seen] / np.maximum(sums.students[:-1, -1][seen], 1)
    return Disparity(
        grouping_id=split.grouping_id,
        skill_id=skill_id,
        index=figure(index),
        gini=figure(gini(each, minimum=2)),
    )


def student_groups(pupils: Pupils, owner: IntArray, groupings: Sequence[Grouping]) -> dict[str, IntArray]:
    """Return by group which artifacts are of one of its students, each of shape (artifacts,).

    Args:
        pupils: everybody enrolled.
        owner: shape (artifacts,), the season's student of each, NONE for nobody.
        groupings: the district's.
    """
    pupil = np.full(len(owner), -1, dtype=np.int64)
    pupil[owner >= 0] = pupils.number[owner[owner >= 0]]
    answers = {}
    for grouping in groupings:
        found = split(pupils, grouping)
        group = np.full(len(owner), -1, dtype=np.int64)
        group[pupil >= 0] = found.group[pupil[pupil >= 0]]
        for place, group_id in enumerate(found.groups):
            answers[f"{grouping.grouping_id}.{group_id}"] = (group == place).astype(np.int64)
    return answers
