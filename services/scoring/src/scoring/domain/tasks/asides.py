"""What the office, the student's choice or a stopped scorer does to a task from outside the queue."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scoring.domain.tasks.counting import is_decisive, outcome_of
from scoring.domain.tasks.leasing import end_lease, waiting_state
from scoring.domain.tasks.rules import Workflow
from scoring.domain.tasks.settling import STAGE_OF, settle, stop_clock, waits
from scoring.domain.tasks.states import OPEN, IllegalTransitionError, Purpose, State
from scoring.domain.tasks.task import Task, moved, noted

#: Why a read is void.
STOPPED = "scorer_stopped"


def set_aside(task: Task, state: State, *, by: str, why: str, at: datetime) -> Task:
    """Withdraw or return a task that has no released score.

    Raises:
        IllegalTransitionError: if it has one, or is set aside already.
    """
    return stop_clock(moved(task, state, at=at, by=by, what=str(state), why=why))


def requeue(task: Task, *, by: str, why: str, at: datetime, rule: Workflow) -> Task:
    """Let a task that was set aside be read after all; its reads count as before.

    Raises:
        IllegalTransitionError: if it was not set aside, or for good.
    """
    if task.state not in (State.UNSCORABLE, State.SAFEGUARDING):
        raise IllegalTransitionError(f"a task that is {task.state} cannot be queued again")
    task = noted(task, at=at, by=by, what="requeued", why=why)
    target = waiting_state(task, rule)
    if task.review is None:
        return settle(task, at=at, rule=rule)
    return waits(moved(task, target, at=at, what=str(target)), STAGE_OF[target], at=at, rule=rule)


def nominate(task: Task, *, by: str, at: datetime, rule: Workflow) -> Task:
    """Note that the student wants to be judged by this artifact; a score near the cut is confirmed first.

    A score that is out stays out until the second read has confirmed or replaced it.
    """
    if task.nominated:
        return task
    task = replace(noted(task, at=at, by=by, what="nominated"), nominated=True)
    if task.state not in (State.HELD, State.RELEASED):
        return task
    decisive = len(task.counting) == 1 and is_decisive(task, task.counting[0], rule.second, rule.agreement)
    if decisive:
        task = replace(task, second_because=(*task.second_because, "nominated"))
    if outcome_of(task, rule) in STAGE_OF:
        return settle(task, at=at, rule=rule, why="nominated")
    return task


def quarantine(task: Task, scorer_id: str, *, since: datetime, at: datetime, rule: Workflow) -> Task:
    """Void what a stopped scorer has read of a task since a time, and take it from them.

    The void reads are kept. The task goes where its other reads lead; a review is decided by its rereads.
    """
    if task.purpose is not Purpose.ARTIFACT:
        return task
    if task.lease is not None and task.lease.scorer_id == scorer_id:
        task = end_lease(task, at=at, by="rule", what="taken_back", why=STOPPED, rule=rule)
        task = replace(task, declined=(*task.declined, scorer_id))
    reads = tuple(
        replace(each, void=STOPPED)
        if each.counts and each.scorer_id == scorer_id and each.given_at >= since
        else each
        for each in task.reads
    )
    if reads == task.reads:
        return task
    voided = replace(task, reads=reads, held=None)
    if task.review is not None or task.state in (State.WITHDRAWN, State.RETURNED):
        return noted(voided, at=at, what="voided", why=STOPPED)
    if task.state in (State.UNSCORABLE, State.SAFEGUARDING):
        return noted(voided, at=at, what="voided", why=STOPPED)
    in_doubt = moved(voided, State.QUARANTINED, at=at, what="quarantined", why=STOPPED)
    in_doubt = replace(in_doubt, score=None)
    if task.state in OPEN:
        return moved(in_doubt, task.state, at=at, what="kept_open", why=STOPPED)
    return settle(in_doubt, at=at, rule=rule, why=STOPPED)
