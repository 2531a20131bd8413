"""Show messages to those who may see them, and remember to whom they were shown."""

from collections.abc import Sequence
from datetime import datetime

from notifications.domain.messages import Message
from notifications.domain.replies import Disclosure
from notifications.use_cases.ports import Disclosures, silently


def note_disclosure(
    disclosure_id: str,
    shown: Sequence[Message],
    *,
    to: str,
    role: str,
    disclosures: Disclosures,
    now: datetime,
) -> None:
    """Remember that somebody was shown messages; showing none discloses nothing.

    Args:
        disclosure_id: of this one reading.
        shown: what they were shown.
        to: who they are.
        role: what they are to the district.
        disclosures: where it is kept.
        now: the time.
    """
    if not shown:
        return

    def keep(known: Disclosure | None) -> Disclosure | None:
        if known is not None:
            return None
        return Disclosure(
            to=to,
            role=role,
            message_ids=tuple(each.message_id for each in shown),
            student_ids=tuple(sorted({each.student_id for each in shown})),
            at=now,
        )

    disclosures.change(disclosure_id, silently(keep))
