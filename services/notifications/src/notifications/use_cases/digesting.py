"""Keep a digest and its items together: taken up together, and each item becomes what its digest became."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from notifications.domain import digests
from notifications.domain.delivery import drop
from notifications.domain.messages import TAKEN, Message, State
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason
from notifications.use_cases.announcing import announcing
from notifications.use_cases.checking import Objection, Second
from notifications.use_cases.ports import Decide, Messages


def items_of(waiting: Sequence[Message], messages: Messages) -> Mapping[str, Message]:
    """Return the items of those among these messages that are digests, as far as they can go out, by id."""
    wanted = {item.message_id: each.message_id for each in waiting for item in each.items}
    if not wanted:
        return {}
    return {
        name: item
        for name, item in messages.existing(wanted).items()
        if item.state is State.CREATED or digests.is_taken_along(item, wanted[name])
    }


def facts_told(told: Sequence[Message], messages: Messages) -> list[tuple[str, int]]:
    """Return id and revision of the facts that these messages tell; what a digest tells, its items do."""
    wanted = {item.message_id for each in told for item in each.items}
    items = messages.existing(wanted).values() if wanted else ()
    return [(each.fact_id, each.revision) for each in (*told, *items) if not each.items]


def take_items_along(
    waiting: Sequence[Message],
    items: Mapping[str, Message],
    second: Second,
    *,
    messages: Messages,
    rules: DistrictRules,
    now: datetime,
) -> Second:
    """Take the items of digests under way, before their digests are.

    A digest of which an item must not go out any more does not go out as it is: that item ends, and the
    others wait again, to be gathered anew.

    Args:
        waiting: the digests that are due.
        items: those of their items that can still go out.
        second: what the second look at the items has found.
        messages: where they are kept.
        rules: the district's.
        now: the time.

    Returns:
        What has been found, with what follows for the digests.
    """
    if not waiting:
        return second
    held = dict(second.held)
    sound: list[Message] = []
    changed: list[Message] = []
    for each in waiting:
        names = [item.message_id for item in each.items]
        if any(name not in items or name in second.objections or name in second.elsewhere for name in names):
            changed.append(each)
        elif any(name in held for name in names):
            held[each.message_id] = max(held[name] for name in names if name in held)
        else:
            sound.append(each)
    aboard = _take(sound, messages=messages, rules=rules, now=now)
    changed += [each for each in sound if any(item.message_id not in aboard for item in each.items)]
    _give_back(changed, second, messages=messages, now=now)
    objections = {each.message_id: Objection(State.SUPERSEDED, Reason.DIGEST_CHANGED) for each in changed}
    return replace(second, objections={**second.objections, **objections}, held=held)


def _take(
    sound: Sequence[Message], *, messages: Messages, rules: DistrictRules, now: datetime
) -> Collection[str]:
    aboard: set[str] = set()

    def take(current: Message | None, *, digest_id: str) -> Message | None:
        # Called again after a conflict: only its last word counts.
        if current is None:
            return None
        aboard.discard(current.message_id)
        taken = digests.take_along(current, digest_id, now=now, lease_s=rules.delivery.lease_s)
        if taken is not None or digests.is_taken_along(current, digest_id):
            aboard.add(current.message_id)
        return taken

    messages.change_many(_of_items(sound, lambda each: partial(take, digest_id=each.message_id), now=now))
    return aboard


def _give_back(changed: Sequence[Message], second: Second, *, messages: Messages, now: datetime) -> None:
    def give_back(current: Message | None, *, digest_id: str) -> Message | None:
        free = digests.release(current, digest_id, due_at=now) if current else None
        if free is None:
            return None
        objection = second.objections.get(free.message_id)
        return drop(free, objection.state, objection.reason) if objection else free

    messages.change_many(
        _of_items(changed, lambda each: partial(give_back, digest_id=each.message_id), now=now)
    )


def follow_digests(digest_ids: Sequence[str], *, messages: Messages, now: datetime) -> list[Message]:
    """Let the items of digests become what their digests have become.

    Returns:
        Those that have been read although they had been given up in the meantime.
    """
    if not digest_ids:
        return []
    revived: dict[str, Message] = {}

    def follow(current: Message | None, *, sent: Message) -> Message | None:
        if current is None:
            return None
        # Called again after a conflict: only its last word counts.
        revived.pop(current.message_id, None)
        after = digests.follow(current, sent, now=now)
        if after is not None and after.state in TAKEN and current.state not in TAKEN:
            revived[after.message_id] = after
        return after

    sent = list(messages.existing(digest_ids).values())
    messages.change_many(_of_items(sent, lambda each: partial(follow, sent=each), now=now))
    return list(revived.values())


def _of_items(
    around: Sequence[Message],
    decide: Callable[[Message], Callable[[Message | None], Message | None]],
    *,
    now: datetime,
) -> list[tuple[str, Decide[Message]]]:
    return [(item.message_id, announcing(decide(each), now=now)) for each in around for item in each.items]
