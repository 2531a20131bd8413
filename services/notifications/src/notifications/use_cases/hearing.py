"""Hear what comes back: receipts of the provider, and what families reply."""

from dataclasses import dataclass
from datetime import datetime

from notifications.domain import delivery
from notifications.domain.delivery import Receipt
from notifications.domain.messages import TAKEN, Message, State
from notifications.domain.reasons import Reason
from notifications.domain.replies import Reply
from notifications.domain.roster import Channel
from notifications.domain.suppressions import Keywords, Suppression, Wish, lift, suppress
from notifications.use_cases.announcing import announcing
from notifications.use_cases.delivering import suppress_address
from notifications.use_cases.digesting import facts_told, follow_digests
from notifications.use_cases.identities import suppression_id
from notifications.use_cases.ports import Messages, Replies, Suppressions, Tellings, silently
from notifications.use_cases.reaching import Reaches, look_now
from notifications.use_cases.recalling import look_again_at


def hear_receipt(
    message_id: str,
    receipt: Receipt,
    *,
    messages: Messages,
    tellings: Tellings,
    suppressions: Suppressions,
    reaches: Reaches,
    now: datetime,
) -> bool:
    """Keep what a provider reports about a message.

    Who has read what we thought was never taken must hear what has become of it since, and whom a message
    did not reach is looked at again.

    Returns:
        False if there is no such message: somebody else's, or a forged id.
    """
    if receipt.suppress and receipt.reason is not None:
        known = messages.find(message_id)
        if known is not None and known.address:
            suppress_address(known.channel, known.address, receipt.reason, suppressions, now=now)
    before: list[Message] = []

    def hear(current: Message | None) -> Message | None:
        # Called again after a conflict: only its last word counts.
        before[:] = [current] if current else []
        return delivery.receive(current, receipt, now=now) if current else None

    after = messages.change(message_id, announcing(hear, now=now))
    if after is None:
        return False
    [was] = before

    if was.state not in TAKEN and after.state in TAKEN:
        look_again_at({was.fact_id: was.revision}, tellings, now=now)
    revived = follow_digests([message_id] if was.items else [], messages=messages, now=now)
    look_again_at({each.fact_id: each.revision for each in revived}, tellings, now=now)
    if receipt.state is State.FAILED:
        look_now(facts_told([was], messages), reaches=reaches, now=now)
    return True


@dataclass(frozen=True)
class Heard:
    """What a text asks for, None when a person must read it; and its answer, empty if there is none."""

    wish: Wish | None
    answer: str


def hear_reply(
    reply_id: str,
    *,
    sender: str,
    text: str,
    keywords: Keywords,
    replies: Replies,
    suppressions: Suppressions,
    now: datetime,
) -> Heard:
    """Keep a text that came in, and do at once what it asks for; the wish counts for the number.

    The wish is carried out before the reply is kept: a crash in between repeats it, and losing it is the
    error that matters. It is answered once: a STOP that says nothing new, and a text that is reported again,
    get no second confirmation.

    Args:
        reply_id: the provider's id of the text; the same text may be reported twice.
        sender: the number, E.164.
        text: as written.
        keywords: the words that mean something.
        replies: where texts are kept.
        suppressions: where opt-outs are kept.
        now: the time.

    Returns:
        What it asks for, and its answer.
    """
    word = keywords.asked(text)
    wish = word.wish if word else None
    is_news = replies.find(reply_id) is None
    has_effect = wish is Wish.HELP

    def comply(known: Suppression | None) -> Suppression | None:
        nonlocal has_effect
        if wish is Wish.STOP:
            after = suppress(known, Channel.SMS, Reason.OPTED_OUT, now=now)
        else:
            after = lift(known, now=now)
        # Called again after a conflict: only its last word counts.
        has_effect = after is not None
        return after

    def keep(known: Reply | None) -> Reply | None:
        heard = Reply(reply_id=reply_id, sender=sender, text=text, wish=wish, received_at=now)
        return heard if known is None else None

    if wish in (Wish.STOP, Wish.START) and is_news:
        suppressions.change(suppression_id(Channel.SMS, sender), silently(comply))
    replies.change(reply_id, silently(keep))
    return Heard(wish, keywords.answer(word) if word and is_news and has_effect else "")
