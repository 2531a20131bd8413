"""What a revision is to one guardian: an appointment, its move, its cancellation, a notice, or nothing new.

What counts is what this guardian was told, and not what happened in between: who never heard of an
appointment hears neither of its moves nor of its cancellation, and one that is back where it was is no news.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from notifications.domain.facts import Fact, Kind, Place, Standing
from notifications.domain.messages import INVITING, RELEASING, TAKEN, Message, Purpose
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel


@dataclass(frozen=True, kw_only=True)
class News:
    """What to say.

    Attributes:
        place: what it is about: where the appointment is, or where the guardian believed that it would be.
        before: for a move, where the guardian believed that it would be; None if that is not on record.
        again: whether the guardian has heard of an earlier result.
        silent: why nothing is said; None if something is.
    """

    purpose: Purpose
    place: Place | None = None
    before: Place | None = None
    again: bool = False
    silent: Reason | None = None


@dataclass(frozen=True)
class _Words:
    """The purposes of one kind of appointment."""

    scheduled: Purpose
    moved: Purpose
    cancelled: Purpose


_WORDS = {
    Kind.DEFENSE: _Words(Purpose.DEFENSE_SCHEDULED, Purpose.DEFENSE_MOVED, Purpose.DEFENSE_CANCELLED),
    Kind.MILESTONE: _Words(Purpose.MILESTONE_SCHEDULED, Purpose.MILESTONE_MOVED, Purpose.MILESTONE_CANCELLED),
}
_NOTICES = {
    Standing.MISSED: Purpose.MILESTONE_MISSED,
    Standing.ADJOURNED: Purpose.HEARING_ADJOURNED,
    Standing.ANNULLED: Purpose.HEARING_ANNULLED,
    Standing.RELEASED: Purpose.OUTCOME_RELEASED,
}


def news(fact: Fact, channel: Channel, earlier: Sequence[Message], *, patient: bool) -> News | None:
    """Return what a revision is to a guardian on a channel.

    Args:
        fact: the revision.
        channel: on which they would be told.
        earlier: their messages of older revisions, of all channels.
        patient: whether there is time to learn what became of messages that are still under way; without
            it, they count as read.

    Returns:
        None while it depends on a message that is under way: on the same channel always, for its sequel
        must not overtake it.
    """
    if_read = _news(fact, channel, earlier)
    if not patient:
        return if_read
    if any(each.is_open and each.channel is channel for each in earlier):
        return None
    settled = _news(fact, channel, [each for each in earlier if not each.is_open])
    return settled if settled == if_read else None


def allowed(said: News, told: Collection[Purpose]) -> News:
    """Return the news as a district lets it be told.

    Where the steps after a hearing are not told by message, only that there is a result is.
    """
    if said.purpose is Purpose.REDEFENSE_REQUESTED and said.purpose not in told:
        said = replace(said, purpose=Purpose.OUTCOME_RELEASED)
    if said.silent is None and said.purpose not in told:
        return replace(said, silent=Reason.DISTRICT_SILENT)
    return said


def _news(fact: Fact, channel: Channel, earlier: Sequence[Message]) -> News:
    read = sorted((each for each in earlier if each.state in TAKEN), key=lambda each: each.revision)
    words = _WORDS.get(fact.kind)
    if words is None or fact.standing in _NOTICES:
        return _notice(fact, read)
    last = read[-1:]
    last_here = [each for each in read if each.channel is channel][-1:]
    # Whom one channel told of a cancellation and another one did not, may believe either.
    believed = [each for each in (*last, *last_here) if each.purpose in INVITING]
    if fact.standing is Standing.CANCELLED:
        return _cancellation(fact, words.cancelled, believed, anything=bool(read))
    stale = [each for each in believed if each.tells != fact.place]
    if stale:
        return News(purpose=words.moved, place=fact.place, before=stale[0].tells)
    if last_here and believed == [*last, *last_here]:
        return News(purpose=words.moved, place=fact.place, silent=Reason.ALREADY_TOLD)
    return News(purpose=words.scheduled, place=fact.place)


def _cancellation(fact: Fact, purpose: Purpose, believed: Sequence[Message], *, anything: bool) -> News:
    if believed:
        return News(purpose=purpose, place=believed[0].tells or fact.place)
    silent = Reason.ALREADY_TOLD if anything else Reason.NEVER_TOLD
    return News(purpose=purpose, place=fact.place, silent=silent)


def _notice(fact: Fact, read: Sequence[Message]) -> News:
    """Return a notice: each revision is told once, but for the end of a result of which nobody has heard."""
    purpose = _NOTICES[fact.standing]
    if fact.plan_due_on is not None and fact.defend_by is not None:
        purpose = Purpose.REDEFENSE_REQUESTED
    again = any(each.purpose in RELEASING for each in read)
    unheard = fact.standing is Standing.ANNULLED and not again
    silent = Reason.NEVER_TOLD if unheard else None
    return News(purpose=purpose, place=fact.place, again=again, silent=silent)
