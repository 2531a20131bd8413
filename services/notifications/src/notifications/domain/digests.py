"""A digest: one message a day that tells a guardian all that waited for it, and the end of its items."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from notifications.domain.messages import Content, Item, Message, Purpose, State, more_certain
from notifications.domain.roster import Channel, Student

#: No newer revision of a digest comes: what changes is which messages it tells.
_REVISION = 1
_GRACE = timedelta(minutes=1)
#: These a provider has, or may have.
_UNDER_WAY = frozenset({State.SENDING, State.UNKNOWN})
#: These are not changed any more but by a receipt.
_TOLD = frozenset({State.SENT, State.UNCONFIRMED, State.DELIVERED, State.FAILED})


@dataclass(frozen=True, kw_only=True)
class Section:
    """What a digest tells of one student; each content is an item's own."""

    student: Student
    contents: Sequence[Content]


@dataclass(frozen=True, kw_only=True)
class DigestLetter:
    """What a digest is made of, before it has a language; `wanted_language` is a BCP 47 tag."""

    channel: Channel
    wanted_language: str
    sections: Sequence[Section]


def digest(
    digest_id: str, items: Sequence[Message], content: Content, *, wanted_language: str, now: datetime
) -> Message:
    """Return the message that tells these items, all of one guardian, channel and address.

    It is about no one student and of no one school; its items are, and they say what became of each.
    """
    first = items[0]
    return Message(
        message_id=digest_id,
        purpose=Purpose.DIGEST,
        channel=first.channel,
        guardian_id=first.guardian_id,
        student_id="",
        school_id="",
        fact_id=digest_id,
        revision=_REVISION,
        deadline=max(each.deadline for each in items),
        state=State.CREATED,
        created_at=now,
        due_at=now,
        address=first.address,
        wanted_language=wanted_language,
        content=content,
        items=tuple(Item(each.message_id, each.student_id, each.purpose) for each in items),
    )


def may_be_rewritten(known: Message | None) -> bool:
    """Return whether a digest can still get other items: it is not made yet, or certainly not sent."""
    return known is None or known.state in (State.CREATED, State.SUPERSEDED)


def rewrite(known: Message | None, planned: Message) -> Message | None:
    """Return the digest to store; None when it is stored as it should be, or is under way."""
    if known is None:
        return planned
    same = (known.items, known.address, known.content) == (planned.items, planned.address, planned.content)
    if not may_be_rewritten(known) or (known.state is State.CREATED and same):
        return None
    return replace(planned, attempts=known.attempts, created_at=known.created_at)


def take_along(item: Message, digest_id: str, *, now: datetime, lease_s: float) -> Message | None:
    """Return an item as under way with its digest; None when it does not wait for it."""
    if item.digest_id != digest_id or item.state is not State.CREATED:
        return None
    return replace(
        item,
        state=State.SENDING,
        reason=None,
        lease=digest_id,
        attempts=item.attempts + 1,
        attempted_at=now,
        # Twice the digest's own, which ends first in any case.
        due_at=now + timedelta(seconds=2 * lease_s),
    )


def is_taken_along(item: Message, digest_id: str) -> bool:
    """Return whether an item is under way with this digest."""
    return item.state in _UNDER_WAY and item.lease == digest_id


def release(item: Message, digest_id: str, *, due_at: datetime) -> Message | None:
    """Return an item as waiting again, because its digest does not go out as it is; None if it has ended."""
    if is_taken_along(item, digest_id) or item.state is State.CREATED:
        return replace(item, state=State.CREATED, lease="", due_at=due_at)
    return None


def follow(item: Message, sent: Message, *, now: datetime) -> Message | None:
    """Return an item as what became of its digest; None when that is no news.

    Args:
        item: one of the digest's.
        sent: the digest.
        now: the time.
    """
    if sent.state in _TOLD:
        if not more_certain(sent.state, item.state):
            return None
        return replace(item.ended(sent.state, sent.reason), sent_at=sent.sent_at)
    if not is_taken_along(item, sent.message_id):
        return None
    if sent.state in _UNDER_WAY:
        # After somebody has looked at the digest itself.
        later = max(sent.due_at or now, now) + _GRACE
        return replace(item, state=sent.state, reason=sent.reason, due_at=later)
    if may_be_rewritten(sent):
        return release(item, sent.message_id, due_at=max(sent.due_at or now, now))
    return item.ended(sent.state, sent.reason)
