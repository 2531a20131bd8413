"""What the clock does: leases end, late reads are urged, held scores go out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from contracts.base import Fact
from contracts.scoring import SCORER_SUSPENDED, ScorerSuspended
from scoring.domain import tasks as workflow
from scoring.domain.routing import Desk, note_expiry
from scoring.domain.tasks import LeaseRule, Task, Workflow
from scoring.use_cases.ports import Desks, Standings, Tasks
from scoring.use_cases.queueing import deciding


def wake_due_tasks(
    due: Iterable[str],
    *,
    at: datetime,
    tasks: Tasks,
    desks: Desks,
    standings: Standings,
    rule: Workflow,
) -> None:
    """Do what is due of tasks that are looked for anew each time: nothing is remembered outside the store."""
    for task_id in due:
        _note_expired_lease(task_id, at=at, tasks=tasks, desks=desks, rule=rule.lease)

        def wake(task: Task) -> Task:
            def in_good_standing(scorer_id: str) -> bool:
                skill_id = task.submission.skill_id
                return not standings.may_read(scorer_id, skill_id, task.band, at).paused

            return workflow.wake(task, at=at, rule=rule, in_good_standing=in_good_standing)

        tasks.change(task_id, deciding(wake))


def _note_expired_lease(task_id: str, *, at: datetime, tasks: Tasks, desks: Desks, rule: LeaseRule) -> None:
    """Note on the scorer's desk that a lease expired, before the task forgets it; twice is once."""
    held = tasks.get(task_id).lease
    if held is None or held.expires_at > at:
        return

    def note(current: Desk | None) -> tuple[Desk, Sequence[Fact]] | None:
        desk = current or Desk(scorer_id=held.scorer_id)
        after = note_expiry(desk, held.lease_id, at=at, rule=rule)
        if after is desk:
            return None
        if after.suspended_at == desk.suspended_at:
            return after, ()
        suspended = ScorerSuspended(scorer_id=held.scorer_id, expiries=len(after.expiries), suspended_at=at)
        return after, [SCORER_SUSPENDED.says(suspended)]

    desks.change(held.scorer_id, note)
