"""Calendars to subscribe to: a private address each, given out, replaced and revoked."""

from __future__ import annotations

import hmac
import secrets
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

from chassis.auth import PUBLIC, ForbiddenError
from chassis.http import Call, route
from defenses.domain.feeds import PANELIST, Feed, NoFeedError
from defenses.entrypoints.calendar_files import calendar_file
from defenses.entrypoints.permissions import PLANNERS, SUBSCRIBE
from defenses.entrypoints.planner import StageDesk
from defenses.entrypoints.policies import PolicyReader
from defenses.entrypoints.schemas import feeds as schemas
from defenses.repository import Feeds
from defenses.use_cases import feeds

_SECRET_BYTES = 32


class FeedRoutes(PolicyReader):
    """Gives out calendars."""

    @route(
        "POST",
        "/v1/calendar-feeds",
        permission=SUBSCRIBE,
        body=schemas.FeedBodySchema,
        returns=schemas.FeedSchema,
        status=HTTPStatus.CREATED,
    )
    def give_out_feed(self, call: Call) -> dict[str, Any]:
        """Give out a new private address of a calendar; the one before stops working."""
        _check_own(call, call.body["kind"], call.body["about_id"])
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        wanted = Feed(
            feed_id=feeds.feed_id(**call.body),
            **call.body,
            digest=_digest(secret),
            changed_at=call.work.now,
            changed_by=call.principal.subject,
        )
        given = feeds.give_out(wanted, feeds=Feeds(call.work))
        # A repeated request finds the address that it gave out before, whose secret nobody has kept.
        shown = _path(call, given, secret) if given.digest == wanted.digest else None
        return _shown(given, shown)

    @route(
        "POST",
        "/v1/calendar-feeds/<feed_id>/revocation",
        permission=SUBSCRIBE,
        returns=schemas.FeedSchema,
    )
    def revoke_feed(self, call: Call) -> dict[str, Any]:
        """Take a calendar's address back."""
        found = Feeds(call.work).get(call.path["feed_id"])
        _check_own(call, found.kind, found.about_id)
        revoked = feeds.revoke(
            found.feed_id, by=call.principal.subject, feeds=Feeds(call.work), now=call.work.now
        )
        return _shown(revoked, None)

    # The caller proves themselves by the secret in the path.
    @route(
        "GET",
        "/v1/calendars/<district>/<feed_id>/<secret>.ics",
        permission=PUBLIC,
        produces="text/calendar",
    )
    def show_calendar(self, call: Call) -> Response:
        """Show a calendar to whoever has its address."""
        desk = StageDesk(self.work_for(call.path["district"], "calendar"), self.policies)
        try:
            shown = feeds.read(
                call.path["feed_id"],
                call.path["secret"],
                feeds=desk.feeds,
                defenses=desk.defenses,
                season=desk.season,
                matches=_matches,
                now=desk.now,
            )
        except NoFeedError:
            return Response(status=HTTPStatus.NOT_FOUND)
        return Response(
            calendar_file(shown, written_at=desk.now),
            content_type="text/calendar; charset=utf-8",
            headers={"Cache-Control": "private, max-age=300"},
        )


def _check_own(call: Call, kind: str, about_id: str) -> None:
    """Let planners have every calendar, and panelists their own."""
    if call.principal.role not in PLANNERS and (kind, about_id) != (PANELIST, call.principal.subject):
        raise ForbiddenError("only planners have calendars of others")


def _path(call: Call, feed: Feed, secret: str) -> str:
    return f"/v1/calendars/{call.work.district}/{feed.feed_id}/{secret}.ics"


def _shown(feed: Feed, path: str | None) -> dict[str, Any]:
    return {
        "feed_id": feed.feed_id,
        "kind": feed.kind,
        "school_id": feed.school_id,
        "about_id": feed.about_id,
        "path": path,
        "changed_at": feed.changed_at,
    }


def _digest(secret: str) -> str:
    # A random secret of 256 bits needs no slow hash.
    return sha256(secret.encode()).hexdigest()


def _matches(secret: str, digest: str) -> bool:
    return hmac.compare_digest(_digest(secret), digest)
