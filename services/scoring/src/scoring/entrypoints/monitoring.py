"""Reports of quality: made at night, shown to the office, and to each scorer their own part."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import structlog

from chassis.auth import ForbiddenError, Principal
from chassis.http import Call, route
from chassis.mongo import Page
from chassis.outbox import UnitOfWork, utc_now
from chassis.service import provides
from chassis.timers import every
from scoring.clients import NightlyProcess
from scoring.domain.fairness.rules import EquityRule
from scoring.domain.monitoring.asking import NightRequest
from scoring.domain.monitoring.nights import Nights, RunLostError
from scoring.domain.monitoring.rows import Kind
from scoring.domain.monitoring.rules import MonitoringRule
from scoring.entrypoints.gauges import show_nights
from scoring.entrypoints.permissions import OFFICE, READ_QUALITY, RUN_SCORING
from scoring.entrypoints.policies import PolicyReader
from scoring.entrypoints.schemas import monitoring as schemas
from scoring.repository import DistrictBook, EquityRows, NightlyRuns, QualityRows, nights_id_of
from scoring.use_cases import monitoring

log = structlog.get_logger()

#: How late a report may be begun.
_LOOK_INTERVAL_S = 5.0
#: How old the gauges may be.
_GAUGES_INTERVAL_S = 30.0


class ReportReader(PolicyReader):
    """An area of the service that shows reports."""

    def nights_of(self, work: UnitOfWork) -> Nights | None:
        """Return the nights of a work's district."""
        return NightlyRuns(work).find(nights_id_of(work.district))

    def report_id_for(self, call: Call, nights: Nights | None) -> str:
        """Return whose rows are listed: those of the report that a list was begun with, else of the last."""
        if call.query["cursor"] is not None:
            begun_with: str = call.query["cursor"].partition(":")[0]
            return begun_with
        return nights.report.report_id if nights and nights.report else ""


class MonitoringRoutes(ReportReader):
    """Watches over how scorers read."""

    nightly: NightlyProcess = provides(lambda _: NightlyProcess())
    known: DistrictBook = provides(lambda _: DistrictBook())

    @every(_LOOK_INTERVAL_S)
    def make_due_reports(self) -> None:
        """Make the report of each district whose night has come, unless another process does."""
        # In an order of chance, so that a long run does not hold up the same districts every night.
        for district in sorted(self.known.districts(), key=lambda _: uuid4().int):
            self._make_due_report(district)

    @every(_GAUGES_INTERVAL_S)
    def show_gauges(self) -> None:
        """Tell Prometheus how old each district's last good report is, and what it flags."""
        now = utc_now()
        show_nights(
            {
                district: self.nights_of(self.work_for(district, "gauges"))
                for district in self.known.districts()
            },
            at=now,
        )

    @route(
        "GET",
        "/v1/scoring/quality",
        permission=READ_QUALITY,
        query=schemas.QualityQuerySchema,
        returns=schemas.QualityPageSchema,
    )
    def show_quality(self, call: Call) -> dict[str, Any]:
        """Show how well scorers agree, how severe they are and what is flagged; scorers see their own."""
        for_office = call.principal.role in OFFICE
        kind, subject = call.query["kind"], call.query["subject"]
        if not for_office:
            kind, subject = Kind.SCORER, _own(call.principal, kind, subject)
        nights = self.nights_of(call.work)
        found: Page[Any] = QualityRows(call.work).page(
            cursor=call.query["cursor"],
            limit=call.query["limit"],
            report_id=self.report_id_for(call, nights),
            kind=str(kind),
            subject=subject,
            flagged=call.query["flagged"] if for_office else None,
        )
        return schemas.quality_page(nights, found, for_office=for_office)

    @route(
        "POST",
        "/v1/scoring/reports",
        permission=RUN_SCORING,
        returns=schemas.ReportRequestSchema,
        status=HTTPStatus.ACCEPTED,
    )
    def request_report(self, call: Call) -> Nights:
        """Ask for a report before the night; it replaces the last one when it is there."""
        return monitoring.request_report(
            nights_id_of(call.work.district), at=call.work.now, nights=NightlyRuns(call.work)
        )

    def _make_due_report(self, district: str) -> None:
        report_id = uuid4().hex
        work = self.work_for(district, f"night:{report_id}")
        rule: MonitoringRule = self.policies.current("monitoring", district=district, on=work.now.date())
        equity: EquityRule = self.policies.current("equity", district=district, on=work.now.date())
        calendar = self.workflow_for(work).deadlines.calendar
        begun = monitoring.begin_night(
            nights_id_of(district),
            report_id,
            rule.night,
            at=work.now,
            nights=NightlyRuns(work),
            rows=(QualityRows(work), EquityRows(work)),
        )
        if begun is None or begun.run is None:
            return
        request = NightRequest(
            report_id=report_id,
            district=district,
            night=begun.run.night,
            at=work.now,
            policy_version=rule.version,
            thresholds=rule.thresholds,
            equity=equity,
            calendar=calendar,
        )
        log.info("report_begun", district=district, night=request.night.isoformat())
        try:
            self._make(request, limit_s=rule.night.limit.total_seconds())
        except RunLostError:
            log.warning("report_lost", district=district)

    def _make(self, request: NightRequest, *, limit_s: float) -> None:
        started = time.monotonic()
        nights_id = nights_id_of(request.district)
        try:
            report = self.nightly.make(request, limit_s=limit_s)
        except monitoring.NightFailedError as error:
            work = self.work_for(request.district, f"night-failed:{request.report_id}")
            log.error("report_failed", district=request.district, reason=str(error))  # noqa: TRY400 - its trace is the child's
            monitoring.note_failure(
                nights_id, request.report_id, str(error), at=work.now, nights=NightlyRuns(work)
            )
            return
        work = self.work_for(request.district, f"night-done:{request.report_id}")
        monitoring.take_report(nights_id, report, nights=NightlyRuns(work))
        log.info(
            "report_made",
            district=request.district,
            reads=report.reads,
            seconds=round(time.monotonic() - started, 1),
        )


def _own(principal: Principal, kind: Kind, subject: str | None) -> str:
    if kind is not Kind.SCORER or subject not in (None, principal.subject):
        raise ForbiddenError("a scorer sees their own figures only")
    return principal.subject
