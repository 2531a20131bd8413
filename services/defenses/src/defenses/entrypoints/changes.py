"""A schedule that lives: coordinators move, swap, replace, lock, cancel, repair and publish."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog

from chassis.http import Call, route
from chassis.outbox import UnitOfWork
from chassis.problems import FieldError, InvalidRequestError
from chassis.timers import every
from contracts.envelope import derived_id
from defenses.domain.availability import StaleAvailabilityError
from defenses.domain.defenses import (
    Defense,
    Note,
    NotStandingError,
    ProtectedDefenseError,
    StaleEditionError,
)
from defenses.domain.repairing.repairs import APPLYING, Repair, StaleRepairError
from defenses.domain.repairing.timetable import UnfitPlaceError
from defenses.domain.runs import RunNotAppliedError, RunNotFailedError, RunOverError
from defenses.domain.season_runs import NoSchoolsError
from defenses.entrypoints.permissions import PLAN_DEFENSES
from defenses.entrypoints.planner import StageDesk
from defenses.entrypoints.policies import PolicyReader
from defenses.entrypoints.schemas import changes as schemas
from defenses.entrypoints.schemas.scheduling import DefenseSchema
from defenses.repository import Defenses, Repairs, ScheduleTurns, districts_with_repairs_under_way
from defenses.use_cases import changes, publication, repairs
from defenses.use_cases.changes import Order, Wish
from defenses.use_cases.repair_cases import NothingToPlaceError, UnknownSubjectError

log = structlog.get_logger()

_FINISH_INTERVAL_S = 5.0

#: What a caller may hear of, with its status.
PROBLEMS: dict[type[BaseException], int] = {
    StaleEditionError: HTTPStatus.CONFLICT,
    StaleAvailabilityError: HTTPStatus.CONFLICT,
    ProtectedDefenseError: HTTPStatus.CONFLICT,
    NotStandingError: HTTPStatus.CONFLICT,
    StaleRepairError: HTTPStatus.CONFLICT,
    RunNotAppliedError: HTTPStatus.CONFLICT,
    RunNotFailedError: HTTPStatus.CONFLICT,
    RunOverError: HTTPStatus.CONFLICT,
    NoSchoolsError: HTTPStatus.CONFLICT,
    NothingToPlaceError: HTTPStatus.CONFLICT,
    UnknownSubjectError: HTTPStatus.UNPROCESSABLE_ENTITY,
}


#: Gives all stores for a unit of work, within the turn to change a district's schedule.
Desks = Callable[[UnitOfWork], StageDesk]


def breathe() -> None:
    """Let others run: the search of a whole school's day takes a while."""
    time.sleep(0)


class ScheduleChanger(PolicyReader):
    """An area of the service that changes what is planned."""

    @contextmanager
    def turn_in(self, district: str) -> Iterator[Desks]:
        """Hold a district's turn, with what processes that died left behind made first."""
        with ScheduleTurns().take(district) as keep:

            def desk(work: UnitOfWork) -> StageDesk:
                return StageDesk(work, self.policies, keep)

            for begun in Repairs(self.work_for(district, "left-behind")).select(state=APPLYING):
                self.complete_repair(begun, district, desk)
            try:
                yield desk
            except UnfitPlaceError as error:
                wrong = [FieldError(each.field, each.reason) for each in error.obstacles]
                raise InvalidRequestError(wrong) from error

    def desk_for(self, work: UnitOfWork) -> StageDesk:
        """Return all stores for a unit of work that changes no defense."""
        return StageDesk(work, self.policies)

    def apply_repair_in(self, district: str, repair_id: str) -> Repair:
        """Make the changes of a repair that was proposed."""
        with self.turn_in(district) as desk:
            # Not the request's own cause, which has proposed it already when nothing was to be shown.
            work = self.work_for(district, f"repair:{repair_id}:begin:{uuid4().hex}")
            return self.complete_repair(repairs.begin(repair_id, desk(work)), district, desk)

    def complete_repair(self, begun: Repair, district: str, desk: Desks) -> Repair:
        """Make the changes of a repair that was begun."""
        # A cause of its own, so that it is the same one for every process that takes part.
        return repairs.complete(begun, desk(self.work_for(district, f"repair:{begun.repair_id}")))


