"""What the scoring service does: one function a job."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Protocol

from contracts.artifacts import ArtifactUploaded
from contracts.base import Fact
from contracts.envelope import derived_id
from contracts.scoring import ARTIFACT_SCORED, ArtifactScored, CriterionScore
from scoring import domain
from scoring.domain import CriterionLevel, Rubric, Scorer, State, Student, Submission, Task

#: A task as it is now to what it becomes and says; None for no change.
Decide = Callable[[Task | None], tuple[Task, Sequence[Fact]] | None]

#: Queued tasks that are read and written together.
_BATCH = 200


class Tasks(Protocol):
    """Where tasks are kept."""

    def get(self, task_id: str) -> Task:
        """Return a task; raise LookupError if there is none that the caller may see."""
        ...

    def change(self, task_id: str, decide: Decide) -> Task | None:
        """Change one task and keep what it says; return it as it is now."""
        ...

    def change_many(self, changes: Sequence[tuple[str, Decide]]) -> int:
        """Change many tasks, and return how many were written."""
        ...

    def queued(self) -> Iterator[Task]:
        """Yield every queued task; one that is assigned meanwhile may be left out."""
        ...


class Students(Protocol):
    """The copies of students."""

    def existing(self, ids: Iterable[str]) -> Mapping[str, Student]:
        """Return those students that we have a copy of, by id."""
        ...


class Scorers(Protocol):
    """The copies of staff who are active."""

    def everybody(self) -> Sequence[Scorer]:
        """Return all of them."""
        ...


class Rubrics(Protocol):
    """The district's rubrics."""

    def current(self, at: datetime) -> Sequence[Rubric]:
        """Return the rubrics in force at a time, one for each skill and band."""
        ...

    def of_version(self, version: str) -> Sequence[Rubric]:
        """Return the rubrics of one version."""
        ...


class Routing(Protocol):
    """The district's rule of who reads."""

    def roles(self, at: datetime) -> frozenset[str]:
        """Return the roles that read at a time."""
        ...


def task_id_of(artifact_id: str) -> str:
    """Return the id of an artifact's task: an artifact has one, however often we hear of it."""
    return derived_id("scoring", "task", artifact_id)


def open_scoring_task(
    uploaded: ArtifactUploaded,
    *,
    at: datetime,
    tasks: Tasks,
    students: Students,
    scorers: Scorers,
    rubrics: Rubrics,
    routing: Routing,
) -> None:
    """Open the task of a new artifact, and give it to a scorer if one can be found already.

    Raises:
        NoRubricError: if the district has no rubric for the artifact's skill and grade.
    """
    task_id = task_id_of(uploaded.artifact_id)
    submission = Submission(
        artifact_id=uploaded.artifact_id,
        student_id=uploaded.student_id,
        school_id=uploaded.school_id,
        grade=uploaded.grade,
        skill_id=uploaded.skill_id,
        title=uploaded.title,
        reflection=uploaded.reflection,
        media_type=uploaded.media_type,
    )
    rubric = domain.rubric_for(rubrics.current(at), skill_id=uploaded.skill_id, grade=uploaded.grade)
    opened = domain.open_task(task_id, submission, rubric, at=at)
    # The copy of the student or of the staff may arrive after the artifact: then the task waits in the queue.
    student = students.existing([uploaded.student_id]).get(uploaded.student_id)
    scorer_id = student and _scorer_of(opened, student, scorers.everybody(), routing.roles(at))
    first = domain.assign(opened, scorer_id, at=at) if scorer_id else opened
    tasks.change(task_id, lambda current: (first, ()) if current is None else None)


def assign_queued_tasks(
    *, at: datetime, tasks: Tasks, students: Students, scorers: Scorers, routing: Routing
) -> int:
    """Give every queued task to a scorer for whom one can be found by now.

    Returns:
        How many tasks were assigned.
    """
    staff, roles = scorers.everybody(), routing.roles(at)
    assigned = 0
    for batch in _batches(tasks.queued()):
        known = students.existing({task.submission.student_id for task in batch})
        changes: list[tuple[str, Decide]] = []
        for task in batch:
            student = known.get(task.submission.student_id)
            scorer_id = student and _scorer_of(task, student, staff, roles)
            if scorer_id:
                changes.append((task.task_id, partial(_assigned, scorer_id=scorer_id, at=at)))
        assigned += tasks.change_many(changes)
    return assigned


