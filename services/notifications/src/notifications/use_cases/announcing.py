"""Tell other services how messages ended."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from contracts.notifications import MESSAGE_DELIVERED, MESSAGE_FAILED, MessageDelivered, MessageFailed
from notifications.domain.messages import Message, State
from notifications.use_cases.ports import Decide

#: It will not arrive, as far as is known.
_FAILED = frozenset({State.FAILED, State.EXPIRED})


def announcing(decide: Callable[[Message | None], Message | None], *, now: datetime) -> Decide[Message]:
    """Return a decision that says when a message has arrived, and when it will not."""

    def decided(current: Message | None) -> tuple[Message, Sequence[Any]] | None:
        after = decide(current)
        return None if after is None else (after, _events(current, after, now))

    return decided


def _events(before: Message | None, after: Message, now: datetime) -> list[Any]:
    # What is about no one student, such as a digest, is said message by message of what is in it.
    if (before is not None and before.state is after.state) or not after.student_id:
        return []
    about: dict[str, Any] = {
        "message_id": after.message_id,
        "guardian_id": after.guardian_id,
        "student_id": after.student_id,
        "school_id": after.school_id,
        "fact_id": after.fact_id,
        "revision": after.revision,
        "purpose": after.purpose.value,
        "channel": after.channel.value,
    }
    if after.state is State.DELIVERED:
        return [MESSAGE_DELIVERED.says(MessageDelivered(**about, delivered_at=now))]
    if after.state in _FAILED:
        reason = after.reason.value if after.reason else after.state.value
        return [MESSAGE_FAILED.says(MessageFailed(**about, reason=reason, failed_at=now))]
    return []
