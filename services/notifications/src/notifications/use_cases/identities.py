"""The ids of what has a natural key: doing a thing twice meets what was done the first time."""

from datetime import datetime

from contracts.envelope import derived_id
from notifications.domain.facts import Fact
from notifications.domain.roster import Channel


def message_id(
    district: str, fact: Fact, guardian_id: str, channel: Channel, *, reminder: datetime | None = None
) -> str:
    """Return the id of the one message about this revision for this guardian on this channel.

    Its purpose is no part of it: whether it is told as scheduled, moved or cancelled depends on what the
    guardian was told, and a second look must not make a second message.

    Args:
        district: the tenant.
        fact: the revision.
        guardian_id: who reads it.
        channel: where.
        reminder: when it is due, if it is a reminder of the revision.
    """
    parts = ("message", district, fact.kind, fact.fact_id, fact.revision, guardian_id, channel)
    return derived_id(*parts) if reminder is None else derived_id(*parts, reminder.isoformat())


def suppression_id(channel: Channel, address: str) -> str:
    """Return the id of an address's suppression, from which nobody can read the address."""
    return derived_id("suppression", channel, address.casefold())
