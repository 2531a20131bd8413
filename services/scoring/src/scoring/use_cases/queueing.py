"""New artifacts into the queue, and what the office does to those that are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from contracts.artifacts import ArtifactUploaded
from contracts.base import Fact
from contracts.envelope import derived_id
from scoring.domain import tasks as workflow
from scoring.domain.rubrics import rubric_for
from scoring.domain.tasks import NoTaskError, State, Submission, Task, Workflow
from scoring.use_cases.news import news
from scoring.use_cases.ports import DecideTask, Tasks
from scoring.use_cases.rubrics import Rubrics


def task_id_of(artifact_id: str) -> str:
    """Return the id of an artifact's task: an artifact has one, however often we hear of it."""
    return derived_id("scoring", "task", artifact_id)


def open_task(
    uploaded: ArtifactUploaded, *, at: datetime, tasks: Tasks, rubrics: Rubrics, rule: Workflow
) -> None:
    """Freeze what a student handed in, under the rubric version in force, and queue it.

    A newer upload of theirs is another artifact with a task of its own: what is being scored never changes.

    Raises:
        NoRubricError: if the district has no rubric for the artifact's skill and grade.
    """
    submission = Submission(
        artifact_id=uploaded.artifact_id,
        student_id=uploaded.student_id,
        school_id=uploaded.school_id,
        grade=uploaded.grade,
        skill_id=uploaded.skill_id,
        title=uploaded.title,
        reflection=uploaded.reflection,
        media_type=uploaded.media_type,
        sha256=uploaded.sha256,
        assignment_id=uploaded.assignment_id,
    )
    task_id = task_id_of(uploaded.artifact_id)
    rubric = rubric_for(rubrics.current(at), skill_id=uploaded.skill_id, grade=uploaded.grade)
    task = workflow.submit(task_id, submission, rubric, at=at, rule=rule)
    tasks.create(task_id, lambda current: (task, news(None, task)) if current is None else None)


def move_task(
    task_id: str, to: str, *, by: str, why: str, at: datetime, tasks: Tasks, rule: Workflow
) -> Task:
    """Do what the office asks: withdraw, return or queue again.

    Args:
        task_id: which one.
        to: `withdrawn`, `returned` or `queued`.
        by: who wants it.
        why: their reason, for the history.
        at: when.
        tasks: where tasks are.
        rule: the district's.

    Raises:
        LookupError: if there is no such task.
        IllegalTransitionError: if it cannot go there.
    """

    def change(task: Task) -> Task:
        if to == State.QUEUED:
            return workflow.requeue(task, by=by, why=why, at=at, rule=rule)
        return workflow.set_aside(task, State(to), by=by, why=why, at=at)

    return changed(task_id, change, tasks)


def nominate_artifact(artifact_id: str, *, by: str, at: datetime, tasks: Tasks, rule: Workflow) -> Task:
    """Note that a student wants to be judged by an artifact.

    Raises:
        LookupError: if it has no task that the caller may see.
    """

    def change(task: Task) -> Task:
        return workflow.nominate(task, by=by, at=at, rule=rule)

    return changed(task_id_of(artifact_id), change, tasks)


def changed(task_id: str, change: Callable[[Task], Task], tasks: Tasks) -> Task:
    """Change a task that exists, and say what is new; a change to the same task writes nothing.

    Raises:
        LookupError: if there is no such task.
    """
    task = tasks.change(task_id, deciding(change))
    if task is None:
        raise NoTaskError(f"there is no task {task_id}")
    return task


def deciding(change: Callable[[Task], Task]) -> DecideTask:
    """Return a change of a task as a decision of its repository."""

    def decide(current: Task | None) -> tuple[Task, Sequence[Fact]] | None:
        if current is None:
            return None
        after = change(current)
        return None if after is current else (after, news(current, after))

    return decide
