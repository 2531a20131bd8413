"""How a task comes to be: frozen, screened and queued."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scoring.domain.rubrics import Rubric
from scoring.domain.tasks.rules import Workflow
from scoring.domain.tasks.settling import waits
from scoring.domain.tasks.states import Purpose, Stage, State
from scoring.domain.tasks.task import RULE, Entry, Lease, Submission, Task, moved

#: The reason of an artifact that no scorer could open.
UNREADABLE = "unreadable"


def submit(task_id: str, submission: Submission, rubric: Rubric, *, at: datetime, rule: Workflow) -> Task:
    """Return the task of a new artifact: queued, or returned if nobody could open what was handed in."""
    task = _new(task_id, submission, rubric, at=at)
    if not _readable(submission.media_type, rule.media_types):
        return moved(task, State.RETURNED, at=at, what="returned", why=UNREADABLE)
    task = moved(task, State.SCREENED, at=at, what="screened")
    task = moved(task, State.QUEUED, at=at, what="queued")
    return waits(task, Stage.FIRST, at=at, rule=rule)


def open_paper(
    task_id: str, submission: Submission, rubric: Rubric, lease: Lease, *, purpose: Purpose
) -> Task:
    """Return the task of a paper that one scorer has open at once; to them it is a task like any other."""
    at = lease.leased_at
    task = replace(_new(task_id, submission, rubric, at=at), purpose=purpose)
    task = moved(task, State.SCREENED, at=at, what="screened")
    task = moved(task, State.QUEUED, at=at, what="queued")
    return replace(moved(task, State.LEASED, at=at, by=lease.scorer_id, what="leased"), lease=lease)


def _new(task_id: str, submission: Submission, rubric: Rubric, *, at: datetime) -> Task:
    return Task(
        task_id=task_id,
        submission=submission,
        rubric_id=rubric.rubric_id,
        rubric_version=rubric.version,
        band=rubric.band,
        state=State.SUBMITTED,
        opened_at=at,
        history=(
            Entry(at=at, by=submission.student_id or RULE, what="submitted", why="", state=State.SUBMITTED),
        ),
    )


def _readable(media_type: str, known: tuple[str, ...]) -> bool:
    return any(media_type == each or (each.endswith("/") and media_type.startswith(each)) for each in known)
