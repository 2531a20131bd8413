"""Reports of equity: what may be published, and what those see who need to know."""

from __future__ import annotations

from typing import Any

from chassis.auth import ForbiddenError, Role
from chassis.disclosures import Disclosures
from chassis.http import Call, route
from chassis.mongo import Page
from scoring.entrypoints.monitoring import ReportReader
from scoring.entrypoints.permissions import READ_EQUITY
from scoring.entrypoints.schemas import monitoring as schemas
from scoring.repository import EquityRows


class EquityRoutes(ReportReader):
    """Makes differences between schools and groups of students visible."""

    @route(
        "GET",
        "/v1/scoring/equity",
        permission=READ_EQUITY,
        query=schemas.EquityQuerySchema,
        returns=schemas.EquityPageSchema,
    )
    def show_equity(self, call: Call) -> dict[str, Any]:
        """Show schools by group of students and skill; each look at small cells is kept as a disclosure."""
        internal = call.query["view"] == "internal"
        if internal and call.principal.role is not Role.DISTRICT_ADMIN:
            raise ForbiddenError("only a district admin sees small numbers")
        nights = self.nights_of(call.work)
        found: Page[Any] = EquityRows(call.work).page(
            cursor=call.query["cursor"],
            limit=call.query["limit"],
            report_id=self.report_id_for(call, nights),
            skill_id=call.query["skill_id"],
            grouping_id=call.query["grouping_id"],
            school_id=call.query["school_id"],
        )
        if internal:
            students = {student for row in found.items for student in row.internal.few}
            Disclosures(call.work).note(
                call.principal, "equity", [(student, None) for student in sorted(students)]
            )
        report = nights.report if nights else None
        return schemas.equity_page(report, found, internal=internal)
