"""What the SMS provider's codes and states mean to us.

Source: Twilio, "Error and warning dictionary"; codes that it does not explain to us stay open: nobody is
blamed, the message fails visibly and an operator is told.
"""

from dataclasses import dataclass

from notifications.domain.delivery import Receipt
from notifications.domain.messages import State
from notifications.domain.reasons import Reason


@dataclass(frozen=True)
class Meaning:
    """What a code says.

    Attributes:
        later: whether the same message may be taken later.
        suppress: whether nothing must be sent to this number any more.
    """

    reason: Reason
    later: bool = False
    suppress: bool = False


UNKNOWN_CODE = Meaning(Reason.PROVIDER_FAILED)

_MEANINGS = {
    20003: Meaning(Reason.PROVIDER_REFUSES_US, later=True),
    20429: Meaning(Reason.PROVIDER_BUSY, later=True),
    20503: Meaning(Reason.PROVIDER_BUSY, later=True),
    21211: Meaning(Reason.ADDRESS_REFUSED, suppress=True),
    21408: Meaning(Reason.PROVIDER_REFUSES_US),
    21602: Meaning(Reason.CONTENT_REFUSED),
    21610: Meaning(Reason.OPTED_OUT, suppress=True),
    21611: Meaning(Reason.PROVIDER_BUSY, later=True),
    21612: Meaning(Reason.PROVIDER_REFUSES_US),
    21614: Meaning(Reason.ADDRESS_REFUSED, suppress=True),
    21617: Meaning(Reason.CONTENT_REFUSED),
    21635: Meaning(Reason.ADDRESS_REFUSED, suppress=True),
    30001: Meaning(Reason.PROVIDER_BUSY, later=True),
    30003: Meaning(Reason.PHONE_UNREACHABLE, later=True),
    30004: Meaning(Reason.CARRIER_FILTERED),
    30005: Meaning(Reason.ADDRESS_REFUSED, suppress=True),
    30006: Meaning(Reason.ADDRESS_REFUSED, suppress=True),
    30007: Meaning(Reason.CARRIER_FILTERED),
    30008: Meaning(Reason.PROVIDER_FAILED),
    30034: Meaning(Reason.PROVIDER_REFUSES_US),
    30036: Meaning(Reason.DEADLINE_PASSED),
}

#: States of a message at the provider that tell us something; the others say that it is on its way.
_REPORTED = {
    "sent": State.SENT,
    "delivered": State.DELIVERED,
    "read": State.DELIVERED,
    "undelivered": State.FAILED,
    "failed": State.FAILED,
    "canceled": State.FAILED,
}
_ON_ITS_WAY = frozenset({"accepted", "scheduled", "queued", "sending"})


class UnknownStatusError(ValueError):
    """The provider reports a state that we do not know."""


def meaning(code: int | None) -> Meaning:
    """Return what an error code says; an unknown one blames nobody."""
    return UNKNOWN_CODE if code is None else _MEANINGS.get(code, UNKNOWN_CODE)


def is_known(code: int | None) -> bool:
    """Return whether we know what a code says; of one that we do not, somebody should hear."""
    return code in _MEANINGS


def receipt(status: str, provider_id: str, code: int | None) -> Receipt | None:
    """Return what a reported state says; None when it says nothing that we do not know.

    Raises:
        UnknownStatusError: if the state is not one of the provider's.
    """
    state = _REPORTED.get(status)
    if state is None:
        if status in _ON_ITS_WAY:
            return None
        raise UnknownStatusError("the SMS provider reports a state that we do not know")
    if state is not State.FAILED:
        return Receipt(state, provider_id)
    said = meaning(code)
    return Receipt(state, provider_id, said.reason, suppress=said.suppress)
