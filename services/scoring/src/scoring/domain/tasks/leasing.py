"""Leases: one scorer has a task open, for a while."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scoring.domain.tasks.counting import outcome_of
from scoring.domain.tasks.rules import LeaseRule, Workflow
from scoring.domain.tasks.settling import LEASED_FOR, STAGE_OF, settle, stop_clock
from scoring.domain.tasks.states import (
    OPEN,
    IllegalTransitionError,
    LeaseExpiredError,
    NotYourTaskError,
    Purpose,
    Stage,
    State,
)
from scoring.domain.tasks.task import RULE, Lease, Task, moved, noted


def make_lease(
    lease_id: str, scorer_id: str, stage: Stage, *, slot: int, at: datetime, rule: LeaseRule
) -> Lease:
    """Return a lease that begins now."""
    return Lease(
        lease_id=lease_id,
        scorer_id=scorer_id,
        stage=stage,
        slot=slot,
        leased_at=at,
        warn_at=at + rule.warn_after,
        expires_at=at + rule.length,
    )


def lease(task: Task, lease_id: str, scorer_id: str, *, slot: int, at: datetime, rule: LeaseRule) -> Task:
    """Open a waiting task for a scorer.

    Raises:
        IllegalTransitionError: if it does not wait, or the scorer may not open it.
    """
    if task.pool is None or task.lease is not None:
        raise IllegalTransitionError(f"a task that is {task.state} cannot be opened")
    if scorer_id in task.involved:
        raise IllegalTransitionError("a scorer cannot open a task twice")
    stage = STAGE_OF[task.state]
    given = make_lease(lease_id, scorer_id, stage, slot=slot, at=at, rule=rule)
    opened = moved(task, LEASED_FOR[stage], at=at, by=scorer_id, what="leased", why=str(stage))
    return replace(opened, lease=given)


def check_lease(task: Task, scorer_id: str, *, at: datetime) -> Lease:
    """Return the scorer's lease.

    Raises:
        NotYourTaskError: if the scorer never had one.
        LeaseExpiredError: if it is over.
    """
    held = task.lease
    if held is not None and held.scorer_id == scorer_id:
        if at < held.expires_at:
            return held
        raise LeaseExpiredError("the time to read this task is over")
    if any(each.by == scorer_id and each.what == "leased" for each in task.history):
        raise LeaseExpiredError("the time to read this task is over")
    raise NotYourTaskError("this task is not open for this caller")


def give_back(task: Task, scorer_id: str, *, at: datetime, rule: Workflow, why: str) -> Task:
    """End a lease because the scorer cannot read this task; they do not get it again.

    Raises:
        NotYourTaskError, LeaseExpiredError: as check_lease does.
    """
    check_lease(task, scorer_id, at=at)
    returned = end_lease(task, at=at, by=scorer_id, what="given_back", why=why, rule=rule)
    return replace(returned, declined=(*returned.declined, scorer_id))


def expire(task: Task, *, at: datetime, rule: Workflow) -> Task:
    """End a lease whose time is over; the task waits again."""
    return end_lease(task, at=at, by=RULE, what="expired", why="no_read_in_time", rule=rule)


def warn(task: Task, *, at: datetime) -> Task:
    """Note that the scorer is told that their time is nearly over."""
    assert task.lease is not None  # only called with a lease
    return replace(noted(task, at=at, what="warned"), lease=replace(task.lease, warned=True))


def end_lease(task: Task, *, at: datetime, by: str, what: str, why: str, rule: Workflow) -> Task:
    """Take a task from whoever has it open, back to where it waits; its deadline runs on."""
    if task.state not in OPEN:
        raise IllegalTransitionError(f"a task that is {task.state} is not open")
    if task.purpose is not Purpose.ARTIFACT:
        # A paper was for this scorer alone.
        return stop_clock(moved(task, State.FILED, at=at, by=by, what=what, why=why))
    target = waiting_state(task, rule)
    ended = replace(noted(task, at=at, by=by, what=what, why=why), lease=None)
    if target in STAGE_OF:
        return moved(ended, target, at=at, what=str(target))
    # A newer version of the rules may be content with the reads that there are.
    return settle(ended, at=at, rule=rule)


def waiting_state(task: Task, rule: Workflow) -> State:
    """Return the state in which a task that is open, or set aside, waits for its next read."""
    if task.review is not None:
        return State.CLEAN_REREAD if task.rereads else State.REVIEW_REQUESTED
    return outcome_of(task, rule)
