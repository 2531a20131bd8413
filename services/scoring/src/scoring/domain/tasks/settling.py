"""Where a task goes once its reads are counted: it waits for another read, is held, or goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from scoring.domain.tasks.counting import outcome_of, score_of
from scoring.domain.tasks.rules import Workflow
from scoring.domain.tasks.states import Stage, State, Step
from scoring.domain.tasks.task import Task, moved, noted

#: Which read a waiting task waits for.
STAGE_OF = {
    State.QUEUED: Stage.FIRST,
    State.QUEUED2: Stage.SECOND,
    State.ADJUDICATION: Stage.ADJUDICATION,
    State.REVIEW_REQUESTED: Stage.REVIEW,
    State.CLEAN_REREAD: Stage.REVIEW,
}
#: What a task becomes when such a read is opened.
LEASED_FOR = {
    Stage.FIRST: State.LEASED,
    Stage.SECOND: State.LEASED2,
    Stage.ADJUDICATION: State.LEASED_ADJUDICATION,
    Stage.REVIEW: State.LEASED_REVIEW,
}


def waits(task: Task, stage: Stage, *, at: datetime, rule: Workflow) -> Task:
    """Start the clock of the read that is waited for from now on."""
    days = rule.deadlines.of(stage, grade=task.submission.grade, since=at)
    due_at = rule.deadlines.calendar.after(at, days)
    begun = replace(task, stage_since=at, due_at=due_at, steps=(), release_at=None)
    return replace(begun, next_step_at=_next_step(begun, rule))


def settle(task: Task, *, at: datetime, rule: Workflow, why: str = "") -> Task:
    """Send a task where its counting reads lead, and on to its release if that is now."""
    target = outcome_of(task, rule)
    if target in STAGE_OF:
        going = moved(task, target, at=at, what=str(target), why=why or ", ".join(task.second_because))
        return waits(going, STAGE_OF[target], at=at, rule=rule)
    task = moved(task, target, at=at, what=str(target), why=why)
    task = moved(task, State.HELD, at=at, what="held")
    quiet = _clockless(task)
    held = replace(quiet, held=score_of(task), release_at=rule.release_after(at))
    return release(held, at=at) if rule.release_time is None else held


def release(task: Task, *, at: datetime) -> Task:
    """Let a held score out.

    Raises:
        IllegalTransitionError: if it is not held.
    """
    out = moved(task, State.RELEASED, at=at, what="released")
    assert out.held is not None  # what is held has its score
    return replace(_clockless(out), held=None, score=replace(out.held, released_at=at))


def postpone(task: Task, *, at: datetime, rule: Workflow) -> Task:
    """Leave a score held until the next batch: one of its scorers is not in good standing."""
    return replace(
        noted(task, at=at, what="postponed", why="scorer_not_in_good_standing"),
        # A district that releases at once has no next batch; nobody is asked again within the hour then.
        release_at=max(rule.release_after(at), at + timedelta(hours=1)),
    )


def take_step(task: Task, *, at: datetime, rule: Workflow) -> Task:
    """Do what is due because a read is late; each step once, in their order."""
    assert task.next_step_at is not None  # only called when one is due
    step = next(each for each in Step if each not in task.steps)
    done = replace(noted(task, at=at, what=str(step), why="late"), steps=(*task.steps, step))
    return replace(done, next_step_at=_next_step(done, rule))


def stop_clock(task: Task) -> Task:
    """Return the task with nothing to wait for."""
    return _clockless(task)


def _clockless(task: Task) -> Task:
    return replace(task, lease=None, due_at=None, next_step_at=None, steps=(), release_at=None)


def _next_step(task: Task, rule: Workflow) -> datetime | None:
    assert task.stage_since is not None  # set by whoever starts the clock
    left = [each for each in Step if each not in task.steps]
    if not left:
        return None
    assert task.due_at is not None  # set with stage_since
    stage = STAGE_OF.get(task.state) or (task.lease.stage if task.lease else Stage.FIRST)
    days = rule.deadlines.of(stage, grade=task.submission.grade, since=task.stage_since)
    return rule.deadlines.calendar.after(task.stage_since, days * rule.deadlines.steps[left[0]])
