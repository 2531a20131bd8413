"""Calibration: reads that are heard of, papers that the office sets, and sets that scorers open."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from chassis.auth import ForbiddenError, Principal
from chassis.http import Call, page_schema, route
from chassis.messaging import consumes
from chassis.mongo import Page
from chassis.outbox import UnitOfWork
from contracts.scoring import READ_GIVEN, ReadGiven
from scoring.domain.calibration.papers import Paper, WrongPurposeError
from scoring.domain.calibration.record import AttemptError, NotEnoughPapersError, ScorerRecord
from scoring.domain.rubrics import CriterionLevel
from scoring.domain.tasks import Purpose
from scoring.entrypoints.permissions import (
    GIVE_READS,
    OFFICE,
    READ_CALIBRATIONS,
    SET_PAPERS,
    STEER_SCORERS,
)
from scoring.entrypoints.schemas import calibration as schemas
from scoring.entrypoints.standings import StandingReader
from scoring.repository import Papers, ScorerRecords, Tasks
from scoring.use_cases import calibrating
from scoring.use_cases.calibrating import Settled
from scoring.use_cases.standings import record_id_of

PROBLEMS: Mapping[type[BaseException], int] = {
    AttemptError: HTTPStatus.CONFLICT,
    NotEnoughPapersError: HTTPStatus.CONFLICT,
    WrongPurposeError: HTTPStatus.UNPROCESSABLE_ENTITY,
}


class CalibrationRoutes(StandingReader):
    """Qualifies scorers, and stops those who stray."""

    @consumes(READ_GIVEN)
    def on_read_given(self, event: ReadGiven, work: UnitOfWork) -> None:
        """Count a read; mark it if it is of a paper."""
        calibrating.take_read(
            event,
            records=ScorerRecords(work),
            papers=Papers(work),
            rules=self.calibration_rules_for(work),
        )

    @route(
        "PUT",
        "/v1/scoring/papers/<artifact_id>",
        permission=SET_PAPERS,
        body=schemas.PaperBodySchema,
        returns=schemas.PaperSchema,
    )
    def set_paper(self, call: Call) -> Paper:
        """Make an artifact a paper of settled levels, for practice, for qualifying or as a seed."""
        settled = Settled(
            levels=tuple(CriterionLevel(**each, feedback="") for each in call.body["levels"]),
            purpose=Purpose(call.body["purpose"]),
            rationale=call.body["rationale"],
        )
        return calibrating.make_paper(
            call.path["artifact_id"],
            settled,
            by=call.principal.subject,
            at=call.work.now,
            artifacts=Tasks(call.work),
            rubrics=self.rubrics_for(call.work),
            papers=Papers(call.work),
        )

    @route("DELETE", "/v1/scoring/papers/<artifact_id>", permission=SET_PAPERS, returns=schemas.PaperSchema)
    def retire_paper(self, call: Call) -> Paper:
        """Give a paper to nobody any more."""
        return calibrating.retire_paper(call.path["artifact_id"], papers=Papers(call.work))

    @route(
        "GET",
        "/v1/scoring/papers",
        permission=SET_PAPERS,
        query=schemas.PapersQuerySchema,
        returns=page_schema(schemas.PaperSchema),
    )
    def list_papers(self, call: Call) -> Page[Paper]:
        """List papers, with their settled levels."""
        return Papers(call.work).page(**call.query)

    @route(
        "POST",
        "/v1/scoring/calibrations",
        permission=GIVE_READS,
        body=schemas.SetBodySchema,
        returns=schemas.CalibrationSchema,
        status=HTTPStatus.CREATED,
    )
    def open_set(self, call: Call) -> dict[str, Any]:
        """Open a practice or qualifying set; its papers come as tasks do."""
        scorer_id, skill_id, band = call.principal.subject, call.body["skill_id"], call.body["band"]
        record = calibrating.open_set(
            scorer_id,
            skill_id,
            band,
            Purpose(call.body["purpose"]),
            at=call.work.now,
            records=ScorerRecords(call.work),
            papers=Papers(call.work),
            rules=self.calibration_rules_for(call.work),
        )
        return _shown(record)

    @route(
        "GET",
        "/v1/scoring/calibrations",
        permission=READ_CALIBRATIONS,
        query=schemas.CalibrationsQuerySchema,
        returns=page_schema(schemas.CalibrationSchema),
    )
    def list_calibrations(self, call: Call) -> Page[dict[str, Any]]:
        """List how scorers stand; a scorer sees their own."""
        found = ScorerRecords(call.work).page(
            cursor=call.query["cursor"],
            limit=call.query["limit"],
            scorer_id=_scorer_asked_for(call.principal, call.query["scorer_id"]),
        )
        return found.map(_shown)

    @route(
        "POST",
        "/v1/scoring/calibrations/<calibration_id>/training",
        permission=STEER_SCORERS,
        returns=schemas.CalibrationSchema,
    )
    def confirm_training(self, call: Call) -> dict[str, Any]:
        """Say that a scorer who failed too often was trained, and may try again."""
        return _shown(calibrating.confirm_training(call.path["calibration_id"], **self._steering(call)))

    @route(
        "POST",
        "/v1/scoring/calibrations/<calibration_id>/stop",
        permission=STEER_SCORERS,
        returns=schemas.CalibrationSchema,
    )
    def stop_scorer(self, call: Call) -> dict[str, Any]:
        """Stop a scorer in a skill and band; what they read since their last good seed is read again."""
        return _shown(calibrating.stop_scorer(call.path["calibration_id"], **self._steering(call)))

    def _steering(self, call: Call) -> dict[str, Any]:
        return {
            "by": call.principal.subject,
            "at": call.work.now,
            "records": ScorerRecords(call.work),
            "rules": self.calibration_rules_for(call.work),
        }


def _shown(record: ScorerRecord) -> dict[str, Any]:
    return schemas.calibration(record_id_of(record.scorer_id, record.skill_id, record.band), record)


def _scorer_asked_for(principal: Principal, named: str | None) -> str | None:
    """Return whose records a caller may see: the office everybody's, a scorer only their own."""
    if principal.role in OFFICE:
        return named
    if named not in (None, principal.subject):
        raise ForbiddenError("a scorer sees their own calibration only")
    return principal.subject
