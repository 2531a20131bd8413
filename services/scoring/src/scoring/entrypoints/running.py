"""What the office does to tasks and scorers, and what the clock does by itself."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog

from chassis.auth import ForbiddenError
from chassis.http import Call, route
from chassis.outbox import utc_now
from chassis.timers import every
from scoring.domain.routing import Desk
from scoring.domain.tasks import IllegalTransitionError
from scoring.entrypoints.permissions import DECLARE_CONFLICTS, OFFICE, RUN_SCORING
from scoring.entrypoints.schemas import running as schemas
from scoring.entrypoints.schemas.tasks import OfficeTaskSchema, for_office
from scoring.entrypoints.standings import StandingReader
from scoring.repository import Desks, Tasks, due_tasks
from scoring.use_cases import deadlines, desks, queueing

log = structlog.get_logger()

#: How late a lease may end, a step be taken or a batch go out.
WAKE_EVERY_S = 5.0

PROBLEMS: dict[type[BaseException], int] = {IllegalTransitionError: HTTPStatus.CONFLICT}


class RunningRoutes(StandingReader):
    """Keeps the queue moving."""

    @every(WAKE_EVERY_S)
    def wake_due_tasks(self) -> None:
        """End leases, urge late reads and release what was held, wherever that is due."""
        while due := due_tasks(utc_now()):
            for district, task_ids in due.items():
                # Each look is a cause of its own: a task may be due again, for another reason.
                work = self.work_for(district, f"wake:{utc_now().isoformat()}")
                deadlines.wake_due_tasks(
                    task_ids,
                    at=work.now,
                    tasks=Tasks(work),
                    desks=Desks(work),
                    standings=self.standings_for(work),
                    rule=self.workflow_for(work),
                )
                log.info("due_tasks_woken", district=district, tasks=len(task_ids))

    @route(
        "POST",
        "/v1/scoring/tasks/<task_id>/moves",
        permission=RUN_SCORING,
        body=schemas.MoveSchema,
        returns=OfficeTaskSchema,
    )
    def move_task(self, call: Call) -> dict[str, Any]:
        """Withdraw a task, return it to its student, or queue it again after it was set aside."""
        task = queueing.move_task(
            call.path["task_id"],
            call.body["to"],
            by=call.principal.subject,
            why=call.body["reason"],
            at=call.work.now,
            tasks=Tasks(call.work),
            rule=self.workflow_for(call.work),
        )
        return for_office(task)

    @route(
        "POST",
        "/v1/scoring/scorers/<scorer_id>/conflicts",
        permission=DECLARE_CONFLICTS,
        body=schemas.ConflictsSchema,
        returns=schemas.DeskSchema,
    )
    def declare_conflicts(self, call: Call) -> Desk:
        """Say whose work a scorer must not read; scorers say it of themselves."""
        scorer_id = call.path["scorer_id"]
        if call.principal.role not in OFFICE and scorer_id != call.principal.subject:
            raise ForbiddenError("a scorer declares their own conflicts only")
        return desks.declare_conflicts(
            scorer_id,
            students=frozenset(call.body["student_ids"]),
            schools=frozenset(call.body["school_ids"]),
            desks=Desks(call.work),
        )

    @route(
        "POST",
        "/v1/scoring/scorers/<scorer_id>/reinstatement",
        permission=RUN_SCORING,
        returns=schemas.DeskSchema,
    )
    def reinstate_scorer(self, call: Call) -> Desk:
        """Let a scorer read again whose leases had expired too often."""
        return desks.reinstate_scorer(call.path["scorer_id"], desks=Desks(call.work))
