"""Runs that give ready students their defense, and the defenses themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http import HTTPStatus
from typing import TypeVar
from uuid import uuid4

import eventlet
import structlog
from eventlet import tpool

from chassis.http import Call, page_schema, route
from chassis.mongo import Page
from chassis.outbox import UnitOfWork
from chassis.service import provides
from chassis.timers import every
from contracts.envelope import derived_id
from defenses.clients import SolverProcess
from defenses.domain.defenses import TOLD_STATES, Defense, NoDefenseError
from defenses.domain.runs import PUBLISHING, ScheduleRun
from defenses.domain.scheduling.limits import MIB
from defenses.entrypoints.changes import ScheduleChanger
from defenses.entrypoints.permissions import PLAN_DEFENSES, READ_DEFENSES
from defenses.entrypoints.planner import StageDesk
from defenses.entrypoints.schemas import scheduling as schemas
from defenses.repository import (
    Defenses,
    DistrictLeases,
    LeaseLostError,
    ScheduleRuns,
    Schools,
    districts_with_open_runs,
)
from defenses.use_cases import planning, requesting
from defenses.use_cases.publication import PUBLISH, publish_wanted
from defenses.use_cases.searching import Beat

log = structlog.get_logger()

Made = TypeVar("Made")

_PLAN_INTERVAL_S = 1.0
_BEAT_INTERVAL_S = 2.0


def aside(work: Callable[[], Made], beat: Beat) -> Made:
    """Do what takes the processor for seconds in a thread of the system, which takes turns with the hub's.

    Args:
        work: touches no store, and nothing that greenlets wait for.
        beat: called every few seconds; when it raises, nobody waits for the work any more.
    """
    running = eventlet.spawn(tpool.execute, work)
    while True:
        silence = eventlet.Timeout(_BEAT_INTERVAL_S)
        try:
            made: Made = running.wait()
        except eventlet.Timeout as expired:
            if expired is not silence:
                raise
        else:
            return made
        finally:
            silence.cancel()
        beat(None)


class SchedulingRoutes(ScheduleChanger):
    """Schedules a school's ready students."""

    solver: SolverProcess = provides(
        lambda settings: SolverProcess(memory_bytes=settings.solver_memory_mib * MIB, aside=aside)
    )

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
        return requesting.request_run(
            call.body["school_id"],
            derived_id("schedule-run", call.work.district, call.work.cause),
            schools=Schools(call.work),
            runs=ScheduleRuns(call.work),
            now=call.work.now,
            publish=call.body["publish"],
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
        "POST",
        "/v1/schedule-runs/<run_id>/resumption",
        permission=PLAN_DEFENSES,
        returns=schemas.RunSchema,
        status=HTTPStatus.ACCEPTED,
    )
    def resume_run(self, call: Call) -> ScheduleRun:
        """Let a run that was given up or cancelled begin again."""
        return requesting.resume_run(call.path["run_id"], runs=ScheduleRuns(call.work))

    @route(
        "POST",
        "/v1/schedule-runs/<run_id>/cancellation",
        permission=PLAN_DEFENSES,
        body=schemas.StopBodySchema,
        returns=schemas.RunSchema,
        status=HTTPStatus.ACCEPTED,
    )
    def stop_run(self, call: Call) -> ScheduleRun:
        """End a run's search, and apply or only show its best schedule."""
        runs = ScheduleRuns(call.work)
        return requesting.stop_run(call.path["run_id"], call.body["stop"], runs=runs, now=call.work.now)

    @route(
        "GET",
        "/v1/defenses",
        permission=READ_DEFENSES,
        query=schemas.DefensesQuerySchema,
        returns=page_schema(schemas.DefenseSchema),
    )
    def list_defenses(self, call: Call) -> Page[Defense]:
        """List defenses of a school or a student."""
        # Families hear of a draft when it is published.
        states = None if call.principal.students is None else list(TOLD_STATES)
        return Defenses(call.work).page(**call.query, state=states)

    @route(
        "GET",
        "/v1/defenses/<defense_id>",
        permission=READ_DEFENSES,
        returns=schemas.DefenseSchema,
    )
    def show_defense(self, call: Call) -> Defense:
        """Show a defense."""
        found = Defenses(call.work).get(call.path["defense_id"])
        if call.principal.students is not None and found.state not in TOLD_STATES:
            raise NoDefenseError(f"there is no defense {found.defense_id}")
        return found

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

        def work(stage: str) -> UnitOfWork:
            # What changes defenses has the run as its cause, whichever process does it; the changes of the
            # run itself are told apart by who makes them.
            of_run = stage == planning.APPLY or stage.startswith(PUBLISH)
            return self.work_for(district, f"run:{run.run_id}:{stage}" + ("" if of_run else f":{token}"))

        @contextmanager
        def turn() -> Iterator[Callable[[str], StageDesk]]:
            with self.turn_in(district) as desk:
                yield lambda stage: desk(work(stage))

        def still_ours() -> None:
            leases.renew(district)

        log.info("run_begun", district=district, run_id=run.run_id, schools=len(run.school_ids))
        if run.state == PUBLISHING:
            ended = publish_wanted(run, still_ours=still_ours, turn=turn)
        else:
            ended = planning.carry_out(
                run.run_id,
                desks=lambda stage: self.desk_for(work(stage)),
                solver=self.solver,
                still_ours=still_ours,
                turn=turn,
                aside=aside,
            )
        log.info("run_ended", district=district, run_id=run.run_id, state=ended.state)
