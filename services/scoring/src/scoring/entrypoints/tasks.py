"""Artifacts in, and what scorers say of what they have open."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from chassis.auth import ForbiddenError, Principal
from chassis.http import Call, page_schema, route
from chassis.messaging import consumes
from chassis.mongo import Page
from chassis.outbox import UnitOfWork
from contracts.artifacts import ARTIFACT_UPLOADED, ArtifactUploaded
from scoring.domain.rubrics import LevelsDoNotFitError
from scoring.domain.tasks import (
    AlreadyReadError,
    LeaseExpiredError,
    NotYourTaskError,
    UnknownCodeError,
)
from scoring.entrypoints.permissions import GIVE_READS, OFFICE, READ_TASKS
from scoring.entrypoints.schemas import tasks as schemas
from scoring.entrypoints.standings import StandingReader
from scoring.repository import Tasks
from scoring.use_cases import queueing, reading

PROBLEMS: dict[type[BaseException], int] = {
    NotYourTaskError: HTTPStatus.FORBIDDEN,
    LeaseExpiredError: HTTPStatus.CONFLICT,
    AlreadyReadError: HTTPStatus.CONFLICT,
    LevelsDoNotFitError: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownCodeError: HTTPStatus.UNPROCESSABLE_ENTITY,
}


class TaskRoutes(StandingReader):
    """Opens tasks and takes reads."""

    @consumes(ARTIFACT_UPLOADED)
    def on_artifact_uploaded(self, event: ArtifactUploaded, work: UnitOfWork) -> None:
        """Open the artifact's task."""
        queueing.open_task(
            event,
            at=work.now,
            tasks=Tasks(work),
            rubrics=self.rubrics_for(work),
            rule=self.workflow_for(work),
        )

    @route(
        "GET",
        "/v1/scoring/tasks",
        permission=READ_TASKS,
        query=schemas.TasksQuerySchema,
        returns=page_schema(schemas.OfficeTaskSchema),
    )
    def list_tasks(self, call: Call) -> Page[dict[str, Any]]:
        """List tasks: a scorer sees what they have open, or what they have read."""
        scorer_id = _scorer_asked_for(call.principal, call.query["scorer_id"])
        state, place = call.query["state"], {name: call.query[name] for name in ("cursor", "limit")}
        tasks = Tasks(call.work)
        if state == schemas.READ:
            found = tasks.page(**place, readers=scorer_id)
        elif state in (None, schemas.OPEN) or not _is_office(call.principal):
            found = tasks.page(**place, scorer_id=scorer_id)
        else:
            found = tasks.page(**place, state=state, scorer_id=scorer_id)
        if _is_office(call.principal):
            return found.map(schemas.for_office)
        return found.map(lambda task: schemas.blind(task, call.principal.subject))

    @route(
        "GET",
        "/v1/scoring/tasks/<task_id>",
        permission=READ_TASKS,
        returns=schemas.TaskWithRubricSchema,
    )
    def show_task(self, call: Call) -> dict[str, Any]:
        """Show a task with its rubric; a scorer sees what they have open or have read."""
        scorer_id = None if _is_office(call.principal) else call.principal.subject
        task, rubric = reading.show_task(
            call.path["task_id"],
            scorer_id=scorer_id,
            at=call.work.now,
            tasks=Tasks(call.work),
            rubrics=self.rubrics_for(call.work),
        )
        return schemas.with_rubric(task, rubric, scorer_id)

    @route(
        "POST",
        "/v1/scoring/tasks/<task_id>/reads",
        permission=GIVE_READS,
        body=schemas.ReadSchema,
        returns=schemas.GivenReadSchema,
        status=HTTPStatus.CREATED,
    )
    def give_read(self, call: Call) -> dict[str, Any]:
        """Give the levels of an artifact, one a criterion; the same read once more changes nothing."""
        task = reading.give_read(
            call.path["task_id"],
            call.body["levels"],
            scorer_id=call.principal.subject,
            at=call.work.now,
            tasks=Tasks(call.work),
            rubrics=self.rubrics_for(call.work),
            standings=self.standings_for(call.work),
            rule=self.workflow_for(call.work),
        )
        return schemas.given_read(task, call.principal.subject)

    @route(
        "POST",
        "/v1/scoring/tasks/<task_id>/unscorable",
        permission=GIVE_READS,
        body=schemas.UnscorableSchema,
    )
    def find_unscorable(self, call: Call) -> None:
        """Say that the rubric cannot be applied to what the caller has open, and why."""
        reading.find_unscorable(
            call.path["task_id"], call.body["code"], **_by(call), rule=self.workflow_for(call.work)
        )

    @route(
        "POST",
        "/v1/scoring/tasks/<task_id>/safeguarding",
        permission=GIVE_READS,
        body=schemas.ReasonSchema,
    )
    def raise_safeguarding(self, call: Call) -> None:
        """Set aside what the caller has open, because somebody should look after its student."""
        reading.raise_safeguarding(call.path["task_id"], call.body["reason"], **_by(call))

    @route(
        "POST",
        "/v1/scoring/tasks/<task_id>/return",
        permission=GIVE_READS,
        body=schemas.ReasonSchema,
    )
    def give_back(self, call: Call) -> None:
        """Give back what the caller cannot read, such as the work of somebody they know."""
        reading.give_back(
            call.path["task_id"], call.body["reason"], **_by(call), rule=self.workflow_for(call.work)
        )


def _by(call: Call) -> dict[str, Any]:
    return {"scorer_id": call.principal.subject, "at": call.work.now, "tasks": Tasks(call.work)}


def _is_office(principal: Principal) -> bool:
    return principal.role in OFFICE


def _scorer_asked_for(principal: Principal, named: str | None) -> str | None:
    """Return whose tasks a caller may see: the office everybody's, a scorer only their own."""
    if _is_office(principal):
        return named
    if named not in (None, principal.subject):
        raise ForbiddenError("a scorer sees their own tasks only")
    return principal.subject