class ChangeRoutes(ScheduleChanger):
    """Changes single defenses."""

    @route(
        "PUT",
        "/v1/defenses/<defense_id>/place",
        permission=PLAN_DEFENSES,
        body=schemas.MoveBodySchema,
        returns=DefenseSchema,
    )
    def move_defense(self, call: Call) -> Defense:
        """Give a defense another time, room or panel."""
        ids = call.body["panelist_ids"]
        wish = Wish(
            starts_at=call.body["starts_at"],
            room_id=call.body["room_id"],
            panelist_ids=None if ids is None else tuple(ids),
        )
        with self.turn_in(call.work.district) as desk:
            return changes.move(_order(call), wish, desk(call.work))

    @route(
        "POST",
        "/v1/defenses/<defense_id>/replacements",
        permission=PLAN_DEFENSES,
        body=schemas.ReplacementBodySchema,
        returns=DefenseSchema,
    )
    def replace_panelist(self, call: Call) -> Defense:
        """Give one seat of a panel to somebody else."""
        leaving, joining = call.body["leaving"], call.body["joining"]
        with self.turn_in(call.work.district) as desk:
            return changes.replace_panelist(_order(call), leaving, joining, desk(call.work))

    @route(
        "PUT",
        "/v1/defenses/<defense_id>/lock",
        permission=PLAN_DEFENSES,
        body=schemas.LockBodySchema,
        returns=DefenseSchema,
    )
    def guard_defense(self, call: Call) -> Defense:
        """Lock a defense against changes, or unlock it."""
        with self.turn_in(call.work.district) as desk:
            return changes.guard(_order(call), desk(call.work), locked=call.body["locked"])

    @route(
        "POST",
        "/v1/defenses/<defense_id>/cancellation",
        permission=PLAN_DEFENSES,
        body=schemas.CancellationBodySchema,
        returns=DefenseSchema,
    )
    def cancel_defense(self, call: Call) -> Defense:
        """Call a defense off."""
        reschedule = call.body["reschedule"]
        with self.turn_in(call.work.district) as desk:
            return changes.cancel(_order(call), desk(call.work), reschedule=reschedule)

    @route(
        "GET",
        "/v1/defenses/<defense_id>/history",
        permission=PLAN_DEFENSES,
        returns=schemas.HistorySchema,
    )
    def show_defense_history(self, call: Call) -> Defense:
        """Show everything that happened to a defense: what, why, by whom and when."""
        return Defenses(call.work).get(call.path["defense_id"])


class RepairRoutes(ScheduleChanger):
    """Changes that belong together."""

    @route(
        "POST",
        "/v1/swaps",
        permission=PLAN_DEFENSES,
        body=schemas.SwapBodySchema,
        returns=schemas.RepairSchema,
    )
    def swap_defenses(self, call: Call) -> Repair:
        """Let two defenses trade their places."""
        note = _note(call, "swapped")
        first, second = (
            Order(**call.body[each], note=note, override=call.body["override"])
            for each in ("first", "second")
        )
        repair_id = derived_id("swap", call.work.district, call.work.cause)
        with self.turn_in(call.work.district) as desk:
            begun = repairs.swap(repair_id, first, second, desk(call.work))
            return self.complete_repair(begun, call.work.district, desk)

    @route(
        "POST",
        "/v1/repairs",
        permission=PLAN_DEFENSES,
        body=schemas.RepairBodySchema,
        returns=schemas.RepairSchema,
    )
    def propose_repair(self, call: Call) -> Repair:
        """Find the least that must change when life happens; with `preview` nothing is changed yet."""
        disturbance = call.body["disturbance"]
        proposed = repairs.propose(
            derived_id("repair", call.work.district, call.work.cause),
            disturbance,
            _note(call, disturbance.kind),
            self.desk_for(call.work),
            publish=call.body["publish"],
            breathe=breathe,
        )
        if call.body["preview"]:
            return proposed
        return self.apply_repair_in(call.work.district, proposed.repair_id)

    @route(
        "GET",
        "/v1/repairs/<repair_id>",
        permission=PLAN_DEFENSES,
        returns=schemas.RepairSchema,
    )
    def show_repair(self, call: Call) -> Repair:
        """Show a repair: what changes, and who is told what."""
        return Repairs(call.work).get(call.path["repair_id"])

    @route(
        "POST",
        "/v1/repairs/<repair_id>/application",
        permission=PLAN_DEFENSES,
        returns=schemas.RepairSchema,
    )
    def apply_repair(self, call: Call) -> Repair:
        """Make the changes of a repair that was shown."""
        return self.apply_repair_in(call.work.district, call.path["repair_id"])

    @route(
        "POST",
        "/v1/schedule-runs/<run_id>/publish",
        permission=PLAN_DEFENSES,
        body=schemas.PublicationBodySchema,
        returns=schemas.PublicationSchema,
    )
    def publish_run(self, call: Call) -> publication.Published:
        """Publish a run's drafts, or those of some of its schools; families hear of them."""
        with self.turn_in(call.work.district) as desk:
            return publication.publish_run(
                call.path["run_id"],
                _note(call, "published"),
                desk(call.work),
                call.body["school_ids"],
            )

    @every(_FINISH_INTERVAL_S)
    def finish_repairs(self) -> None:
        """Make what a process that died had begun, if nobody else has done so."""
        # In an order of chance, so that a district that fails each time does not hold up the others.
        for district in sorted(districts_with_repairs_under_way(), key=lambda _: uuid4().int):
            with self.turn_in(district):
                log.info("repairs_finished", district=district)


def _order(call: Call) -> Order:
    return Order(
        defense_id=call.path["defense_id"],
        edition=call.body["edition"],
        note=_note(call, "coordinator"),
        override=call.body["override"],
    )


def _note(call: Call, cause: str) -> Note:
    reason: Any = call.body["reason"]
    return Note(cause=cause, reason=reason, by=call.principal.subject, at=call.work.now)
