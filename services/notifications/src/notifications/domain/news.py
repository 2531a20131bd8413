"""What a revision is to one guardian: a defense, its move, its cancellation, or nothing that is new.

What counts is what this guardian was told, and not what happened in between: who never heard of a defense
hears neither of its moves nor of its cancellation, and a defense that is back where it was is no news.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from notifications.domain.facts import Defense, Place
from notifications.domain.messages import TAKEN, Message, Purpose
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel


@dataclass(frozen=True, kw_only=True)
class News:
    """What to say.

    Attributes:
        place: what it is about: where the defense is, or where the guardian believed that it would be.
        before: for a move, where the guardian believed that it would be; None if that is not on record.
        silent: why nothing is said; None if something is.
    """

    purpose: Purpose
    place: Place
    before: Place | None = None
    silent: Reason | None = None


def news(defense: Defense, channel: Channel, earlier: Sequence[Message], *, patient: bool) -> News | None:
    """Return what a revision is to a guardian on a channel.

    Args:
        defense: the revision.
        channel: on which they would be told.
        earlier: their messages of older revisions, of all channels.
        patient: whether there is time to learn what became of messages that are still under way; without
            it, they count as read.

    Returns:
        None while it depends on a message that is under way: on the same channel always, for its sequel
        must not overtake it.
    """
    if_read = _news(defense, channel, earlier)
    if not patient:
        return if_read
    if any(each.is_open and each.channel is channel for each in earlier):
        return None
    settled = _news(defense, channel, [each for each in earlier if not each.is_open])
    return settled if settled == if_read else None


def _news(defense: Defense, channel: Channel, earlier: Sequence[Message]) -> News:
    read = sorted((each for each in earlier if each.state in TAKEN), key=lambda each: each.revision)
    last = read[-1:]
    last_here = [each for each in read if each.channel is channel][-1:]
    # Whom one channel told of a cancellation and another one did not, may believe either.
    believed = [each for each in (*last, *last_here) if each.purpose is not Purpose.DEFENSE_CANCELLED]
    if defense.cancelled:
        return _cancellation(defense, believed, anything=bool(read))
    stale = [each for each in believed if each.tells != defense.place]
    if stale:
        return News(purpose=Purpose.DEFENSE_MOVED, place=defense.place, before=stale[0].tells)
    if last_here and believed == [*last, *last_here]:
        return News(purpose=Purpose.DEFENSE_MOVED, place=defense.place, silent=Reason.ALREADY_TOLD)
    return News(purpose=Purpose.DEFENSE_SCHEDULED, place=defense.place)


def _cancellation(defense: Defense, believed: Sequence[Message], *, anything: bool) -> News:
    if believed:
        return News(purpose=Purpose.DEFENSE_CANCELLED, place=believed[0].tells or defense.place)
    silent = Reason.ALREADY_TOLD if anything else Reason.NEVER_TOLD
    return News(purpose=Purpose.DEFENSE_CANCELLED, place=defense.place, silent=silent)