def give_read(
    task_id: str,
    levels: Sequence[CriterionLevel],
    *,
    scorer_id: str,
    at: datetime,
    tasks: Tasks,
    rubrics: Rubrics,
) -> Task:
    """Take a scorer's read of an artifact, which scores it.

    Returns:
        The task as it is now; the very same read once more changes nothing.

    Raises:
        LookupError: if there is no such task.
        NotYourTaskError: if the task is not this scorer's.
        LevelsDoNotFitError: if the levels are not what the rubric asks for.
        AlreadyScoredError: if the task has a read with other levels or feedback.
    """

    def decide(current: Task | None) -> tuple[Task, Sequence[Fact]] | None:
        if current is None:
            return None
        rubric = _rubric_of(current, rubrics)
        scored = domain.give_read(current, rubric, levels, scorer_id=scorer_id, at=at)
        return None if scored is current else (scored, [ARTIFACT_SCORED.says(_scored(scored))])

    task = tasks.change(task_id, decide)
    if task is None:
        raise domain.NoTaskError(f"there is no task {task_id}")
    return task


def show_task(task_id: str, *, scorer_id: str | None, tasks: Tasks, rubrics: Rubrics) -> tuple[Task, Rubric]:
    """Return a task and its rubric.

    Args:
        task_id: which one.
        scorer_id: who asks, if they may see their own tasks only.
        tasks: where tasks are.
        rubrics: the district's.

    Raises:
        LookupError: if there is no such task.
        NotYourTaskError: if it is not the scorer's.
    """
    task = tasks.get(task_id)
    if scorer_id is not None:
        domain.check_is_theirs(task, scorer_id)
    return task, _rubric_of(task, rubrics)


def list_rubrics(
    *, at: datetime, version: str | None, skill_id: str | None, grade: str | None, rubrics: Rubrics
) -> list[Rubric]:
    """Return the rubrics in force, or those of one version, for a skill or a grade if one is named."""
    known = rubrics.current(at) if version is None else rubrics.of_version(version)
    return [
        each
        for each in known
        if (skill_id is None or each.skill_id == skill_id) and (grade is None or grade in each.grades)
    ]


def _assigned(current: Task | None, *, scorer_id: str, at: datetime) -> tuple[Task, Sequence[Fact]] | None:
    """Assign a task unless another process was faster."""
    if current is None or current.state is not State.QUEUED:
        return None
    return domain.assign(current, scorer_id, at=at), ()


def _scorer_of(task: Task, student: Student, staff: Iterable[Scorer], roles: Iterable[str]) -> str | None:
    """Choose a scorer: not of the student's school, nor of the one where the artifact was made."""
    made_at = task.submission.school_id
    return domain.choose_scorer(task.submission.artifact_id, student, staff, roles=roles, away_from=[made_at])


def _rubric_of(task: Task, rubrics: Rubrics) -> Rubric:
    return domain.rubric_of_id(rubrics.of_version(task.rubric_version), task.rubric_id)


def _scored(task: Task) -> ArtifactScored:
    outcome, submission = domain.score(task), task.submission
    return ArtifactScored(
        artifact_id=submission.artifact_id,
        student_id=submission.student_id,
        school_id=submission.school_id,
        grade=submission.grade,
        skill_id=submission.skill_id,
        rubric_id=task.rubric_id,
        rubric_version=task.rubric_version,
        criteria=tuple(
            CriterionScore(criterion_id=each.criterion_id, level=each.level, feedback=each.feedback)
            for each in outcome.criteria
        ),
        mean_level=outcome.mean_level,
        scored_at=outcome.scored_at,
    )


def _batches(queued: Iterator[Task]) -> Iterator[list[Task]]:
    while batch := list(islice(queued, _BATCH)):
        yield batch
