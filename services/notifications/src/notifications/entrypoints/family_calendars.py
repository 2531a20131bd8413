"""Families' own calendars: a private address a guardian, shown in emails, replaced and taken back."""

from hashlib import sha256
from http import HTTPStatus
from typing import Any

from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response

from chassis.auth import PUBLIC, ForbiddenError, Permission, Principal, Role
from chassis.disclosures import Disclosures
from chassis.http import Call, route
from chassis.outbox import UnitOfWork
from chassis.service import provides
from notifications.clients.calendar_addresses import CalendarAddresses
from notifications.domain.feeds import FamilyFeed, NoFeedError
from notifications.entrypoints.texts import TextWriter
from notifications.repository import MongoFamilyFeeds, MongoTellings, roster_of
from notifications.use_cases import family_calendars
from notifications.use_cases.family_calendars import Shelf

_STAFF = (Role.DISTRICT_ADMIN, Role.COORDINATOR, Role.PORTAL)
_HAVE_CALENDAR = Permission("have-family-calendar", (*_STAFF, Role.GUARDIAN))


class FamilyFeedSchema(Schema):
    """A guardian's calendar; `url` is its private address, null when it was taken back."""

    guardian_id = fields.String(required=True)
    url = fields.String(required=True, allow_none=True)
    changed_at = fields.AwareDateTime(required=True)


class FamilyFeedBodySchema(Schema):
    """Whose calendar."""

    guardian_id = fields.String(required=True, validate=validate.Length(1, 200))


class FamilyCalendars(TextWriter):
    """Knows where families' calendars are."""

    calendar_addresses = provides(
        lambda settings: CalendarAddresses(settings.calendar_keys, public_url=settings.public_url)
    )

    def shelf(self, work: UnitOfWork) -> Shelf:
        """Return where calendars come from, for one unit of work."""
        return Shelf(
            feeds=MongoFamilyFeeds(work),
            tellings=MongoTellings(work),
            roster=roster_of(work),
            addresses=self.calendar_addresses,
            rules=self.rules_for(work),
            now=work.now,
        )


class FamilyCalendarRoutes(FamilyCalendars):
    """Gives out families' calendars, and shows them."""

    @route(
        "POST",
        "/v1/family-feeds",
        permission=_HAVE_CALENDAR,
        body=FamilyFeedBodySchema,
        returns=FamilyFeedSchema,
        status=HTTPStatus.CREATED,
    )
    def give_out_family_feed(self, call: Call) -> dict[str, Any]:
        """Give a guardian's calendar a new private address; the one before stops working."""
        guardian_id = call.body["guardian_id"]
        given = family_calendars.give_out(
            guardian_id, by=call.principal.subject, shelf=self._shelf(call, guardian_id)
        )
        return self._shown_feed(call, given)

    @route(
        "POST",
        "/v1/family-feeds/<guardian_id>/revocation",
        permission=_HAVE_CALENDAR,
        returns=FamilyFeedSchema,
    )
    def revoke_family_feed(self, call: Call) -> dict[str, Any]:
        """Take the address of a guardian's calendar back; emails do not show it any more."""
        guardian_id = call.path["guardian_id"]
        taken = family_calendars.take_back(
            guardian_id, by=call.principal.subject, shelf=self._shelf(call, guardian_id)
        )
        return self._shown_feed(call, taken)

    # The caller proves themselves by the secret in the path.
    @route(
        "GET",
        "/v1/family-calendars/<district>/<guardian_id>/<secret>.ics",
        permission=PUBLIC,
        produces="text/calendar",
    )
    def show_family_calendar(self, call: Call) -> Response:
        """Show a guardian's calendar to whoever has its address, by the rights that the guardian has now."""
        guardian_id = call.path["guardian_id"]
        work = self.work_for(call.path["district"], "family-calendar")
        try:
            letters = family_calendars.read(guardian_id, call.path["secret"], shelf=self.shelf(work))
        except NoFeedError:
            return Response(status=HTTPStatus.NOT_FOUND)
        calendar = self.renderer.family_calendar(letters, rules=self.rules_for(work))
        answer = Response(
            calendar,
            content_type="text/calendar; charset=utf-8",
            headers={
                "Cache-Control": "private, max-age=300",
                "Referrer-Policy": "no-referrer",
                "X-Robots-Tag": "noindex",
            },
        )
        answer.set_etag(sha256(calendar.encode()).hexdigest()[:32])
        answer.make_conditional(call.request)
        if answer.status_code == HTTPStatus.OK:
            # Who holds the address is not known; an answer that nothing has changed shows nothing.
            reader = Principal(f"calendar:{guardian_id}", work.district, None)
            shown = [(each.student.student_id, each.fact.fact_id) for each in letters]
            Disclosures(work).note(reader, "family_calendar", shown)
        return answer

    def _shelf(self, call: Call, guardian_id: str) -> Shelf:
        """Return the shelf for a caller who may have this guardian's calendar: the guardian, or staff."""
        if call.principal.role is Role.GUARDIAN and call.principal.subject != guardian_id:
            raise ForbiddenError("a guardian has no calendar of others")
        # A calendar is of a guardian and of no student, so the caller's students do not narrow it.
        call.work.students = None
        return self.shelf(call.work)

    def _shown_feed(self, call: Call, feed: FamilyFeed) -> dict[str, Any]:
        url = self.calendar_addresses.url(call.work.district, feed.guardian_id, edition=feed.edition)
        return {
            "guardian_id": feed.guardian_id,
            "url": None if feed.revoked else url,
            "changed_at": feed.changed_at,
        }
