"""What a fact leads to: for each guardian and channel a message, or the reason why there is none."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from notifications.domain.addresses import AddressRefusedError, normalised
from notifications.domain.delivery import DeliveryRules, hold
from notifications.domain.eligibility import ConsentRule, refusal_of_channel, refusal_of_right
from notifications.domain.facts import Fact
from notifications.domain.feeds import CalendarRules
from notifications.domain.hours import HourRules
from notifications.domain.languages import Languages
from notifications.domain.messages import CANCELLING, INVITING, Content, Message, Purpose, State
from notifications.domain.news import News
from notifications.domain.preferences import Frequency, PreferenceRules, Preferences, frequency
from notifications.domain.pricing import Price
from notifications.domain.reach import ReachRules
from notifications.domain.reasons import Reason
from notifications.domain.reminders import Before
from notifications.domain.roster import Channel, Guardian, School, Student
from notifications.domain.sandbox import Sandbox
from notifications.domain.tellings import WaitingRules
from notifications.domain.timing import Clocks, Slot


@dataclass(frozen=True, kw_only=True)
class ChannelRule:
    """A district's rules about one channel; `most_parts` is what a text message may cost, 0 for no limit."""

    consent: ConsentRule
    most_parts: int
    price: Price | None = None


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who a family sees as the sender.

    Attributes:
        name: the district as families call it.
        contact: by language tag, who can be asked, as the object of a sentence: `the school's office`.
        portal: by language tag, where results are read, as the object of a sentence: `the family portal`.
    """

    name: str
    contact: Mapping[str, str]
    portal: Mapping[str, str]

    def contact_in(self, language: str, *, fallback: str) -> str:
        """Return who can be asked, in a language or the fallback; where a district has no words, its name."""
        return self.contact.get(language) or self.contact.get(fallback) or self.name

    def portal_in(self, language: str, *, fallback: str) -> str:
        """Return where results are read; who can be asked, where a district has no words for it."""
        found = self.portal.get(language) or self.portal.get(fallback)
        return found or self.contact_in(language, fallback=fallback)


@dataclass(frozen=True, kw_only=True)
class NoticeRules:
    """What a district tells by message.

    Attributes:
        told: of what families hear; what is not in it is on record as unsaid.
        reminders: how long before an appointment they are reminded of it.
        useful_for: how long telling what has happened is of use.
    """

    told: Collection[Purpose]
    useful_for: timedelta
    reminders: Sequence[Before] = ()


@dataclass(frozen=True, kw_only=True)
class DistrictRules:
    """Everything that a district decides about telling families, on one day."""

    district: str
    channels: Mapping[Channel, ChannelRule]
    delivery: DeliveryRules
    waiting: WaitingRules
    notices: NoticeRules
    languages: Languages
    sender: Sender
    hours: HourRules
    preferences: PreferenceRules
    reach: ReachRules
    calendars: CalendarRules = field(default_factory=CalendarRules)
    sandbox: Sandbox = field(default_factory=Sandbox)

    def clocks(self, school: School | None, chosen: Preferences | None) -> Clocks:
        """Return what decides about the time of a guardian's messages from a school, known or not."""
        return Clocks(
            zone=self.hours.zone(school.time_zone if school else ""),
            chosen=chosen,
            hours=self.hours,
            preferences=self.preferences,
        )


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a text is made of, before it has a language.

    Attributes:
        news: what it says about the fact.
        address: of the one person who reads it.
        wanted_language: BCP 47 tag.
        written_at: when it is made.
        in_digest: whether it is to be a section of a digest, and not a whole letter.
        calendar_url: of the reader's own calendar; empty for none.
    """

    news: News
    channel: Channel
    fact: Fact
    student: Student
    school: School
    address: str
    wanted_language: str
    written_at: datetime
    in_digest: bool = False
    calendar_url: str = ""


def usable_address(
    student: Student, guardian: Guardian, channel: Channel, rule: ChannelRule, purpose: Purpose
) -> str | Reason:
    """Return where this guardian can be told about this student, or why they are not: rights come first."""
    refused = refusal_of_right(student, guardian, purpose) or refusal_of_channel(
        guardian, channel, rule.consent
    )
    if refused is not None:
        return refused
    written = (guardian.written_address(channel) or "").strip()
    if not written:
        return Reason.NO_ADDRESS
    try:
        return normalised(channel, written)
    except AddressRefusedError as error:
        return error.reason


def wanted_address(
    student: Student,
    guardian: Guardian,
    channel: Channel,
    purpose: Purpose,
    *,
    chosen: Preferences | None,
    rules: DistrictRules,
) -> str | Reason:
    """Return where this guardian hears of a purpose about this student, or why not: wishes come last."""
    address = usable_address(student, guardian, channel, rules.channels[channel], purpose)
    if isinstance(address, Reason):
        return address
    off = frequency(purpose, channel, chosen, rules.preferences) is Frequency.OFF
    return Reason.SWITCHED_OFF if off else address


def blank(
    message_id: str,
    fact: Fact,
    said: News,
    guardian_id: str,
    channel: Channel,
    *,
    wanted_language: str,
    now: datetime,
) -> Message:
    """Return the message of this guardian and channel before it is known whether it can be sent."""
    return Message(
        message_id=message_id,
        purpose=said.purpose,
        channel=channel,
        guardian_id=guardian_id,
        student_id=fact.student_id,
        school_id=fact.school_id,
        fact_id=fact.fact_id,
        revision=fact.revision,
        deadline=deadline(fact, said),
        state=State.NOT_SENT,
        created_at=now,
        wanted_language=wanted_language,
        tells=fact.place if said.purpose in INVITING else None,
    )


def deadline(fact: Fact, said: News) -> datetime:
    """Return until when it is of use; a cancellation has until the time that a guardian believes in."""
    believed = said.place if said.purpose in CANCELLING else None
    return believed.starts_at if believed else fact.deadline


def refused(message: Message, reason: Reason) -> Message:
    """Return the message as not sent; without address and content, because nobody needs them then."""
    return replace(message, state=State.NOT_SENT, reason=reason)


def ready(message: Message, address: str, content: Content, slot: Slot, *, digest_id: str = "") -> Message:
    """Return the message as waiting for its time, or for the digest of this id.

    What would wait in quiet hours for longer than it is of use has expired now, so that a person can see it.
    """
    written = replace(
        message,
        state=State.CREATED,
        address=address,
        content=content,
        due_at=slot.due_at,
        urgent=slot.urgent,
        reason=slot.reason,
        digest_id=digest_id,
    )
    waits = slot.reason is Reason.QUIET_HOURS
    return hold(written, slot.due_at) if waits else written


#: Why nothing is sent, as far as we know: a late receipt may tell what was read after all.
_UNTIL_MORE_IS_KNOWN = frozenset({Reason.GUARDIAN_UNKNOWN, Reason.NEVER_TOLD, Reason.ALREADY_TOLD})


def keep_first(known: Message | None, planned: Message) -> Message | None:
    """Return the message to store; None when it is stored already, whatever has become of it.

    Only what was not sent because of what was known then is planned anew, if more is known now, and what
    waits to go to an address that is not the guardian's any more.
    """
    if known is None:
        return planned
    if known.state is State.CREATED:
        return None if planned.address == known.address else _in_its_place(known, planned)
    if known.reason not in _UNTIL_MORE_IS_KNOWN:
        return None
    return None if planned.reason is known.reason else planned


def _in_its_place(known: Message, planned: Message) -> Message:
    """Return what goes to another address; what waited for a digest waits for the same one."""
    if known.digest_id and planned.digest_id:
        return replace(planned, digest_id=known.digest_id, due_at=known.due_at)
    return planned
