"""A family's own calendar: a private address a guardian, which can be replaced and taken back."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from notifications.domain.eligibility import refusal_of_right
from notifications.domain.facts import Fact, Kind, Standing
from notifications.domain.messages import Purpose
from notifications.domain.roster import Guardian, Student


class NoFeedError(LookupError):
    """There is no such calendar, or this is not its address."""


@dataclass(frozen=True, kw_only=True)
class CalendarRules:
    """A district's rules about families' calendars, as policy data.

    Attributes:
        link_in_emails: whether emails about appointments show the address.
        past: how long an appointment stays in the calendar.
    """

    link_in_emails: bool = False
    past: timedelta = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class FamilyFeed:
    """One guardian's calendar; who has none on record has the first address.

    Attributes:
        edition: which address it has, from 1; each new one makes those before it useless.
        revoked: whether it has no address at all.
        changed_at, changed_by: when that was decided, and by whom.
    """

    feed_id: str
    guardian_id: str
    edition: int
    revoked: bool
    changed_at: datetime
    changed_by: str

    def given_out(self, *, by: str, now: datetime) -> "FamilyFeed":
        """Return it with a new address."""
        return replace(self, edition=self.edition + 1, revoked=False, changed_at=now, changed_by=by)

    def taken_back(self, *, by: str, now: datetime) -> "FamilyFeed":
        """Return it without an address."""
        return replace(self, revoked=True, changed_at=now, changed_by=by)


#: The edition of a calendar that nobody has asked for yet.
FIRST_EDITION = 1

_CANCELLED = {Kind.DEFENSE: Purpose.DEFENSE_CANCELLED, Kind.MILESTONE: Purpose.MILESTONE_CANCELLED}
_SCHEDULED = {Kind.DEFENSE: Purpose.DEFENSE_SCHEDULED, Kind.MILESTONE: Purpose.MILESTONE_SCHEDULED}


def shown_as(fact: Fact) -> Purpose | None:
    """Return as what an appointment stands in a calendar; None if it is none."""
    if fact.place is None:
        return None
    return (_CANCELLED if fact.standing is Standing.CANCELLED else _SCHEDULED).get(fact.kind)


def may_see(fact: Fact, student: Student, guardian: Guardian) -> bool:
    """Return whether a guardian may see an appointment now: on record, with the right to be told of it."""
    purpose = shown_as(fact)
    return (
        purpose is not None
        and guardian.guardian_id in student.guardian_ids
        and refusal_of_right(student, guardian, purpose) is None
    )
