"""The ids of what has a natural key: doing a thing twice meets what was done the first time."""

from contracts.envelope import derived_id
from notifications.domain.facts import Fact
from notifications.domain.roster import Channel


def message_id(district: str, fact: Fact, guardian_id: str, channel: Channel) -> str:
    """Return the id of the one message about this revision for this guardian on this channel.

    Its purpose is no part of it: whether it is told as scheduled, moved or cancelled depends on what the
    guardian was told, and a second look must not make a second message.
    """
    return derived_id("message", district, fact.kind, fact.fact_id, fact.revision, guardian_id, channel)


def suppression_id(channel: Channel, address: str) -> str:
    """Return the id of an address's suppression, from which nobody can read the address."""
    return derived_id("suppression", channel, address.casefold())
