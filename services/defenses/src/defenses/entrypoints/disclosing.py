"""Who has read what of a student's record."""

from __future__ import annotations

from collections.abc import Iterable

from chassis.disclosures import READ_DISCLOSURES, Disclosure, Disclosures, DisclosureSchema
from chassis.http import Call, PageQuerySchema, page_schema, route
from chassis.mongo import Page
from chassis.service import Service


class DisclosureRoutes(Service):
    """Shows the record of disclosures."""

    @route(
        "GET",
        "/v1/journey/<student_id>/disclosures",
        permission=READ_DISCLOSURES,
        query=PageQuerySchema,
        returns=page_schema(DisclosureSchema),
    )
    def list_disclosures(self, call: Call) -> Page[Disclosure]:
        """List who has read a student's readiness, hearings, outcomes, milestones or journey."""
        return Disclosures(call.work).of_student(call.path["student_id"], **call.query)


def note_reading(call: Call, what: str, shown: Iterable[tuple[str, str | None]]) -> None:
    """Keep that the caller reads something of these students; see Disclosures.note."""
    Disclosures(call.work).note(call.principal, what, shown)
