"""When schools and families can."""

from __future__ import annotations

from chassis.http import Call, route
from chassis.problems import FieldError, InvalidRequestError
from defenses.domain.availability import FamilyWindows, PublishedAvailability
from defenses.domain.publishing import InvalidTimesError
from defenses.entrypoints.permissions import PUBLISH_AVAILABILITY, READ_AVAILABILITY, TELL_FAMILY_WINDOWS
from defenses.entrypoints.schemas import calendars as schemas
from defenses.repository import Availabilities, Candidates, Families, Schools
from defenses.use_cases import calendars


class CalendarRoutes:
    """Takes what schools offer and when families can come."""

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
                call.body.availability,
                schools=Schools(call.work),
                availabilities=Availabilities(call.work),
                now=call.work.now,
                seen=call.body.seen,
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
                call.body["windows"],
                interpreter=call.body.get("interpreter", calendars.UNCHANGED),
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


def _invalid(error: InvalidTimesError) -> InvalidRequestError:
    return InvalidRequestError([FieldError(fault.field, fault.reason) for fault in error.faults])
