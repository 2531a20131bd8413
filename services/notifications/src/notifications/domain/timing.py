"""When a message goes out: at once, after the quiet hours, or in the day's digest; by the school's clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from notifications.domain.hours import HourRules, Quiet, first_allowed, next_strike
from notifications.domain.messages import Message
from notifications.domain.news import News
from notifications.domain.preferences import Frequency, PreferenceRules, Preferences, frequency
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel

#: What is made so shortly before a digest has the next one: it may be written after that was gathered.
_LAST_CALL = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """When a message is due.

    Attributes:
        digest_on: the day of the digest that it waits for; None if it goes alone.
        urgent: whether it goes out in quiet hours too.
        reason: why it waits; None if it does not.
    """

    due_at: datetime
    digest_on: date | None = None
    urgent: bool = False
    reason: Reason | None = None


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """What decides about the time of one guardian's messages from one school."""

    zone: ZoneInfo
    chosen: Preferences | None
    hours: HourRules
    preferences: PreferenceRules

    def quiet(self, channel: Channel) -> Sequence[Quiet]:
        """Return the hours in which a channel is quiet, the district's first."""
        own = self.chosen.quiet if self.chosen else None
        return [each for each in (self.hours.quiet.get(channel), own) if each is not None]

    def first_allowed(self, channel: Channel, moment: datetime) -> datetime:
        """Return the moment, or the first minute after it at which the guardian may be disturbed."""
        return first_allowed(moment, self.quiet(channel), self.zone)


def slot(message: Message, said: News, clocks: Clocks, *, now: datetime) -> Slot:
    """Return when a message goes out.

    What the next digest would tell too late goes out alone.
    """
    allowed = clocks.first_allowed(message.channel, now)
    if _is_urgent(message, said, clocks, allowed, now=now):
        return Slot(due_at=now, urgent=True)
    wished = frequency(message.purpose, message.channel, clocks.chosen, clocks.preferences)
    if wished is Frequency.DIGEST:
        digest = digest_slot(message.channel, clocks, now=now)
        if digest.due_at < message.deadline:
            return digest
    return Slot(due_at=allowed, reason=Reason.QUIET_HOURS if allowed > now else None)


def digest_slot(channel: Channel, clocks: Clocks, *, now: datetime) -> Slot:
    """Return when the next digest goes out."""
    strikes = next_strike(now + _LAST_CALL, clocks.preferences.digest_at, clocks.zone)
    return Slot(
        due_at=clocks.first_allowed(channel, strikes),
        digest_on=strikes.astimezone(clocks.zone).date(),
        reason=Reason.NEXT_DIGEST,
    )


def held_until(message: Message, clocks: Clocks, *, now: datetime) -> datetime | None:
    """Return until when a message that is due must wait after all; None if it may go out now."""
    if message.urgent:
        return None
    allowed = clocks.first_allowed(message.channel, now)
    return allowed if allowed > now else None


def _is_urgent(message: Message, said: News, clocks: Clocks, allowed: datetime, *, now: datetime) -> bool:
    """Whether it is about today, or about a time that comes before the family may be disturbed again."""
    if message.purpose not in clocks.hours.same_day:
        return False
    today = now.astimezone(clocks.zone).date()
    starts = [place.starts_at for place in (said.place, said.before) if place is not None]
    return any(each.astimezone(clocks.zone).date() == today or now <= each <= allowed for each in starts)
