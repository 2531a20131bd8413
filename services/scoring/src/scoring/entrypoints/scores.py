"""Scores that are out: shown, nominated, reviewed, and doubted."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from chassis.disclosures import READ_DISCLOSURES, Disclosure, Disclosures, DisclosureSchema
from chassis.http import Call, PageQuerySchema, page_schema, route
from chassis.messaging import consumes
from chassis.mongo import Page
from chassis.outbox import UnitOfWork
from contracts.scoring import SCORER_PAUSED, ScorerPaused
from scoring.domain.tasks import Task
from scoring.domain.tasks.reviewing import ReviewRefusedError
from scoring.entrypoints.permissions import (
    NOMINATE,
    OFFICE,
    READ_HISTORY,
    READ_SCORES,
    REQUEST_REVIEWS,
)
from scoring.entrypoints.policies import PolicyReader
from scoring.entrypoints.schemas import scores as schemas
from scoring.repository import Tasks
from scoring.use_cases import queueing, reviewing

PROBLEMS: dict[type[BaseException], int] = {ReviewRefusedError: HTTPStatus.CONFLICT}


class ScoreRoutes(PolicyReader):
    """Shows scores and what led to them, and who has seen them."""

    @consumes(SCORER_PAUSED)
    def on_scorer_paused(self, event: ScorerPaused, work: UnitOfWork) -> None:
        """Void what a stopped scorer has read since their last good seed, and have it read again."""
        reviewing.quarantine_reads(event, at=work.now, tasks=Tasks(work), rule=self.workflow_for(work))

    @route(
        "GET",
        "/v1/scoring/scores",
        permission=READ_SCORES,
        query=schemas.ScoresQuerySchema,
        returns=page_schema(schemas.ScoreSchema),
    )
    def list_scores(self, call: Call) -> Page[dict[str, Any]]:
        """List the scores of a student's artifacts; a reading by anybody but the family is kept."""
        found = Tasks(call.work).page(
            cursor=call.query["cursor"],
            limit=call.query["limit"],
            student_id=call.query["student_id"],
            scored=True,
        )
        read = [(call.query["student_id"], task.submission.artifact_id) for task in found.items]
        Disclosures(call.work).note(call.principal, "scores", read)
        return found.map(schemas.scored)

    @route(
        "POST",
        "/v1/scoring/nominations",
        permission=NOMINATE,
        body=schemas.NominationSchema,
    )
    def nominate_artifact(self, call: Call) -> None:
        """Say that a student wants to be judged by an artifact; a score near the cut is confirmed then."""
        queueing.nominate_artifact(
            call.body["artifact_id"],
            by=call.principal.subject,
            at=call.work.now,
            tasks=Tasks(call.work),
            rule=self.workflow_for(call.work),
        )

    @route(
        "POST",
        "/v1/scoring/reviews",
        permission=REQUEST_REVIEWS,
        body=schemas.ReviewRequestSchema,
        returns=schemas.ScoreSchema,
        status=HTTPStatus.CREATED,
    )
    def request_review(self, call: Call) -> dict[str, Any]:
        """Ask that a score be looked at again, once, by two people who have not read the artifact."""
        task = reviewing.request_review(
            call.body["artifact_id"],
            call.body["reason"],
            by=call.principal.subject,
            at=call.work.now,
            tasks=Tasks(call.work),
            rule=self.workflow_for(call.work),
        )
        self._note_reading(call, task)
        return schemas.scored(task)

    @route(
        "GET",
        "/v1/scoring/artifacts/<artifact_id>/history",
        permission=READ_HISTORY,
        returns=schemas.TaskHistorySchema,
    )
    def show_task_history(self, call: Call) -> dict[str, Any]:
        """Show everything that led to an artifact's score; only the office sees who read it."""
        task = Tasks(call.work).get(queueing.task_id_of(call.path["artifact_id"]))
        self._note_reading(call, task)
        return schemas.history(task, names=call.principal.role in OFFICE)

    @route(
        "GET",
        "/v1/scoring/students/<student_id>/disclosures",
        permission=READ_DISCLOSURES,
        query=PageQuerySchema,
        returns=page_schema(DisclosureSchema),
    )
    def list_disclosures(self, call: Call) -> Page[Disclosure]:
        """List who has read a student's scores."""
        return Disclosures(call.work).of_student(call.path["student_id"], **call.query)

    def _note_reading(self, call: Call, task: Task) -> None:
        about = task.submission
        if about.student_id is not None:
            Disclosures(call.work).note(call.principal, "scores", [(about.student_id, about.artifact_id)])
