"""The defenses service as nameko runs it: events, HTTP and the timer that carries runs out."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from uuid import uuid4

import structlog

from chassis.auth import Permission, Role
from chassis.http import Call, page_schema, route
from chassis.messaging import consumes
from chassis.mongo import Page
from chassis.outbox import UnitOfWork
from chassis.policy import Policies
from chassis.problems import FieldError, InvalidRequestError
from chassis.service import Service, provides
from chassis.timers import every
from contracts.artifacts import (
    SCHOOL_UPDATED,
    STAFF_UPDATED,
    STUDENT_ENROLLED,
    STUDENT_WITHDRAWN,
    SchoolUpdated,
    StaffUpdated,
    StudentEnrolled,
    StudentWithdrawn,
)
from contracts.envelope import derived_id
from contracts.scoring import ARTIFACT_SCORED, ArtifactScored
from defenses.clients import SolverProcess
from defenses.domain.availability import FamilyWindows, PublishedAvailability
from defenses.domain.candidates import Candidate, NoDecisionError
from defenses.domain.defenses import Defense
from defenses.domain.publishing import InvalidTimesError
from defenses.domain.readiness import STATUSES
from defenses.domain.runs import ScheduleRun
from defenses.entrypoints import schemas
from defenses.entrypoints.planner import StageDesk
from defenses.entrypoints.policies import DistrictRules, read_policies
from defenses.repository import (
    Availabilities,
    Candidates,
    Defenses,
    DistrictLeases,
    Families,
    LeaseLostError,
    ScheduleRuns,
    Schools,
    StaffMembers,
    districts_with_open_runs,
)
from defenses.settings import DefensesSettingsSchema
from defenses.use_cases import calendars, candidates, planning

log = structlog.get_logger()

_PLANNERS = (Role.DISTRICT_ADMIN, Role.COORDINATOR, Role.PORTAL)
_STAFF = (*_PLANNERS, Role.TEACHER, Role.PANELIST)
_FAMILIES = (Role.STUDENT, Role.GUARDIAN)

PUBLISH_AVAILABILITY = Permission("publish availability", _PLANNERS)
READ_AVAILABILITY = Permission("read availability", _STAFF)
TELL_FAMILY_WINDOWS = Permission("tell when a family can come", (*_PLANNERS, Role.GUARDIAN))
READ_READINESS = Permission("read readiness", (*_PLANNERS, Role.TEACHER, *_FAMILIES))
PLAN_DEFENSES = Permission("plan defenses", _PLANNERS)
READ_DEFENSES = Permission("read defenses", (*_STAFF, *_FAMILIES))

_PLAN_INTERVAL_S = 1.0


class DefensesService(Service):
    """Decides who is ready, and when and before whom they defend."""

    name = "defenses"
    title = "Backpack defenses"
    settings_schema = DefensesSettingsSchema

    policies: Policies = provides(read_policies)
    solver: SolverProcess = provides(lambda _: SolverProcess())

    @consumes(STUDENT_ENROLLED)
    def on_student_enrolled(self, event: StudentEnrolled, work: UnitOfWork) -> None:
        """Take the roster's facts about a student."""
        candidates.enroll(
            event,
            version=work.subject_version,
            candidates=Candidates(work),
            rules=self._rules(work),
            now=work.now,
        )

    @consumes(STUDENT_WITHDRAWN)
    def on_student_withdrawn(self, event: StudentWithdrawn, work: UnitOfWork) -> None:
        """Take it that a student left."""
        candidates.withdraw(
            event,
            version=work.subject_version,
            candidates=Candidates(work),
            rules=self._rules(work),
            now=work.now,
        )

    @consumes(ARTIFACT_SCORED)
    def on_artifact_scored(self, event: ArtifactScored, work: UnitOfWork) -> None:
        """Take an artifact's score."""
        candidates.add_evidence(
            event,
            version=work.subject_version,
            candidates=Candidates(work),
            rules=self._rules(work),
            now=work.now,
        )

    @consumes(SCHOOL_UPDATED)
    def on_school_updated(self, event: SchoolUpdated, work: UnitOfWork) -> None:
        """Keep our copy of a school."""
        calendars.copy_school(event, version=work.subject_version, schools=Schools(work))

    @consumes(STAFF_UPDATED)
    def on_staff_updated(self, event: StaffUpdated, work: UnitOfWork) -> None:
        """Keep our copy of a staff member."""
        calendars.copy_staff(event, version=work.subject_version, staff=StaffMembers(work))

    @route(
        "PUT",
        "/v1/availability/<school_id>",
        permission=PUBLISH_AVAILABILITY,
        body=schemas.AvailabilityBodySchema,
        returns=schemas.PublishedAvailabilitySchema,
    )
    def publish_availability(self, call: Call) -> PublishedAvailability:
        """Publish a school's slots, rooms and panelists for the season."""
        try:
            return calendars.publish_availability(
                call.path["school_id"],
                call.body,
                schools=Schools(call.work),
                availabilities=Availabilities(call.work),
                now=call.work.now,
            )
        except InvalidTimesError as error:
            raise _invalid(error) from error

    @route(
        "GET",
        "/v1/availability/<school_id>",
        permission=READ_AVAILABILITY,
        returns=schemas.PublishedAvailabilitySchema,
    )
    def show_availability(self, call: Call) -> PublishedAvailability:
        """Show a school's availability as last published."""
        return Availabilities(call.work).get(call.path["school_id"])

    @route(
        "PUT",
        "/v1/family-windows/<student_id>",
        permission=TELL_FAMILY_WINDOWS,
        body=schemas.FamilyWindowsBodySchema,
        returns=schemas.FamilyWindowsSchema,
    )
    def tell_family_windows(self, call: Call) -> FamilyWindows:
        """Say when a student's family can come."""
        try:
            return calendars.tell_family_windows(
                call.path["student_id"],
                call.body,
                candidates=Candidates(call.work),
                families=Families(call.work),
                now=call.work.now,
            )
        except InvalidTimesError as error:
            raise _invalid(error) from error

    @route(
        "GET",
        "/v1/family-windows/<student_id>",
        permission=TELL_FAMILY_WINDOWS,
        returns=schemas.FamilyWindowsSchema,
    )
    def show_family_windows(self, call: Call) -> FamilyWindows:
        """Show when a student's family can come."""
        return Families(call.work).get(call.path["student_id"])

    @route(
        "GET",
        "/v1/readiness",
        permission=READ_READINESS,
        query=schemas.ReadinessQuerySchema,
        returns=page_schema(schemas.ReadinessSchema),
    )
    def list_readiness(self, call: Call) -> Page[Candidate]:
        """List the decisions that hold now."""
        # Those about whom nothing is decided have no status, so that a page is a page of decisions.
        wanted = {**call.query, "status": call.query["status"] or list(STATUSES)}
        return Candidates(call.work).page(**wanted)

    @route(
        "GET",
        "/v1/readiness/<student_id>",
        permission=READ_READINESS,
        returns=schemas.ReadinessSchema,
    )
    def show_readiness(self, call: Call) -> Candidate:
        """Show what is decided about a student, and why."""
        found = Candidates(call.work).get(call.path["student_id"])
        if found.current is None:
            raise NoDecisionError(f"nothing is decided about {found.student_id}")
        return found

    @route(
        "POST",
        "/v1/schedule-runs",
        permission=PLAN_DEFENSES,
        body=schemas.RunBodySchema,
        returns=schemas.RunSchema,
        status=HTTPStatus.ACCEPTED,
    )
    def request_run(self, call: Call) -> ScheduleRun:
        """Ask for the ready students of a school to be scheduled."""
        return planning.request_run(
            call.body["school_id"],
            derived_id("schedule-run", call.work.district, call.work.cause),
            schools=Schools(call.work),
            runs=ScheduleRuns(call.work),
            now=call.work.now,
        )

    @route(
        "GET",
        "/v1/schedule-runs/<run_id>",
        permission=PLAN_DEFENSES,
        returns=schemas.RunSchema,
    )
    def show_run(self, call: Call) -> ScheduleRun:
        """Show how far a run is, and who found no place."""
        return ScheduleRuns(call.work).get(call.path["run_id"])

    @route(
        "GET",
        "/v1/defenses",
        permission=READ_DEFENSES,
        query=schemas.DefensesQuerySchema,
        returns=page_schema(schemas.DefenseSchema),
    )
    def list_defenses(self, call: Call) -> Page[Defense]:
        """List defenses of a school or a student."""
        return Defenses(call.work).page(**call.query)

    @route(
        "GET",
        "/v1/defenses/<defense_id>",
        permission=READ_DEFENSES,
        returns=schemas.DefenseSchema,
    )
    def show_defense(self, call: Call) -> Defense:
        """Show a defense."""
        return Defenses(call.work).get(call.path["defense_id"])

    @every(_PLAN_INTERVAL_S)
    def carry_out_runs(self) -> None:
        """Carry out the oldest open run of each district that nobody else plans for."""
        # In an order of chance, so that a district whose run fails each time does not hold up the others.
        for district in sorted(districts_with_open_runs(), key=lambda _: uuid4().int):
            token = uuid4().hex
            leases = DistrictLeases(token, timedelta(seconds=self.settings.planner_lease_s))
            if not leases.claim(district):
                continue
            try:
                self._carry_out_next(district, token, leases)
            except LeaseLostError:
                log.warning("planner_lease_lost", district=district)
            finally:
                leases.release(district)

    def _carry_out_next(self, district: str, token: str, leases: DistrictLeases) -> None:
        run = ScheduleRuns(self.work_for(district, token)).next_open()
        if run is None:
            return

        def desk(stage: str) -> StageDesk:
            # What creates defenses has the run as its cause, whichever process does it; the changes of the
            # run itself are told apart by who makes them.
            cause = f"run:{run.run_id}:{stage}" + ("" if stage == planning.APPLY else f":{token}")
            return StageDesk(self.work_for(district, cause), self.policies)

        log.info("run_begun", district=district, run_id=run.run_id, school_id=run.school_id)
        ended = planning.carry_out(
            run.run_id, desks=desk, solver=self.solver, still_ours=lambda: leases.renew(district)
        )
        log.info("run_ended", district=district, run_id=run.run_id, state=ended.state)

    def _rules(self, work: UnitOfWork) -> DistrictRules:
        return DistrictRules(self.policies, work.district, work.now)


def _invalid(error: InvalidTimesError) -> InvalidRequestError:
    return InvalidRequestError([FieldError(fault.field, fault.reason) for fault in error.faults])


__all__ = ["DefensesService"]
