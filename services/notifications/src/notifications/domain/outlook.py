"""What the messages of one revision of a fact amount to: reached, under way, or not, and why not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from notifications.domain.messages import TAKEN, Message, State
from notifications.domain.reach import Obstacle, Outlook
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel

#: There is nothing to tell them, they are told no more, or they do not want to hear of it.
_NOTHING_TO_SAY = frozenset(
    {Reason.NEVER_TOLD, Reason.DISTRICT_SILENT, Reason.STUDENT_WITHDRAWN, Reason.SWITCHED_OFF}
)
#: They are not among those who may be told; nobody outside hears of them.
_NOT_TOLD_BY_RIGHT = frozenset({Reason.MAY_NOT_BE_TOLD, Reason.GUARDIAN_LEFT})
_UNDER_WAY = frozenset({State.CREATED, State.SENDING, State.UNKNOWN})


def outlook(
    messages: Sequence[Message], guardian_ids: Sequence[str], *, confirmed_by: Mapping[Channel, State]
) -> Outlook:
    """Return what these messages amount to.

    Args:
        messages: all of one revision of a fact, reminders of it too.
        guardian_ids: who is on record for the student.
        confirmed_by: by channel, the state that proves that a message arrived.
    """
    # Who may not be told is no family that must be called, where the others have nothing to hear.
    reasons = {each.reason for each in messages}
    if reasons & _NOTHING_TO_SAY and reasons <= _NOTHING_TO_SAY | _NOT_TOLD_BY_RIGHT:
        return Outlook(moot=True)
    reached = any(has_reached(each, confirmed_by) for each in messages)
    return Outlook(
        reached=reached,
        under_way=any(is_under_way(each, confirmed_by) for each in messages),
        obstacles=() if reached else _obstacles(messages, guardian_ids),
    )


def has_reached(message: Message, confirmed_by: Mapping[Channel, State]) -> bool:
    """Return whether a message is proof that its guardian knows."""
    if message.reason is Reason.ALREADY_TOLD:
        return True
    wanted = confirmed_by[message.channel]
    return message.state is State.DELIVERED or (message.state is State.SENT and wanted is State.SENT)


def is_under_way(message: Message, confirmed_by: Mapping[Channel, State]) -> bool:
    """Return whether a message may yet arrive without anybody's doing."""
    if message.state in _UNDER_WAY:
        # What is in doubt, and about which nobody is asked any more, waits for a person.
        return message.is_open
    return message.state is State.SENT and not has_reached(message, confirmed_by)


def may_have_been_told(message: Message) -> bool:
    """Return whether its guardian may have it, or will: another channel would tell them twice.

    What has no receipt after days is taken as not arrived, as GOV.UK Notify does.
    """
    if message.state is State.UNCONFIRMED:
        return False
    return message.state in TAKEN or message.state is State.CREATED or message.reason is Reason.ALREADY_TOLD


def _obstacles(messages: Sequence[Message], guardian_ids: Sequence[str]) -> tuple[Obstacle, ...]:
    if not guardian_ids and not messages:
        return (Obstacle(reason=Reason.NOBODY_ON_RECORD),)
    if not messages:
        return (Obstacle(reason=Reason.COPY_MISSING),)
    last: dict[tuple[str, Channel], Message] = {}
    for each in sorted(messages, key=lambda message: (message.created_at, message.message_id)):
        if each.reason not in _NOTHING_TO_SAY | _NOT_TOLD_BY_RIGHT:
            last[each.guardian_id, each.channel] = each
    found = tuple(
        Obstacle(guardian_id=guardian_id, channel=channel, reason=_why(message))
        for (guardian_id, channel), message in sorted(last.items())
    )
    return found or (Obstacle(reason=Reason.NOBODY_MAY_BE_TOLD),)


def _why(message: Message) -> Reason:
    if message.state is State.SENT:
        return Reason.RECEIPT_MISSING
    return message.reason or Reason.UNDER_WAY


def hold_back(planned: Sequence[Message], in_reserve: Collection[Channel]) -> list[Message]:
    """Return the messages with those of reserve channels held back where another one goes out.

    Args:
        planned: of some facts, with all channels of each guardian.
        in_reserve: channels that are used when no other one reaches a guardian.
    """
    told = {
        (each.fact_id, each.guardian_id)
        for each in planned
        if each.state is State.CREATED and each.channel not in in_reserve
    }
    return [
        _held(each)
        if each.state is State.CREATED
        and each.channel in in_reserve
        and (each.fact_id, each.guardian_id) in told
        else each
        for each in planned
    ]


def _held(message: Message) -> Message:
    return replace(
        message, state=State.NOT_SENT, reason=Reason.IN_RESERVE, address=None, content=None, due_at=None
    )


def unconfirmed(message: Message, *, now: datetime, patience_s: float) -> Message | None:
    """Return a message that was sent too long ago to wait for its receipt; None if it was not.

    A receipt that comes after all still counts.
    """
    if message.state is not State.SENT or message.sent_at is None:
        return None
    if now < message.sent_at + timedelta(seconds=patience_s):
        return None
    return message.ended(State.UNCONFIRMED, Reason.RECEIPT_MISSING)
