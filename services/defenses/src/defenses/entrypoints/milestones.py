"""Milestones: planned for many students at once, kept on record one by one, and looked after every hour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TypeVar
from uuid import uuid4

import structlog

from chassis.http import Call, page_schema, route
from chassis.mongo import Page
from chassis.problems import FieldError, InvalidRequestError
from chassis.timers import every
from contracts.base import Fact
from contracts.envelope import derived_id
from defenses.domain.milestones.checking import InvalidMilestoneError
from defenses.domain.milestones.milestones import Milestone, Overdue
from defenses.domain.milestones.school_events import SchoolEvent
from defenses.entrypoints.disclosing import note_reading
from defenses.entrypoints.milestone_desk import StoredDesk
from defenses.entrypoints.permissions import PLAN_MILESTONES, READ_MILESTONES, RECORD_MILESTONES
from defenses.entrypoints.policies import PolicyReader
from defenses.entrypoints.schemas import milestones as schemas
from defenses.repository import (
    DistrictLeases,
    LeaseLostError,
    Milestones,
    MilestoneSweeps,
    SchoolEvents,
    districts_with_schools,
    districts_with_unapplied_events,
)
from defenses.use_cases.milestones import applying, keeping, planning, sweeping

log = structlog.get_logger()

Found = TypeVar("Found")

_APPLY_INTERVAL_S = 1.0
_SWEEP_INTERVAL_S = 15.0


@dataclass(frozen=True)
class OverdueCounts:
    """How many milestones are overdue, in all and by group."""

    groups: Sequence[Overdue]

    @property
    def count(self) -> int:
        """All of them."""
        return sum(group.count for group in self.groups)


class MilestoneRoutes(PolicyReader):
    """Plans milestones, keeps their records, and finds those that are overdue."""

    @route(
        "POST",
        "/v1/milestone-events",
        permission=PLAN_MILESTONES,
        body=schemas.MilestoneEventBodySchema,
        returns=schemas.MilestoneEventSchema,
        status=HTTPStatus.ACCEPTED,
    )
    def plan_milestone_event(self, call: Call) -> SchoolEvent:
        """Plan an event for many students; their milestones follow within seconds."""
        event_id = derived_id("milestone-event", call.work.district, call.work.cause)
        try:
            return planning.plan_event(call.body, event_id, desk=self._desk(call), by=call.principal.subject)
        except InvalidMilestoneError as error:
            raise _invalid(error) from error

    @route(
        "GET",
        "/v1/milestone-events",
        permission=RECORD_MILESTONES,
        query=schemas.MilestoneEventsQuerySchema,
        returns=page_schema(schemas.MilestoneEventSchema),
    )
    def list_milestone_events(self, call: Call) -> Page[SchoolEvent]:
        """List a school's events."""
        return SchoolEvents(call.work).page(**call.query)

    @route(
        "GET",
        "/v1/milestone-events/<event_id>",
        permission=RECORD_MILESTONES,
        returns=schemas.MilestoneEventSchema,
    )
    def show_milestone_event(self, call: Call) -> SchoolEvent:
        """Show an event, for whom it is, and who was left out and why."""
        return SchoolEvents(call.work).get(call.path["event_id"])

    @route(
        "PUT",
        "/v1/milestone-events/<event_id>",
        permission=PLAN_MILESTONES,
        body=schemas.EventMoveBodySchema,
        returns=schemas.MilestoneEventSchema,
        status=HTTPStatus.ACCEPTED,
    )
    def move_milestone_event(self, call: Call) -> SchoolEvent:
        """Hold an event at another time or place; every family is told."""
        try:
            return planning.move_event(
                call.path["event_id"], **call.body, desk=self._desk(call), by=call.principal.subject
            )
        except InvalidMilestoneError as error:
            raise _invalid(error) from error

    @route(
        "PUT",
        "/v1/milestone-events/<event_id>/cancellation",
        permission=PLAN_MILESTONES,
        body=schemas.EventCancellationBodySchema,
        returns=schemas.MilestoneEventSchema,
        status=HTTPStatus.ACCEPTED,
    )
    def cancel_milestone_event(self, call: Call) -> SchoolEvent:
        """Cancel an event; its students may be planned again."""
        return planning.cancel_event(
            call.path["event_id"], **call.body, desk=self._desk(call), by=call.principal.subject
        )

    @route(
        "PUT",
        "/v1/milestone-events/<event_id>/attendance",
        permission=RECORD_MILESTONES,
        body=schemas.AttendanceBodySchema,
        returns=schemas.MilestoneEventSchema,
        status=HTTPStatus.ACCEPTED,
    )
    def hold_milestone_event(self, call: Call) -> SchoolEvent:
        """Say that an event took place, and who was not there."""
        try:
            return planning.hold_event(
                call.path["event_id"], **call.body, desk=self._desk(call), by=call.principal.subject
            )
        except InvalidMilestoneError as error:
            raise _invalid(error) from error

    @route(
        "GET",
        "/v1/milestones",
        permission=READ_MILESTONES,
        query=schemas.MilestonesQuerySchema,
        returns=page_schema(schemas.MilestoneSchema),
    )
    def list_milestones(self, call: Call) -> Page[Milestone]:
        """List milestones of a school or a student."""
        page = Milestones(call.work).page(**call.query)
        note_reading(call, "milestones", [(each.student_id, each.milestone_id) for each in page.items])
        return page

    @route(
        "GET",
        "/v1/milestones/overdue",
        permission=RECORD_MILESTONES,
        query=schemas.OverdueQuerySchema,
        returns=schemas.OverdueSchema,
    )
    def count_overdue_milestones(self, call: Call) -> OverdueCounts:
        """Count overdue milestones by school, grade and state."""
        return OverdueCounts(Milestones(call.work).overdue(call.query["school_id"]))

    @route(
        "GET",
        "/v1/milestones/<milestone_id>",
        permission=READ_MILESTONES,
        returns=schemas.MilestoneSchema,
    )
    def show_milestone(self, call: Call) -> Milestone:
        """Show a milestone with its records."""
        found = Milestones(call.work).get(call.path["milestone_id"])
        note_reading(call, "milestones", [(found.student_id, found.milestone_id)])
        return found

    @route(
        "PUT",
        "/v1/milestones/<milestone_id>/record",
        permission=RECORD_MILESTONES,
        body=schemas.MilestoneRecordBodySchema,
        returns=schemas.MilestoneSchema,
    )
    def record_milestone(self, call: Call) -> Milestone:
        """Put a milestone on record; what was there is superseded and stays readable."""
        try:
            return keeping.record_milestone(
                call.path["milestone_id"], **call.body, desk=self._desk(call), by=call.principal.subject
            )
        except InvalidMilestoneError as error:
            raise _invalid(error) from error

    @every(_APPLY_INTERVAL_S)
    def apply_milestone_events(self) -> None:
        """Let milestones follow the events that were planned or changed, in one process a district."""
        for district in _shuffled(districts_with_unapplied_events()):
            leases = self._leases()
            name = f"{district}/milestone-events"
            if not leases.claim(name):
                continue
            try:
                self._apply_waiting(district, name, leases)
            except LeaseLostError:
                log.warning("milestone_lease_lost", district=district)
            finally:
                leases.release(name)

    @every(_SWEEP_INTERVAL_S)
    def sweep_milestones(self) -> None:
        """Let milestones follow their students and find overdue ones, every hour, in one process."""
        for district in _shuffled(districts_with_schools()):
            sweeps = MilestoneSweeps(self.work_for(district, "milestone-sweep"))
            hour = sweeps.work.now.replace(minute=0, second=0, microsecond=0)
            if sweeps.find(_sweep_id(district)) == hour:
                continue
            leases = self._leases()
            name = f"{district}/milestone-sweep"
            if not leases.claim(name):
                continue
            try:
                self._sweep(district, hour, name, leases)
            except LeaseLostError:
                log.warning("milestone_lease_lost", district=district)
            finally:
                leases.release(name)

    def _apply_waiting(self, district: str, name: str, leases: DistrictLeases) -> None:
        def desk(stage: str) -> StoredDesk:
            return StoredDesk(self.work_for(district, f"milestone-event:{stage}"), self.policies)

        for event in _shuffled(desk("find").events.select(is_applied=False)):
            applying.apply_event(event, desks=desk, still_ours=lambda: leases.renew(name))
            log.info(
                "milestone_event_applied",
                district=district,
                event_id=event.event_id,
                revision=event.revision,
                students=len(event.student_ids),
            )

    def _sweep(self, district: str, hour: datetime, name: str, leases: DistrictLeases) -> None:
        def desk(stage: str) -> StoredDesk:
            return StoredDesk(self.work_for(district, f"milestone-sweep:{stage}"), self.policies)

        turn, written = hour.isoformat(), 0
        for school in desk(turn).schools.select():
            leases.renew(name)
            written += sweeping.sweep_school(school, turn, desks=desk, still_ours=lambda: leases.renew(name))

        def decide(_: datetime | None) -> tuple[datetime, Sequence[Fact]]:
            return hour, ()

        MilestoneSweeps(self.work_for(district, f"milestone-sweep:{turn}")).change(
            _sweep_id(district), decide
        )
        log.info("milestones_swept", district=district, hour=turn, written=written)

    def _leases(self) -> DistrictLeases:
        return DistrictLeases(uuid4().hex, timedelta(seconds=self.settings.planner_lease_s))

    def _desk(self, call: Call) -> StoredDesk:
        return StoredDesk(call.work, self.policies)


def _shuffled(found: Iterable[Found]) -> list[Found]:
    """Return them in an order of chance, so that one which fails each time does not hold up the others."""
    return sorted(found, key=lambda _: uuid4().int)


def _sweep_id(district: str) -> str:
    return derived_id("milestone-sweep", district)


def _invalid(error: InvalidMilestoneError) -> InvalidRequestError:
    return InvalidRequestError([FieldError(fault.field, fault.reason) for fault in error.faults])
