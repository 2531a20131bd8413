"""Calendars that people subscribe to: one of a panelist, a room or a school, behind an address of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from defenses.domain.defenses import Defense

PANELIST = "panelist"
ROOM = "room"
SCHOOL = "school"
KINDS = (PANELIST, ROOM, SCHOOL)


class NoFeedError(LookupError):
    """There is no such calendar, or this is not its address."""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One calendar.

    Attributes:
        kind: one of KINDS.
        school_id: of a room or a school; empty for a panelist, who may sit at several.
        about_id: of the panelist or the room; empty for a school.
        digest: SHA-256 of the secret in the address, lower-case hex; empty once it is revoked.
        changed_at: when the address was given out or revoked.
        changed_by: by whom.
    """

    feed_id: str
    kind: str
    school_id: str
    about_id: str
    digest: str
    changed_at: datetime
    changed_by: str

    def revoked(self, *, by: str, now: datetime) -> Feed:
        """Make the address useless."""
        return replace(self, digest="", changed_at=now, changed_by=by)

    def shows(self, defense: Defense) -> bool:
        """Whether a defense belongs into the calendar; which school is for the query to know."""
        if defense.revision == 0:
            return False
        if self.kind == PANELIST:
            return self.about_id in defense.panelist_ids
        return self.kind == SCHOOL or defense.room_id == self.about_id
