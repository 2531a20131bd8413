"""What guardians wish to hear of, where and how often; and what they must hear whatever they wish."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from notifications.domain.hours import Quiet
from notifications.domain.messages import Message, Purpose
from notifications.domain.roster import Channel


class Frequency(StrEnum):
    """How often a guardian hears of a topic."""

    NOW = "now"
    DIGEST = "digest"
    OFF = "off"


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What a guardian can choose about; `usual` is what holds for those who have not chosen."""

    purposes: Collection[Purpose]
    usual: Mapping[Channel, Frequency]


@dataclass(frozen=True, kw_only=True)
class PreferenceRules:
    """What a district lets guardians choose, as policy data.

    Attributes:
        topics: by name; each purpose is in exactly one.
        must_know: what is told at once whatever a guardian has chosen.
        digest_at: when the day's digest is made, by the school's clocks.
        digest_parts: what a digest may cost as a text message; 0 for no limit.
        links_last: how long the link that unsubscribes works.
    """

    topics: Mapping[str, Topic]
    must_know: Collection[Purpose]
    digest_at: time
    digest_parts: int
    links_last: timedelta

    def topic_of(self, purpose: Purpose) -> str:
        """Return the name of a purpose's topic."""
        return next(name for name, topic in self.topics.items() if purpose in topic.purposes)

    def unsubscribable(self, message: Message) -> tuple[str, ...]:
        """Return the topics of a message that its reader may end; none if they must know all of it."""
        purposes = [each.purpose for each in message.items] or [message.purpose]
        ended = (self.topic_of(each) for each in purposes if each not in self.must_know)
        return tuple(dict.fromkeys(ended))

    def is_all_must_know(self, topic: str) -> bool:
        """Return whether nothing of a topic can be switched off."""
        return all(each in self.must_know for each in self.topics[topic].purposes)


class Source(StrEnum):
    """By which way a guardian's word came."""

    PORTAL = "portal"
    STAFF = "staff"
    ONE_CLICK = "one_click"


@dataclass(frozen=True, kw_only=True)
class Said:
    """Who said what a guardian wishes.

    Attributes:
        by: the caller's id; the guardian's own, unless somebody acts for them.
        why: the words of who acts for a guardian, or of the guardian.
    """

    at: datetime
    by: str
    source: Source
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """One change of a wish, kept for ever: the proof of a consent given or withdrawn."""

    said: Said
    topic: str
    channel: Channel
    frequency: Frequency


@dataclass(frozen=True, kw_only=True)
class QuietChange:
    """Another choice of a guardian's own quiet hours; None for none any more."""

    said: Said
    quiet: Quiet | None


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """What one guardian has chosen.

    Attributes:
        choices: by topic and channel; what is not in it is as usual in the district.
        quiet: hours of their own in which they are not disturbed, besides the district's.
        history, quiet_history: oldest first.
    """

    guardian_id: str
    choices: Mapping[tuple[str, Channel], Frequency]
    quiet: Quiet | None = None
    history: Sequence[Change] = ()
    quiet_history: Sequence[QuietChange] = ()


def frequency(
    purpose: Purpose, channel: Channel, chosen: Preferences | None, rules: PreferenceRules
) -> Frequency:
    """Return how often a guardian hears of a purpose on a channel."""
    if purpose in rules.must_know:
        return Frequency.NOW
    return of_topic(rules.topic_of(purpose), channel, chosen, rules)


def of_topic(topic: str, channel: Channel, chosen: Preferences | None, rules: PreferenceRules) -> Frequency:
    """Return what holds for a topic on a channel: the guardian's choice, else the district's usual one."""
    usual = rules.topics[topic].usual.get(channel, Frequency.NOW)
    return chosen.choices.get((topic, channel), usual) if chosen else usual


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is chosen at one time; what it does not name stays as it is.

    Attributes:
        choices: by topic and channel.
        quiet: hours of the guardian's own, None for none.
        sets_quiet: whether `quiet` is chosen at all.
    """

    choices: Mapping[tuple[str, Channel], Frequency]
    quiet: Quiet | None = None
    sets_quiet: bool = False


def choose(known: Preferences | None, guardian_id: str, wanted: Wanted, said: Said) -> Preferences | None:
    """Return the preferences with these choices made, and by whom; None when that changes nothing."""
    before = known or Preferences(guardian_id=guardian_id, choices={})
    changes = [
        Change(said=said, topic=topic, channel=channel, frequency=chosen)
        for (topic, channel), chosen in wanted.choices.items()
        if before.choices.get((topic, channel)) is not chosen
    ]
    quiet = wanted.quiet if wanted.sets_quiet else before.quiet
    hours = [] if before.quiet == quiet else [QuietChange(said=said, quiet=quiet)]
    if not changes and not hours:
        return None
    return replace(
        before,
        choices={**before.choices, **wanted.choices},
        quiet=quiet,
        history=(*before.history, *changes),
        quiet_history=(*before.quiet_history, *hours),
    )


@dataclass(frozen=True, kw_only=True)
class Link:
    """What a link that unsubscribes stands for: these topics are no longer mailed to this guardian."""

    district: str
    guardian_id: str
    topics: Sequence[str]
