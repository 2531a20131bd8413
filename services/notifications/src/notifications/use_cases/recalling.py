"""Recall what was said of a fact, after taking back what has not gone out, and have it looked at again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from notifications.domain.delivery import drop
from notifications.domain.facts import Fact
from notifications.domain.messages import TAKEN, Message, State
from notifications.domain.reasons import Reason
from notifications.domain.tellings import Telling, look_again
from notifications.use_cases.ports import Messages, Tellings, silently

#: The first revision has no older one, and most facts have no other.
_FIRST = 1


@dataclass(frozen=True)
class Recollection:
    """The messages of older revisions, by fact."""

    by_fact: Mapping[str, Sequence[Message]]

    def to(self, guardian_id: str, fact_id: str) -> Sequence[Message]:
        """Return what was said to a guardian, or may yet have been."""
        return [each for each in self.by_fact.get(fact_id, ()) if each.guardian_id == guardian_id]

    def told(self, fact_id: str) -> Sequence[str]:
        """Return who was told of a fact, or may have been."""
        taken = (each for each in self.by_fact.get(fact_id, ()) if each.state in TAKEN)
        return tuple(dict.fromkeys(each.guardian_id for each in taken))


def recall(facts: Sequence[Fact], messages: Messages) -> Recollection:
    """Supersede what waits of older revisions, then return what has become of all of them.

    Taking back comes first, and is a write: a sender that takes a message up at the same moment either comes
    first, and then the message is seen to be under way, or comes too late.
    """
    changed = {each.fact_id: each for each in facts if each.revision > _FIRST}

    def of_older_revisions() -> list[Message]:
        if not changed:
            return []
        found = messages.about(list(changed.values()))
        return [each for each in found if each.revision < changed[each.fact_id].revision]

    older = of_older_revisions()
    waiting = [each.message_id for each in older if each.state is State.CREATED]
    if waiting:
        messages.change_many([(each, silently(_take_back)) for each in waiting])
        older = of_older_revisions()
    by_fact: dict[str, list[Message]] = {}
    for each in sorted(older, key=lambda message: (message.revision, message.message_id)):
        by_fact.setdefault(each.fact_id, []).append(each)
    return Recollection(by_fact)


def _take_back(current: Message | None) -> Message | None:
    return drop(current, State.SUPERSEDED, Reason.NEWER_REVISION) if current else None


def look_again_at(since: Mapping[str, int], tellings: Tellings, *, now: datetime) -> None:
    """Have facts looked at again, each unless it is at this revision or below."""

    def again(telling: Telling | None, *, revision: int) -> Telling | None:
        return look_again(telling, since=revision, now=now)

    if not since:
        return
    tellings.change_many(
        [(fact_id, silently(partial(again, revision=revision))) for fact_id, revision in since.items()]
    )
