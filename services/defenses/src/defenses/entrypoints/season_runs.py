"""Runs for many schools, or for the whole district."""

from __future__ import annotations

from http import HTTPStatus

from chassis.http import Call, route
from contracts.envelope import derived_id
from defenses.domain.defenses import Note
from defenses.domain.runs import Publication
from defenses.domain.season_runs import SeasonRun
from defenses.entrypoints.permissions import PLAN_DEFENSES
from defenses.entrypoints.schemas import scheduling as schemas
from defenses.entrypoints.schemas.changes import PublicationBodySchema
from defenses.repository import Availabilities, ScheduleRuns, Schools
from defenses.use_cases import requesting


class SeasonRunRoutes:
    """Schedules many schools by one request; the timers of single runs carry it out."""

    @route(
        "POST",
        "/v1/season-runs",
        permission=PLAN_DEFENSES,
        body=schemas.SeasonRunBodySchema,
        returns=schemas.SeasonRunSchema,
        status=HTTPStatus.ACCEPTED,
    )
    def request_season_run(self, call: Call) -> SeasonRun:
        """Ask for the ready students of many schools to be scheduled, of all schools if none is named."""
        return requesting.request_season(
            derived_id("season-run", call.work.district, call.work.cause),
            call.body["school_ids"],
            schools=Schools(call.work),
            availabilities=Availabilities(call.work),
            runs=ScheduleRuns(call.work),
            now=call.work.now,
            publish=call.body["publish"],
        )

    @route(
        "GET",
        "/v1/season-runs/<season_run_id>",
        permission=PLAN_DEFENSES,
        returns=schemas.SeasonRunSchema,
    )
    def show_season_run(self, call: Call) -> SeasonRun:
        """Show how far the runs of a request are."""
        return requesting.season_run(call.path["season_run_id"], runs=ScheduleRuns(call.work))

    @route(
        "POST",
        "/v1/season-runs/<season_run_id>/cancellation",
        permission=PLAN_DEFENSES,
        body=schemas.StopBodySchema,
        returns=schemas.SeasonRunSchema,
        status=HTTPStatus.ACCEPTED,
    )
    def stop_season_run(self, call: Call) -> SeasonRun:
        """End all searches of a request; those that have not begun are cancelled."""
        return requesting.stop_season(
            call.path["season_run_id"], call.body["stop"], runs=ScheduleRuns(call.work), now=call.work.now
        )

    @route(
        "POST",
        "/v1/season-runs/<season_run_id>/publish",
        permission=PLAN_DEFENSES,
        body=PublicationBodySchema,
        returns=schemas.SeasonRunSchema,
        status=HTTPStatus.ACCEPTED,
    )
    def publish_season_run(self, call: Call) -> SeasonRun:
        """Let the drafts of a request, or of some of its schools, be published; families hear of them."""
        note = Note(
            cause="published", reason=call.body["reason"], by=call.principal.subject, at=call.work.now
        )
        publication = Publication(note, tuple(call.body["school_ids"]))
        return requesting.publish_season(
            call.path["season_run_id"], publication, runs=ScheduleRuns(call.work)
        )
