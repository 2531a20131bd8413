"""What the clock does to a task; the same question may be asked any number of times, after any outage."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from scoring.domain.tasks.leasing import expire, warn
from scoring.domain.tasks.rules import Workflow
from scoring.domain.tasks.settling import postpone, release, take_step
from scoring.domain.tasks.states import State
from scoring.domain.tasks.task import Task


def wake(task: Task, *, at: datetime, rule: Workflow, in_good_standing: Callable[[str], bool]) -> Task:
    """Do everything that is due; the same task if nothing is.

    Args:
        task: any.
        at: now.
        rule: the district's.
        in_good_standing: whether a scorer's reads of this skill and band may go out.
    """
    held = task.lease
    if held is not None and held.expires_at <= at:
        task = expire(task, at=at, rule=rule)
    elif held is not None and not held.warned and held.warn_at <= at:
        task = warn(task, at=at)
    while task.next_step_at is not None and task.next_step_at <= at:
        task = take_step(task, at=at, rule=rule)
    if task.state is State.HELD and task.release_at is not None and task.release_at <= at:
        if all(in_good_standing(each.scorer_id) for each in task.counting):
            return release(task, at=at)
        return postpone(task, at=at, rule=rule)
    return task
