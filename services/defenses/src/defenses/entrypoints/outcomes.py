"""What hearings led to: outcomes, redefenses, central scores, and who is calibrated."""

from __future__ import annotations

from chassis.http import Call, PageQuerySchema, page_schema, route
from chassis.mongo import Page
from defenses.domain.calibration import Calibration
from defenses.domain.hearings.hearing import DECIDED, Hearing
from defenses.domain.hearings.outcomes import NOT_YET
from defenses.entrypoints.disclosing import note_reading
from defenses.entrypoints.hearings import HearingRoutes, as_stored, faults_as_problems
from defenses.entrypoints.permissions import (
    FAMILIES,
    PLAN_DEFENSES,
    READ_COMPARISONS,
    READ_OUTCOMES,
    RECORD_CALIBRATION,
    RESCORE_HEARINGS,
)
from defenses.entrypoints.schemas import outcomes as schemas
from defenses.repository import Calibrations, Hearings
from defenses.use_cases.calibration import record_calibration
from defenses.use_cases.hearings import reading, records


class OutcomeRoutes(HearingRoutes):
    """Shows outcomes, and what follows from them."""

    @route(
        "GET",
        "/v1/outcomes",
        permission=READ_OUTCOMES,
        query=schemas.OutcomesQuerySchema,
        returns=page_schema(schemas.OutcomeSchema),
    )
    def list_outcomes(self, call: Call) -> Page[reading.Reading | None]:
        """List outcomes: to families those of their students that are released, to others what holds."""
        family = call.principal.role in FAMILIES
        # The status that holds may not be the one that the family has been told.
        told = {"readable": True, "status": None} if family else {}
        found = Hearings(call.work).page(**{**call.query, "state": DECIDED, **told})
        note_reading(call, "outcomes", [(each.student_id, each.hearing_id) for each in found.items])
        return found.map(lambda hearing: reading.read(hearing, of_family=family))

    @route(
        "GET",
        "/v1/outcomes/<hearing_id>",
        permission=READ_OUTCOMES,
        returns=schemas.OutcomeSchema,
    )
    def show_outcome(self, call: Call) -> reading.Reading:
        """Show an outcome: to the family once it is released."""
        found = reading.show_outcome(
            call.path["hearing_id"],
            of_family=call.principal.role in FAMILIES,
            hearings=Hearings(call.work),
        )
        note_reading(call, "outcomes", [(found.hearing.student_id, found.hearing.hearing_id)])
        return found

    @route(
        "GET",
        "/v1/redefenses",
        permission=PLAN_DEFENSES,
        query=schemas.SchoolQuerySchema,
        returns=page_schema(schemas.RedefenseSchema),
    )
    def list_redefenses(self, call: Call) -> Page[reading.DueRedefense]:
        """List the redefenses that outcomes ask for, with the hearings that answer them."""
        hearings = Hearings(call.work)
        asking = hearings.page(**call.query, state=DECIDED, status=NOT_YET)
        note_reading(call, "redefenses", [(each.student_id, each.hearing_id) for each in asking.items])
        return Page(reading.answered(asking.items, hearings=hearings), asking.next_cursor)

    @route(
        "PUT",
        "/v1/redefenses/<hearing_id>/plan",
        permission=PLAN_DEFENSES,
        body=schemas.PlanBodySchema,
        returns=schemas.PlansSchema,
    )
    def record_plan(self, call: Call) -> Hearing:
        """Record what is done about the unmet indicators; an earlier plan stays."""
        with faults_as_problems():
            return records.plan(
                call.path["hearing_id"],
                call.body["version"],
                call.body["steps"],
                call.principal.subject,
                docket=self.docket(call.work),
            )

    @route(
        "GET",
        "/v1/rescorings",
        permission=RESCORE_HEARINGS,
        query=PageQuerySchema,
        returns=page_schema(schemas.RescoringSchema),
    )
    def list_rescorings(self, call: Call) -> Page[Hearing]:
        """List the hearings that wait for a central scorer, without what their panels found."""
        return Hearings(call.work).page(**call.query, to_rescore=True)

    @route(
        "PUT",
        "/v1/rescorings/<hearing_id>",
        permission=RESCORE_HEARINGS,
        body=schemas.MarksBodySchema,
        returns=schemas.ComparisonSchema,
    )
    def rescore_hearing(self, call: Call) -> Hearing:
        """Score a hearing again centrally; its outcome stays as it is."""
        with faults_as_problems():
            return records.rescore(
                call.path["hearing_id"],
                call.body["marks"],
                call.principal.subject,
                docket=self.docket(call.work),
            )

    @route(
        "GET",
        "/v1/comparisons",
        permission=READ_COMPARISONS,
        query=schemas.SchoolQuerySchema,
        returns=page_schema(schemas.ComparisonSchema),
    )
    def list_comparisons(self, call: Call) -> Page[Hearing]:
        """List what central scorers found beside what panels found."""
        return Hearings(call.work).page(**call.query, rescored=True)

    @route(
        "PUT",
        "/v1/panelists/<panelist_id>/calibration",
        permission=RECORD_CALIBRATION,
        body=schemas.CalibrationBodySchema,
        returns=schemas.CalibrationSchema,
    )
    def record_calibration(self, call: Call) -> Calibration:
        """Record until when a panelist may take a seat."""
        return record_calibration(
            call.path["panelist_id"],
            call.body["valid_until"],
            call.body["basis"],
            call.principal.subject,
            calibrations=Calibrations(call.work),
            now=as_stored(call.work.now),
        )

    @route(
        "GET",
        "/v1/panelists/<panelist_id>/calibration",
        permission=PLAN_DEFENSES,
        returns=schemas.CalibrationSchema,
    )
    def show_calibration(self, call: Call) -> Calibration:
        """Show until when a panelist may take a seat."""
        return Calibrations(call.work).get(call.path["panelist_id"])
