"""Addresses: refused with a reason, and masked before anybody sees them."""

from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel

_MASK = "\u2022" * 3
_SHOWN_DIGITS = 2


class AddressRefusedError(ValueError):
    """A written address cannot be used; says why and never what was written."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the address cannot be used: {reason}")
        self.reason = reason


def mask(channel: Channel, address: str) -> str:
    """Return enough of an address to recognise it, and too little to use it."""
    if channel is Channel.SMS:
        return f"{_MASK}{address[-_SHOWN_DIGITS:]}"
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{_MASK}@{domain}"
