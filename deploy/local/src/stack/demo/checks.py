"""What must hold at the end of a season; each check returns a sentence for each thing that differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from stack.demo.portal import few


@dataclass(frozen=True)
class Inboxes:
    """What families received: mails and text messages by address, oldest first."""

    mails: Mapping[str, list[dict[str, Any]]]
    texts: Mapping[str, list[dict[str, Any]]]

    def counts(self, channel: str) -> Counter[str]:
        """Return how many messages came to each address."""
        box = self.mails if channel == "email" else self.texts
        return Counter({address: len(messages) for address, messages in box.items()})


def received(mails: Iterable[dict[str, Any]], texts: Iterable[dict[str, Any]]) -> Inboxes:
    """Sort what the mail sink and the SMS simulator received (newest first) into inboxes."""
    by_address: dict[str, list[dict[str, Any]]] = {}
    for mail in mails:
        for address in mail["recipients"]:
            by_address.setdefault(address, []).insert(0, mail)
    by_number: dict[str, list[dict[str, Any]]] = {}
    for text in texts:
        if text["direction"].startswith("outbound"):
            by_number.setdefault(text["to"], []).insert(0, text)
    return Inboxes(by_address, by_number)


def check_placement(
    ready: Collection[str], scheduled: Collection[str], unplaced: Mapping[str, str]
) -> list[str]:
    """Each ready student is scheduled or listed with a reason, and nobody else is.

    Args:
        ready: who is ready.
        scheduled: who has a defense.
        unplaced: the reason why somebody has none.
    """
    ready, scheduled = set(ready), set(scheduled)
    differences = {
        "ready, but neither scheduled nor listed": ready - scheduled - set(unplaced),
        "scheduled and yet listed as not placed": scheduled & set(unplaced),
        "scheduled without being ready": scheduled - ready,
        "listed as not placed without a reason": {each for each, reason in unplaced.items() if not reason},
    }
    return [f"{what}: {few(who)}" for what, who in differences.items() if who]


def check_panels(defenses: Iterable[Mapping[str, Any]]) -> list[str]:
    """Nobody is in two places: a room or a panelist has one defense at a time."""
    taken: Counter[tuple[str, str]] = Counter()
    for each in defenses:
        taken.update((each["starts_at"], seat["panelist_id"]) for seat in each["panel"])
        taken[each["starts_at"], f"{each['room']} of {each['school_id']}"] += 1
    twice = {f"{who} at {starts_at}" for (starts_at, who), count in taken.items() if count > 1}
    return [f"in two places at once: {few(twice)}"] if twice else []


def check_inbox(channel: str, expected: Counter[str], actual: Counter[str]) -> list[str]:
    """Each address got exactly what it should: nothing is missing, nothing came twice or to strangers.

    Args:
        channel: email or sms.
        expected: messages by address, from what the generator knows.
        actual: messages by address, as they arrived.
    """
    missing, surplus = expected - actual, actual - expected
    strangers = {address for address in surplus if address not in expected}
    twice = set(surplus) - strangers
    differences = {
        "did not arrive at": set(missing),
        "arrived more often than once a student at": twice,
        "arrived at somebody who must not be told:": strangers,
    }
    return [f"{channel} {what} {few(who)}" for what, who in differences.items() if who]
