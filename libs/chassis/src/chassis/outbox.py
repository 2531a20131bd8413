"""The unit of work: why something is done, for whom, and which events it leads to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from contracts.base import exchange_of
from contracts.envelope import Envelope


def utc_now() -> datetime:
    """Return the time; the one clock of entrypoints, so that tests can give another."""
    return datetime.now(UTC)


class Outgoing(NamedTuple):
    """A sealed event as it is stored and published: the same bytes however often it goes out."""

    id: str
    type: str
    exchange: str
    body: bytes

    @classmethod
    def of(cls, envelope: Envelope) -> Outgoing:
        """Seal an envelope's bytes."""
        return cls(envelope.id, envelope.type, exchange_of(envelope.type), envelope.to_bytes())


@dataclass
class UnitOfWork:
    """One cause and what it leads to.

    Attributes:
        district: the tenant; every query is filtered by it.
        cause: the incoming event's id, the idempotency key or the timer's key. An aggregate that was
            changed for a cause is not changed for it again: change an aggregate once per unit of work.
        asked: a digest of what an HTTP caller asked for, so that one cause is not used for two things; empty
            where that cannot happen.
        now: when the work began, with a time zone.
        students: whom the caller may see; None means everybody in the district.
        relayed: True for HTTP and timers, whose events the relay publishes; False in an event handler,
            which publishes before it acknowledges.
        repeats: whether the cause may come again; a timer's does not, and is remembered only with events.
        subject_version: in an event handler, the version of the aggregate that the event is about.
        outgoing: in an event handler, the events to publish before the message is acknowledged.
    """

    district: str
    cause: str
    now: datetime = field(default_factory=utc_now)
    students: frozenset[str] | None = None
    relayed: bool = True
    repeats: bool = True
    subject_version: int = 0
    traceparent: str | None = None
    asked: str = ""
    outgoing: list[Outgoing] = field(default_factory=list)

    def announce(self, events: Iterable[Outgoing]) -> None:
        """Take over events that a repository has stored with the state they belong to."""
        if not self.relayed:
            self.outgoing.extend(events)
