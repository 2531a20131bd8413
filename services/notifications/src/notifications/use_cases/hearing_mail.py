"""Hear from the mail provider what became of a mail after it was taken."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from notifications.domain.delivery import Receipt
from notifications.domain.mail_events import MailEvent
from notifications.domain.roster import Channel
from notifications.use_cases.delivering import suppress_address
from notifications.use_cases.hearing import hear_receipt
from notifications.use_cases.ports import Messages, Suppressions, Tellings
from notifications.use_cases.reaching import Reaches


@dataclass(frozen=True, kw_only=True)
class MailReport:
    """One report of the provider.

    Attributes:
        event: what became of the mail.
        addresses: whom it is about.
        message_id: ours; empty if the report does not tell.
        provider_id: the mail's Message-ID.
    """

    event: MailEvent
    addresses: Collection[str]
    message_id: str
    provider_id: str


def hear_mail(
    report: MailReport,
    *,
    messages: Messages,
    tellings: Tellings,
    suppressions: Suppressions,
    reaches: Reaches,
    now: datetime,
) -> bool:
    """Keep what the provider reports; an address is suppressed whether or not we know the mail.

    Returns:
        Whether we know the mail.
    """
    event = report.event
    if event.suppress is not None:
        for address in sorted(report.addresses):
            suppress_address(Channel.EMAIL, address, event.suppress, suppressions, now=now)
    if not report.message_id:
        return False
    return hear_receipt(
        report.message_id,
        Receipt(event.state, report.provider_id, event.reason),
        messages=messages,
        tellings=tellings,
        suppressions=suppressions,
        reaches=reaches,
        now=now,
    )
