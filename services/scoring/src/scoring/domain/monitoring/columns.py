"""A season's tasks and reads as columns, with numbers for people and places."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from scoring.domain.monitoring.facts import ReadFacts, Settled, TaskFacts, UnscorableFacts
from scoring.domain.statistics.estimates import BoolArray, FloatArray, IntArray

#: Stands for a level that was not given, and for nobody and nowhere.
NONE = -1
_DAY_S = 86_400.0
_WEEK_S = 7 * _DAY_S
#: 1970-01-01 was a Thursday.
_FIRST_MONDAY_S = -3 * _DAY_S


class Names:
    """Numbers from 0 for names, in the order in which they come."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """Return a name's number, a new one if it has none."""
        return self._numbers.setdefault(name, len(self._numbers))

    def find(self, name: str) -> int | None:
        """Return a name's number, or None."""
        return self._numbers.get(name)

    def all(self) -> list[str]:
        """Return the names by number."""
        return list(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


@dataclass(frozen=True, kw_only=True, eq=False)
class Reads:
    """Reads that count, of artifacts and seeds; every array has shape (reads,) but `levels` and `settled`.

    Attributes:
        artifact, scorer, rubric, week: numbers; the week's is of `Season.weeks`.
        school: NONE for a seed.
        first: whether it is the artifact's first.
        levels: shape (reads, criteria), as an index from 0, NONE for what the rubric does not ask.
        settled: shape (reads, criteria), of the paper that a seed is; NONE elsewhere.
        hours: from opening to reading.
        given_s: when, in seconds since 1970.
    """

    artifact: IntArray
    scorer: IntArray
    rubric: IntArray
    school: IntArray
    week: IntArray
    seed: BoolArray
    first: BoolArray
    levels: IntArray
    settled: IntArray
    hours: FloatArray
    given_s: FloatArray

    def __len__(self) -> int:
        return len(self.artifact)


@dataclass(frozen=True, kw_only=True, eq=False)
class Artifacts:
    """Artifacts and seeds; every array has shape (artifacts,), and NaN where there is nothing.

    Attributes:
        student, school, skill, grade: numbers; student and school are NONE for a seed.
        assignment: a number; NONE if nobody has said what it was made for.
        opened_s, released_s: in seconds since 1970.
        level: the mean level of the score that is out.
    """

    student: IntArray
    school: IntArray
    skill: IntArray
    grade: IntArray
    assignment: IntArray
    opened_s: FloatArray
    released_s: FloatArray
    level: FloatArray

    def __len__(self) -> int:
        return len(self.student)


@dataclass(frozen=True, kw_only=True, eq=False)
class Unscorable:
    """What scorers found unscorable; every array has shape (findings,)."""

    scorer: IntArray
    rubric: IntArray
    school: IntArray
    week: IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Season:
    """Everything of the days that count.

    Attributes:
        criteria: of each rubric, in its order.
        weeks: the Monday of each, as `2026-11-16`.
        left_out: reads with levels outside the scale, which a rubric of another scale may have.
    """

    reads: Reads
    artifacts: Artifacts
    unscorable: Unscorable
    scorers: list[str]
    schools: list[str]
    students: Names
    skills: list[str]
    grades: list[str]
    rubrics: list[str]
    criteria: list[list[str]]
    weeks: list[str]
    left_out: int


def lay_out(
    tasks: Iterable[TaskFacts], settled: Settled, *, since: datetime, lowest: int, highest: int
) -> Season:
    """Lay tasks out as columns.

    Args:
        tasks: each once, in any order.
        settled: the papers' levels.
        since: reads before it are left out; artifacts are not.
        lowest: of the scale.
        highest: of the scale.
    """
    layout = _Layout(settled, since=since, lowest=lowest, highest=highest)
    for task in tasks:
        layout.add(task)
    return layout.season()


class _Layout:
    def __init__(self, settled: Settled, *, since: datetime, lowest: int, highest: int) -> None:
        self._settled = settled
        self._since_s, self._lowest, self._highest = since.timestamp(), lowest, highest
        self._scorers, self._schools, self._students = Names(), Names(), Names()
        self._skills, self._grades, self._rubrics, self._artifacts = Names(), Names(), Names(), Names()
        self._assignments = Names()
        self._criteria: list[dict[str, int]] = []
        self._left_out = 0
        # artifact, scorer, rubric, school, seed, first
        self._read_numbers = array("q")
        self._read_times = array("d")
        # read, criterion, level
        self._levels = array("i")
        self._known = array("i")
        self._artifact_numbers = array("q")
        self._artifact_times = array("d")
        self._found_numbers = array("q")
        self._found_times = array("d")

    def add(self, task: TaskFacts) -> None:
        artifacts = len(self._artifacts)
        artifact = self._artifacts.number(task.artifact_id)
        school = NONE if task.is_seed or task.school_id is None else self._schools.number(task.school_id)
        rubric = self._rubrics.number(task.rubric_id)
        if rubric == len(self._criteria):
            self._criteria.append({})
        if artifact == artifacts:
            self._add_artifact(task, school)
        elif not task.is_seed:
            # The artifact was met as a seed before; its own task says more of it.
            self._replace_artifact(artifact, task, school)
        first = not task.is_seed
        for read in task.reads:
            if read.given_s >= self._since_s:
                self._add_read(task, read, (artifact, rubric, school), first=first)
            first = False
        for found in task.unscorable:
            if found.at_s >= self._since_s:
                self._add_unscorable(found, rubric, school)

    def _add_artifact(self, task: TaskFacts, school: int) -> None:
        self._artifact_numbers.extend(self._artifact_row(task, school))
        self._artifact_times.extend(_artifact_times(task))

    def _replace_artifact(self, artifact: int, task: TaskFacts, school: int) -> None:
        numbers, times = self._artifact_row(task, school), _artifact_times(task)
        self._artifact_numbers[5 * artifact : 5 * artifact + 5] = array("q", numbers)
        self._artifact_times[3 * artifact : 3 * artifact + 3] = array("d", times)

    def _artifact_row(self, task: TaskFacts, school: int) -> tuple[int, ...]:
        nobody = task.is_seed or task.student_id is None
        student = NONE if nobody else self._students.number(str(task.student_id))
        unsaid = task.assignment_id is None
        assignment = NONE if unsaid else self._assignments.number(str(task.assignment_id))
        return (
            student,
            school,
            self._skills.number(task.skill_id),
            self._grades.number(task.grade),
            assignment,
        )

    def _add_read(
        self, task: TaskFacts, read: ReadFacts, where: tuple[int, int, int], *, first: bool
    ) -> None:
        artifact, rubric, school = where
        given = read.levels.values()
        if given and not self._lowest <= min(given) <= max(given) <= self._highest:
            self._left_out += 1
            return
        row, places = len(self._read_times) // 2, self._criteria[rubric]
        for name, level in read.levels.items():
            self._levels.extend((row, places.setdefault(name, len(places)), level - self._lowest))
        if task.is_seed:
            for name, level in self._settled.get(task.artifact_id, {}).items():
                if name in places:
                    self._known.extend((row, places[name], level - self._lowest))
        scorer = self._scorers.number(read.scorer_id)
        self._read_numbers.extend((artifact, scorer, rubric, school, task.is_seed, first))
        self._read_times.extend((read.leased_s, read.given_s))

    def _add_unscorable(self, found: UnscorableFacts, rubric: int, school: int) -> None:
        self._found_numbers.extend((self._scorers.number(found.scorer_id), rubric, school))
        self._found_times.append(found.at_s)

    def season(self) -> Season:
        reads = np.array(self._read_numbers, dtype=np.int64).reshape(-1, 6)
        times = np.array(self._read_times, dtype=np.float64).reshape(-1, 2)
        artifacts = np.array(self._artifact_numbers, dtype=np.int64).reshape(-1, 5)
        artifact_times = np.array(self._artifact_times, dtype=np.float64).reshape(-1, 3)
        found = np.array(self._found_numbers, dtype=np.int64).reshape(-1, 3)
        weeks, of_read, of_found = _weeks(times[:, 1], np.array(self._found_times, dtype=np.float64))
        criteria = max((len(each) for each in self._criteria), default=0)
        return Season(
            reads=Reads(
                artifact=reads[:, 0],
                scorer=reads[:, 1],
                rubric=reads[:, 2],
                school=reads[:, 3],
                week=of_read,
                seed=reads[:, 4] > 0,
                first=reads[:, 5] > 0,
                levels=_table(self._levels, len(reads), criteria),
                settled=_table(self._known, len(reads), criteria),
                hours=(times[:, 1] - times[:, 0]) / 3600,
                given_s=times[:, 1],
            ),
            artifacts=Artifacts(
                student=artifacts[:, 0],
                school=artifacts[:, 1],
                skill=artifacts[:, 2],
                grade=artifacts[:, 3],
                assignment=artifacts[:, 4],
                opened_s=artifact_times[:, 0],
                released_s=artifact_times[:, 1],
                level=artifact_times[:, 2],
            ),
            unscorable=Unscorable(scorer=found[:, 0], rubric=found[:, 1], school=found[:, 2], week=of_found),
            scorers=self._scorers.all(),
            schools=self._schools.all(),
            students=self._students,
            skills=self._skills.all(),
            grades=self._grades.all(),
            rubrics=self._rubrics.all(),
            criteria=[list(each) for each in self._criteria],
            weeks=weeks,
            left_out=self._left_out,
        )


def _artifact_times(task: TaskFacts) -> tuple[float, float, float]:
    return (
        task.opened_s,
        np.nan if task.released_s is None else task.released_s,
        np.nan if task.mean_level is None else task.mean_level,
    )


def _table(entries: array[int], reads: int, criteria: int) -> IntArray:
    table = np.full((reads, criteria), NONE, dtype=np.int64)
    row, criterion, level = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    table[row, criterion] = level
    return table


def _weeks(read_s: FloatArray, found_s: FloatArray) -> tuple[list[str], IntArray, IntArray]:
    """Return the Mondays (UTC), and the week of each read and of each finding."""
    number = np.floor((np.concatenate([read_s, found_s]) - _FIRST_MONDAY_S) / _WEEK_S).astype(np.int64)
    known, of_each = np.unique(number, return_inverse=True)
    mondays = (known * 7 - 3).astype("datetime64[D]")
    return [str(each) for each in mondays], of_each[: len(read_s)], of_each[len(read_s) :]
