"""Scorers ask for the next thing to read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from chassis.http import Call, route
from chassis.service import provides
from contracts.envelope import derived_id
from scoring.domain.routing import SuspendedError
from scoring.entrypoints.permissions import GIVE_READS
from scoring.entrypoints.schemas import tasks as schemas
from scoring.entrypoints.standings import StandingReader
from scoring.repository import Desks, LaneBook, StaffCopies, StudentCopies, TaskQueue, Tasks
from scoring.use_cases.claiming import AtCapacityError, Claim, Desktop, NotAScorerError, claim_task
from scoring.use_cases.reading import rubric_of

PROBLEMS: dict[type[BaseException], int] = {
    NotAScorerError: HTTPStatus.FORBIDDEN,
    SuspendedError: HTTPStatus.FORBIDDEN,
    AtCapacityError: HTTPStatus.CONFLICT,
}


class ClaimRoutes(StandingReader):
    """Gives scorers what they read."""

    lanes: LaneBook = provides(lambda _: LaneBook())

    @route(
        "POST",
        "/v1/scoring/claims",
        permission=GIVE_READS,
        body=schemas.ClaimSchema,
        returns=schemas.ClaimedSchema,
    )
    def claim_task(self, call: Call) -> dict[str, Any]:
        """Take the next task to read, alone and for a while; the same claim again gives the same task."""
        work, scorer_id = call.work, call.principal.subject
        rubrics, calibration = self.rubrics_for(work), self.calibration_for(work)
        claim = Claim(
            lease_id=derived_id("scoring", "lease", work.district, work.cause),
            scorer_id=scorer_id,
            at=work.now,
            **call.body,
        )
        here = Desktop(
            tasks=Tasks(work),
            queue=TaskQueue(work, self.lanes),
            desks=Desks(work),
            students=StudentCopies(work),
            staff=StaffCopies(work),
            rubrics=rubrics,
            standings=calibration,
            seeds=calibration,
            rule=self.workflow_for(work),
            routing=self.routing_for(work),
        )
        task = claim_task(claim, here)
        if task is None:
            return {"task": None}
        return {"task": schemas.with_rubric(task, rubric_of(task, rubrics), scorer_id)}
