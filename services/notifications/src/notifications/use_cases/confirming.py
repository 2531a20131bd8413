"""Close texts whose receipts never came."""

from collections.abc import Sequence
from datetime import datetime

from notifications.domain.messages import Message
from notifications.domain.outlook import unconfirmed
from notifications.use_cases.ports import Messages, silently
from notifications.use_cases.reaching import Reaches, look_now


def give_up_on_receipts(
    sent: Sequence[str], *, messages: Messages, reaches: Reaches, patience_s: float, now: datetime
) -> int:
    """Mark what has waited for its receipt for longer than patience; one that comes later still counts.

    Args:
        sent: ids of messages that may have waited so long.
        messages: where they are kept.
        reaches: where watches are kept; their families are looked at again.
        patience_s: how long a receipt is waited for.
        now: the time.

    Returns:
        How many were marked.
    """

    def give_up(current: Message | None) -> Message | None:
        return unconfirmed(current, now=now, patience_s=patience_s) if current else None

    late = [
        each
        for each in messages.existing(sent).values()
        if unconfirmed(each, now=now, patience_s=patience_s) is not None
    ]
    if not late:
        return 0
    marked = messages.change_many([(each.message_id, silently(give_up)) for each in late])
    look_now([(each.fact_id, each.revision) for each in late], reaches=reaches, now=now)
    return marked
