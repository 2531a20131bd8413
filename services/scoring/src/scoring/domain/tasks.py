"""Scoring tasks: an artifact, the rubric version it is read with, its scorer, its reads and its score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from statistics import fmean
from types import MappingProxyType

from scoring.domain.rubrics import CriterionLevel, Rubric, check_levels


class State(StrEnum):
    """Where a task is; second reads, adjudication and quarantine will be further states."""

    QUEUED = "queued"
    ASSIGNED = "assigned"
    SCORED = "scored"


#: Which states may follow which.
TRANSITIONS: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.QUEUED: frozenset({State.ASSIGNED}),
        State.ASSIGNED: frozenset({State.SCORED}),
        State.SCORED: frozenset(),
    }
)


class IllegalTransitionError(ValueError):
    """A task in its state cannot go where it was told to."""


class AlreadyScoredError(ValueError):
    """The task was scored with other levels."""


class NoTaskError(LookupError):
    """There is no such task."""


class NotYourTaskError(PermissionError):
    """The task is assigned to nobody yet, or to somebody else."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a student handed in, frozen when the task was opened."""

    artifact_id: str
    student_id: str
    school_id: str
    grade: str
    skill_id: str
    title: str
    reflection: str
    media_type: str


@dataclass(frozen=True, kw_only=True)
class Read:
    """One scorer's levels for one artifact; its levels stand in the rubric's order."""

    scorer_id: str
    levels: tuple[CriterionLevel, ...]
    given_at: datetime


@dataclass(frozen=True, kw_only=True)
class Task:
    """One artifact to be read with one rubric version.

    Attributes:
        scorer_id: who reads it now; None while it is queued.
        reads: one now; second reads will follow.
    """

    task_id: str
    submission: Submission
    rubric_id: str
    rubric_version: str
    state: State
    scorer_id: str | None
    reads: tuple[Read, ...]
    opened_at: datetime
    assigned_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class CriterionMean:
    """The outcome on one criterion: the mean over the reads, and what the scorers wrote."""

    criterion_id: str
    level: float
    feedback: str


@dataclass(frozen=True, kw_only=True)
class Score:
    """The outcome of a task; `mean_level` weighs every criterion alike."""

    criteria: tuple[CriterionMean, ...]
    mean_level: float
    scored_at: datetime


def open_task(task_id: str, submission: Submission, rubric: Rubric, *, at: datetime) -> Task:
    """Return a new task, queued."""
    return Task(
        task_id=task_id,
        submission=submission,
        rubric_id=rubric.rubric_id,
        rubric_version=rubric.version,
        state=State.QUEUED,
        scorer_id=None,
        reads=(),
        opened_at=at,
        assigned_at=None,
    )


def assign(task: Task, scorer_id: str, *, at: datetime) -> Task:
    """Give a queued task to a scorer.

    Raises:
        IllegalTransitionError: if the task is not queued.
    """
    return replace(_moved(task, State.ASSIGNED), scorer_id=scorer_id, assigned_at=at)


def check_is_theirs(task: Task, scorer_id: str) -> None:
    """Make sure that a task is this scorer's.

    Raises:
        NotYourTaskError: if it is not.
    """
    if task.scorer_id != scorer_id:
        raise NotYourTaskError(f"task {task.task_id} is not assigned to {scorer_id}")


def give_read(
    task: Task, rubric: Rubric, levels: Sequence[CriterionLevel], *, scorer_id: str, at: datetime
) -> Task:
    """Return the task with its read; the same task, if this very read was given before.

    Args:
        task: what was read.
        rubric: the version that the task names.
        levels: one per criterion, in any order.
        scorer_id: who read it.
        at: when.

    Raises:
        NotYourTaskError: if the task is not this scorer's.
        LevelsDoNotFitError: if the levels are not what the rubric asks for.
        AlreadyScoredError: if the task has a read with other levels or feedback.
    """
    check_is_theirs(task, scorer_id)
    check_levels(rubric, levels)
    order = [each.criterion_id for each in rubric.criteria]
    ordered = tuple(sorted(levels, key=lambda given: order.index(given.criterion_id)))
    if task.state is State.SCORED:
        if any(read.levels == ordered for read in task.reads):
            return task
        raise AlreadyScoredError(f"task {task.task_id} is scored already, with other levels")
    read = Read(scorer_id=scorer_id, levels=ordered, given_at=at)
    return replace(_moved(task, State.SCORED), reads=(*task.reads, read))


def score(task: Task) -> Score:
    """Return the outcome of a scored task.

    Raises:
        IllegalTransitionError: if the task is not scored yet.
    """
    if task.state is not State.SCORED:
        raise IllegalTransitionError(f"task {task.task_id} has no score while it is {task.state}")
    criteria = tuple(_mean(given) for given in zip(*(read.levels for read in task.reads), strict=True))
    return Score(
        criteria=criteria,
        mean_level=fmean(each.level for each in criteria),
        scored_at=max(read.given_at for read in task.reads),
    )


def _mean(given: Sequence[CriterionLevel]) -> CriterionMean:
    """Return the outcome on one criterion of every read's level for it."""
    return CriterionMean(
        criterion_id=given[0].criterion_id,
        level=fmean(each.level for each in given),
        feedback="\n".join(each.feedback for each in given if each.feedback),
    )


def _moved(task: Task, state: State) -> Task:
    if state not in TRANSITIONS[task.state]:
        raise IllegalTransitionError(f"task {task.task_id} cannot go from {task.state} to {state}")
    return replace(task, state=state)
