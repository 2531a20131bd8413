"""What never reaches a provider: simulated recipients, and everybody in a district that tries things out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from notifications.domain.roster import Channel


class Ending(StrEnum):
    """What becomes of a message that is only simulated."""

    DELIVERED = "delivered"
    PERMANENT_FAILURE = "permanent_failure"
    TEMPORARY_FAILURE = "temporary_failure"


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A district's simulation, as policy data.

    Attributes:
        everything: whether no message at all goes to a provider.
        endings: what becomes of messages to simulated recipients, by channel and address.
    """

    everything: bool = False
    endings: Mapping[tuple[Channel, str], Ending] = field(default_factory=dict)

    def ending(self, channel: Channel, address: str) -> Ending | None:
        """Return what becomes of a message to an address; None if a provider must say."""
        known = self.endings.get((channel, address))
        return known or (Ending.DELIVERED if self.everything else None)
