"""What a fact leads to: for each guardian and channel a message, or the reason why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from notifications.domain.addresses import AddressRefusedError, normalised
from notifications.domain.delivery import DeliveryRules
from notifications.domain.eligibility import ConsentRule, refusal_of_channel, refusal_of_right
from notifications.domain.facts import Defense
from notifications.domain.languages import Languages
from notifications.domain.messages import Content, Message, Purpose, State
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Guardian, School, Student
from notifications.domain.tellings import WaitingRules


@dataclass(frozen=True, kw_only=True)
class ChannelRule:
    """A district's rules about one channel; `most_parts` is what a text message may cost, 0 for no limit."""

    consent: ConsentRule
    most_parts: int


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who a family sees as the sender.

    Attributes:
        name: the district as families call it.
        contact: by language tag, who can be asked, as the object of a sentence: `the school's office`.
    """

    name: str
    contact: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class DistrictRules:
    """Everything that a district decides about telling families, on one day."""

    district: str
    channels: Mapping[Channel, ChannelRule]
    delivery: DeliveryRules
    waiting: WaitingRules
    languages: Languages
    sender: Sender


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What a text is made of, before it has a language.

    Attributes:
        address: of the one person who reads it.
        wanted_language: BCP 47 tag.
        written_at: when it is made.
    """

    purpose: Purpose
    channel: Channel
    defense: Defense
    student: Student
    school: School
    address: str
    wanted_language: str
    written_at: datetime


def usable_address(student: Student, guardian: Guardian, channel: Channel, rule: ChannelRule) -> str | Reason:
    """Return where this guardian can be told about this student, or why they are not: rights come first."""
    refused = refusal_of_right(student, guardian) or refusal_of_channel(guardian, channel, rule.consent)
    if refused is not None:
        return refused
    written = (guardian.written_address(channel) or "").strip()
    if not written:
        return Reason.NO_ADDRESS
    try:
        return normalised(channel, written)
    except AddressRefusedError as error:
        return error.reason


def blank(
    message_id: str,
    defense: Defense,
    guardian_id: str,
    channel: Channel,
    *,
    wanted_language: str,
    now: datetime,
) -> Message:
    """Return the message of this guardian and channel before it is known whether it can be sent."""
    return Message(
        message_id=message_id,
        purpose=Purpose.DEFENSE_SCHEDULED,
        channel=channel,
        guardian_id=guardian_id,
        student_id=defense.student_id,
        school_id=defense.school_id,
        fact_id=defense.defense_id,
        revision=defense.revision,
        deadline=defense.starts_at,
        state=State.NOT_SENT,
        created_at=now,
        wanted_language=wanted_language,
    )


def refused(message: Message, reason: Reason) -> Message:
    """Return the message as not sent; without address and content, because nobody needs them then."""
    return replace(message, state=State.NOT_SENT, reason=reason)


def ready(message: Message, address: str, content: Content, *, now: datetime) -> Message:
    """Return the message as waiting for its time.

    Quiet hours and digests will choose a later time than now.
    """
    return replace(message, state=State.CREATED, address=address, content=content, due_at=now)


def keep_first(known: Message | None, planned: Message) -> Message | None:
    """Return the message to store; None when it is stored already, whatever has become of it.

    Only a guardian of whom nothing was known then, and something is known now, is planned anew.
    """
    if known is not None and known.reason is not Reason.GUARDIAN_UNKNOWN:
        return None
    return None if known is not None and planned.reason is known.reason else planned
