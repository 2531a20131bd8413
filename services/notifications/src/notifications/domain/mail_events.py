"""What a mail provider reports after it took a mail: that it bounced, was complained of, or arrived.

Source: Amazon SES Developer Guide, "Amazon SNS notification contents" and "Event publishing".
"""

from dataclasses import dataclass

from notifications.domain.messages import State
from notifications.domain.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class MailEvent:
    """What became of a mail.

    Attributes:
        state: DELIVERED or FAILED.
        suppress: why nothing is sent to the address any more; None if it may be used again.
    """

    state: State
    reason: Reason | None = None
    suppress: Reason | None = None


class UnknownMailEventError(ValueError):
    """The mail provider reports something that we do not know."""


#: Bounces that will not bounce again tomorrow because of the address.
_CONTENT = frozenset({"MessageTooLarge", "ContentRejected", "AttachmentRejected"})


def bounced(kind: str, subtype: str) -> MailEvent:
    """Return what a bounce says; only a permanent one says something about the address.

    Raises:
        UnknownMailEventError: if the kind is not one of the provider's.
    """
    if kind == "Permanent":
        refused = Reason.ADDRESS_REFUSED
        return MailEvent(state=State.FAILED, reason=refused, suppress=refused)
    if kind in ("Transient", "Undetermined"):
        reason = Reason.CONTENT_REFUSED if subtype in _CONTENT else Reason.MAILBOX_UNAVAILABLE
        return MailEvent(state=State.FAILED, reason=reason)
    raise UnknownMailEventError("the mail provider reports a kind of bounce that we do not know")


#: Who complains has the mail, and wants no other.
COMPLAINED = MailEvent(state=State.DELIVERED, suppress=Reason.COMPLAINED)
DELIVERED = MailEvent(state=State.DELIVERED)
#: Taken, and then found to be something that the provider does not send on.
REJECTED = MailEvent(state=State.FAILED, reason=Reason.CONTENT_REFUSED)
