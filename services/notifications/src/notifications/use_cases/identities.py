"""The ids of what has a natural key: doing a thing twice meets what was done the first time."""

from contracts.envelope import derived_id
from notifications.domain.facts import Defense
from notifications.domain.messages import Purpose
from notifications.domain.roster import Channel


def message_id(district: str, defense: Defense, guardian_id: str, channel: Channel) -> str:
    """Return the id of the one message about this revision for this guardian on this channel."""
    return derived_id(
        "message",
        district,
        Purpose.DEFENSE_SCHEDULED,
        defense.defense_id,
        defense.revision,
        guardian_id,
        channel,
    )


def suppression_id(channel: Channel, address: str) -> str:
    """Return the id of an address's suppression, from which nobody can read the address."""
    return derived_id("suppression", channel, address.casefold())
