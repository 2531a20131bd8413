"""Let a guardian choose what to hear of, and show what they have said, when and how."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from notifications.domain.addresses import AddressRefusedError, normalised
from notifications.domain.eligibility import refusal_of_channel
from notifications.domain.planning import DistrictRules
from notifications.domain.preferences import (
    Frequency,
    Link,
    PreferenceRules,
    Preferences,
    Said,
    Source,
    Wanted,
    choose,
)
from notifications.domain.reasons import Reason
from notifications.domain.replies import Reply
from notifications.domain.roster import Channel, Consent, Guardian
from notifications.domain.suppressions import Wish
from notifications.use_cases.drafting import in_force
from notifications.use_cases.identities import suppression_id
from notifications.use_cases.ports import Guardians, Replies, Suppressions, Wishes, silently


class ChoiceRefusedError(ValueError):
    """A choice cannot be made; says for which topic and why."""

    def __init__(self, topic: str, reason: str) -> None:
        super().__init__(f"{topic}: {reason}")
        self.topic = topic
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Reachability:
    """Whether a guardian can be told on a channel.

    Attributes:
        address: checked and normalised; None if there is none that can be used.
        reason: why they cannot be told; None if they can.
        since: when the address was suppressed; None if it is not.
    """

    address: str | None
    reason: Reason | None
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Consented:
    """One word about consent, from whichever source.

    Attributes:
        at: ISO 8601, a day where the source knows no more.
        given_by: a person's id, or `number` for what was texted from a number, whoever holds it.
        about: the topic; empty for all of the channel.
        words: what was said, such as the text that revoked the consent.
    """

    at: str
    channel: Channel
    source: str
    given_by: str
    about: str
    granted: bool
    words: str


def change_preferences(
    guardian: Guardian, wanted: Wanted, said: Said, *, wishes: Wishes, rules: PreferenceRules
) -> Preferences:
    """Keep what a guardian has chosen, with who said so.

    Args:
        guardian: whose wishes they are.
        wanted: what is chosen now.
        said: by whom, when and why.
        wishes: where they are kept.
        rules: the district's.

    Raises:
        ChoiceRefusedError: if there is no such topic, or if nothing of it can be switched off.
    """
    for (topic, _), chosen in wanted.choices.items():
        if topic not in rules.topics:
            raise ChoiceRefusedError(topic, "is no topic of this district")
        if chosen is not Frequency.NOW and rules.is_all_must_know(topic):
            raise ChoiceRefusedError(topic, "is what families must know at once")

    def decide(known: Preferences | None) -> Preferences | None:
        return choose(known, guardian.guardian_id, wanted, said)

    kept = wishes.change(guardian.guardian_id, silently(decide))
    return kept or Preferences(guardian_id=guardian.guardian_id, choices={})


def unsubscribe(
    link: Link, *, guardians: Guardians, wishes: Wishes, rules: PreferenceRules, now: datetime
) -> bool:
    """End the topics of a link by email; the second time changes nothing.

    Returns:
        False if there is no such guardian any more, of which the caller must say nothing.
    """
    guardian = guardians.find(link.guardian_id)
    if guardian is None or not guardian.active:
        return False
    said = Said(at=now, by=guardian.guardian_id, source=Source.ONE_CLICK)
    off = {(topic, Channel.EMAIL): Frequency.OFF for topic in link.topics if topic in rules.topics}

    def decide(known: Preferences | None) -> Preferences | None:
        return choose(known, guardian.guardian_id, Wanted(choices=off), said)

    wishes.change(guardian.guardian_id, silently(decide))
    return True


def reachability_of(
    guardian: Guardian, *, suppressions: Suppressions, rules: DistrictRules
) -> Mapping[Channel, Reachability]:
    """Return whether a guardian can be told on each of the district's channels, whomever it is about."""
    addresses = {channel: _address(guardian, channel) for channel in rules.channels}
    ids = {
        channel: suppression_id(channel, found)
        for channel, found in addresses.items()
        if not isinstance(found, Reason)
    }
    suppressed = suppressions.existing(ids.values())
    found = {}
    for channel, address in addresses.items():
        suppression = suppressed.get(ids.get(channel, ""))
        against = in_force(suppression)
        wrong = address if isinstance(address, Reason) else None
        found[channel] = Reachability(
            address=None if isinstance(address, Reason) else address,
            reason=refusal_of_channel(guardian, channel, rules.channels[channel].consent) or wrong or against,
            since=suppression.since if suppression is not None and against else None,
        )
    return found


def consents_of(guardian: Guardian, chosen: Preferences | None, *, replies: Replies) -> Sequence[Consented]:
    """Return all that a guardian has said about being told, oldest first."""
    said = [_on_record(guardian, each) for each in guardian.consents]
    said += [
        Consented(
            at=each.said.at.isoformat(),
            channel=each.channel,
            source=each.said.source.value,
            given_by=each.said.by,
            about=each.topic,
            granted=each.frequency is not Frequency.OFF,
            words=each.said.why,
        )
        for each in (chosen.history if chosen else ())
    ]
    said += [
        Consented(
            at=each.received_at.isoformat(),
            channel=Channel.SMS,
            source="reply",
            given_by="number",
            about="",
            granted=each.wish is Wish.START,
            words=each.text,
        )
        for each in replies_of(guardian, replies=replies)
        if each.wish in (Wish.STOP, Wish.START)
    ]
    return sorted(said, key=lambda each: each.at)


def replies_of(guardian: Guardian, *, replies: Replies) -> Sequence[Reply]:
    """Return what was texted from a guardian's number, whoever holds it, oldest first."""
    number = _address(guardian, Channel.SMS)
    return [] if isinstance(number, Reason) else replies.from_number(number)


def _on_record(guardian: Guardian, consent: Consent) -> Consented:
    return Consented(
        at=consent.recorded_on.isoformat(),
        channel=consent.channel,
        source=consent.source,
        given_by=guardian.guardian_id,
        about="",
        granted=consent.granted,
        words="",
    )


def _address(guardian: Guardian, channel: Channel) -> str | Reason:
    written = (guardian.written_address(channel) or "").strip()
    if not written:
        return Reason.NO_ADDRESS
    try:
        return normalised(channel, written)
    except AddressRefusedError as error:
        return error.reason
