"""Students and their artifacts counted by school and group, with all totals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scoring.domain.fairness.rules import UNKNOWN, Grouping
from scoring.domain.monitoring.columns import NONE, Names, Season
from scoring.domain.monitoring.facts import StudentFacts
from scoring.domain.monitoring.figures import quantiles
from scoring.domain.monitoring.school_days import SchoolDays
from scoring.domain.statistics.estimates import BoolArray, FloatArray, IntArray

#: So much of the artifacts of a school and grade lies at or below what its tasks are taken to allow.
_CEILING = 0.9


@dataclass(frozen=True, kw_only=True, eq=False)
class Pupils:
    """Enrolled students; arrays have shape (students,).

    Attributes:
        number: of a season's student, shape (season's students,), the place here; NONE if not enrolled.
    """

    ids: Sequence[str]
    school: IntArray
    schools: Sequence[str]
    facts: Sequence[StudentFacts]
    number: IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Works:
    """Released artifacts of enrolled students; arrays have shape (artifacts,).

    Attributes:
        pupil: a place among the pupils.
        level: of the released score.
        ceiling: what the task is taken to have allowed, in levels.
        severity: by how many levels its readers are more severe than others; NaN if that is not known.
        days: school days from the queue to the release.
    """

    pupil: IntArray
    skill: IntArray
    level: FloatArray
    ceiling: FloatArray
    severity: FloatArray
    days: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """Pupils by school and group; the last school and the last group are all of them.

    Attributes:
        group: shape (students,).
        groups: their ids, without the total.
        is_open: shape (groups,), whether it is no secret that a school has none of them: of a grade that it
            does not have, or of those of whom the roster says nothing.
    """

    grouping_id: str
    group: IntArray
    groups: Sequence[str]
    schools: Sequence[str]
    is_open: BoolArray

    @property
    def shape(self) -> tuple[int, int]:
        """Schools and groups, with the totals."""
        return len(self.schools) + 1, len(self.groups) + 1

    def cells(self, school: IntArray, group: IntArray) -> IntArray:
        """Return in which cells things are counted: each once in its own and in its three totals."""
        rows, columns = self.shape
        every_school, every_group = np.full_like(school, rows - 1), np.full_like(group, columns - 1)
        places = ((school, group), (every_school, group), (school, every_group), (every_school, every_group))
        return np.concatenate([row * columns + column for row, column in places])

    def count(self, cells: IntArray) -> IntArray:
        """Return how many are in each cell, shape `self.shape`."""
        rows, columns = self.shape
        return np.bincount(cells, minlength=rows * columns).reshape(self.shape)

    def total(self, cells: IntArray, values: FloatArray) -> FloatArray:
        """Return the sum of values in each cell, shape `self.shape`."""
        rows, columns = self.shape
        fourfold = np.tile(values, 4)
        return np.bincount(cells, fourfold, rows * columns).astype(np.float64, copy=False).reshape(self.shape)


def enrol(students: Sequence[StudentFacts], known: Names) -> Pupils:
    """Lay the roster out.

    Args:
        students: enrolled ones.
        known: the numbers that a season gave to students.
    """
    schools = Names()
    school = np.array([schools.number(each.school_id) for each in students], dtype=np.int64)
    number = np.full(len(known), NONE, dtype=np.int64)
    for place, each in enumerate(students):
        found = known.find(each.student_id)
        if found is not None:
            number[found] = place
    return Pupils(
        ids=[each.student_id for each in students],
        school=school,
        schools=schools.all(),
        facts=students,
        number=number,
    )


def split(pupils: Pupils, grouping: Grouping) -> Split:
    """Group the pupils; who fits no group is in one of their own, if there are any."""
    found = [grouping.group_of(each.grade, each.home_language) for each in pupils.facts]
    groups = [each.group_id for each in grouping.groups]
    if UNKNOWN in found:
        groups.append(UNKNOWN)
    number = {group: place for place, group in enumerate(groups)}
    return Split(
        grouping_id=grouping.grouping_id,
        group=np.array([number[each] for each in found], dtype=np.int64),
        groups=groups,
        schools=pupils.schools,
        is_open=np.array([grouping.by == "grade" or each == UNKNOWN for each in groups]),
    )


def works_of(
    season: Season, pupils: Pupils, in_levels: FloatArray, calendar: SchoolDays, *, minimum: int
) -> Works:
    """Return the released artifacts of enrolled students.

    Args:
        season: everything that was read.
        pupils: who is enrolled.
        in_levels: shape (reads,), as `Severities` has it.
        calendar: in whose days turnaround is.
        minimum: artifacts of a task, or of a school, skill and grade, below which a wider ceiling is taken.
    """
    artifacts = season.artifacts
    pupil = np.full(len(artifacts), NONE, dtype=np.int64)
    owned = artifacts.student >= 0
    pupil[owned] = pupils.number[artifacts.student[owned]]
    chosen = np.flatnonzero((pupil >= 0) & ~np.isnan(artifacts.level))
    school = pupils.school[pupil[chosen]]
    return Works(
        pupil=pupil[chosen],
        skill=artifacts.skill[chosen],
        level=artifacts.level[chosen],
        ceiling=_ceilings(season, chosen, school, minimum),
        severity=_severity(season, in_levels)[chosen],
        days=calendar.between(artifacts.opened_s[chosen], artifacts.released_s[chosen]),
    )


def _severity(season: Season, in_levels: FloatArray) -> FloatArray:
    """Return each artifact's mean severity, NaN without a read of known severity."""
    known = ~np.isnan(in_levels)
    artifact, size = season.reads.artifact[known], len(season.artifacts)
    count = np.bincount(artifact, minlength=size)
    total = np.bincount(artifact, in_levels[known], size)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _ceilings(season: Season, chosen: IntArray, school: IntArray, minimum: int) -> FloatArray:
    """Return what each artifact's task is taken to have allowed: the level that one in ten of them exceeds.

    Of all artifacts of the district that answer the same task, if it was said which one and enough do; else
    of those of the school, skill and grade; else of the skill and grade.
    """
    artifacts, grades = season.artifacts, max(len(season.grades), 1)
    there = artifacts.skill[chosen] * grades + artifacts.grade[chosen]
    everywhere = max(len(season.skills), 1) * grades
    here = school * everywhere + there
    known, of_each = np.unique(here, return_inverse=True)
    level = artifacts.level[chosen]
    [own] = quantiles(of_each, level, len(known), at=[_CEILING], minimum=minimum)
    [others] = quantiles(there, level, everywhere, at=[_CEILING], minimum=1)
    assignment = artifacts.assignment[chosen]
    said = assignment != NONE
    tasks = int(assignment.max(initial=NONE)) + 1
    [of_task] = quantiles(assignment[said], level[said], tasks, at=[_CEILING], minimum=minimum)
    # Nobody has said anything of the last one.
    values = [each.value for each in of_task] + [None]
    found = zip(assignment.tolist(), of_each.tolist(), there.tolist(), strict=True)
    return np.array(
        [_first(values[task], own[mine].value, others[common].value) for task, mine, common in found],
        dtype=np.float64,
    )


def _first(*values: float | None) -> float | None:
    """Return the first value that is known."""
    return next((each for each in values if each is not None), None)
