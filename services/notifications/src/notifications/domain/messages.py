"""One message: a fact told to one guardian on one channel, and the state that it is in."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from notifications.domain.facts import Place
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.segments import Encoding


class Purpose(StrEnum):
    """Why a family is told; the name of its texts."""

    DEFENSE_SCHEDULED = "defense_scheduled"
    DEFENSE_MOVED = "defense_moved"
    DEFENSE_CANCELLED = "defense_cancelled"
    MILESTONE_SCHEDULED = "milestone_scheduled"
    MILESTONE_MOVED = "milestone_moved"
    MILESTONE_CANCELLED = "milestone_cancelled"
    DEFENSE_REMINDER = "defense_reminder"
    MILESTONE_REMINDER = "milestone_reminder"
    MILESTONE_MISSED = "milestone_missed"
    HEARING_ADJOURNED = "hearing_adjourned"
    HEARING_ANNULLED = "hearing_annulled"
    OUTCOME_RELEASED = "outcome_released"
    REDEFENSE_REQUESTED = "redefense_requested"
    #: Everything of a day that waited for it; no fact of its own.
    DIGEST = "digest"


#: Who reads one of these keeps a time free; who reads any other one does not.
INVITING = frozenset(
    {
        Purpose.DEFENSE_SCHEDULED,
        Purpose.DEFENSE_MOVED,
        Purpose.MILESTONE_SCHEDULED,
        Purpose.MILESTONE_MOVED,
        Purpose.DEFENSE_REMINDER,
        Purpose.MILESTONE_REMINDER,
    }
)
#: These say again what was said before.
REMINDING = frozenset({Purpose.DEFENSE_REMINDER, Purpose.MILESTONE_REMINDER})
#: These take a time out of the calendar again.
CANCELLING = frozenset({Purpose.DEFENSE_CANCELLED, Purpose.MILESTONE_CANCELLED})
#: These say that there is a result.
RELEASING = frozenset({Purpose.OUTCOME_RELEASED, Purpose.REDEFENSE_REQUESTED})


class State(StrEnum):
    """Where a message is.

    CREATED waits for its time; SENDING is with a provider under a lease; SENT was taken by the provider;
    UNKNOWN may or may not have been taken, and is never sent again before the provider has been asked;
    UNCONFIRMED was taken, and nobody has said for longer than patience whether it arrived.
    """

    CREATED = "created"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNCONFIRMED = "unconfirmed"
    NOT_SENT = "not_sent"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


#: The family has it, or may have it.
TAKEN = frozenset({State.SENDING, State.UNKNOWN, State.SENT, State.UNCONFIRMED, State.DELIVERED})


class CalendarMethod(StrEnum):
    """What a calendar is asked to do (RFC 5546)."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a family reads, complete; made once, when the message is created.

    Attributes:
        language: BCP 47 tag of the text, which is not always the guardian's.
        template_version: the version of the templates that it was made with.
        text: the plain text of an email, or the whole SMS.
        subject, html, calendar: an email's only; `calendar` is an iCalendar object, or empty.
        calendar_method: the object's own, which the mail must say once more.
        parts, encoding: an SMS's only; what it costs.
    """

    language: str
    template_version: str
    text: str
    subject: str = ""
    html: str = ""
    calendar: str = ""
    calendar_method: CalendarMethod = CalendarMethod.REQUEST
    parts: int = 0
    encoding: Encoding | None = None


@dataclass(frozen=True)
class Item:
    """What a digest tells of one student: a message of its own, which waits for the digest."""

    message_id: str
    student_id: str
    purpose: Purpose


@dataclass(frozen=True, kw_only=True)
class Message:
    """One fact for one guardian on one channel.

    Attributes:
        fact_id, revision: what it tells; a newer revision of the fact makes it worthless.
        tells: where the appointment is after this message; None if there is none, and if it is not on record.
        deadline: when telling has no use any more.
        due_at: when somebody must next do something about it; None when nobody must.
        reason: why it is where it is, when that needs a reason.
        address: checked and normalised; None when there is nothing to send.
        wanted_language: the guardian's; the content says in which it is.
        attempts: how often it was taken up for sending.
        lease: who is sending it; only they may say how that ended.
        attempted_at, sent_at: when it was last taken up, and when the provider took it.
        provider_id: the provider's own id for it.
        urgent: whether it goes out in quiet hours too.
        digest_id: of the digest by which it is told; empty for one that is sent by itself.
        items: a digest's only, which is about no one student and of no one school.
        route: by which of a channel's providers it went, or is to go; empty where there is but one.
    """

    message_id: str
    purpose: Purpose
    channel: Channel
    guardian_id: str
    student_id: str
    school_id: str
    fact_id: str
    revision: int
    deadline: datetime
    state: State
    created_at: datetime
    due_at: datetime | None = None
    reason: Reason | None = None
    address: str | None = None
    wanted_language: str = ""
    content: Content | None = None
    tells: Place | None = None
    attempts: int = 0
    lease: str = ""
    attempted_at: datetime | None = None
    sent_at: datetime | None = None
    provider_id: str = ""
    urgent: bool = False
    digest_id: str = ""
    items: tuple[Item, ...] = ()
    route: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is still to be found out what becomes of it."""
        return self.due_at is not None

    def ended(self, state: State, reason: Reason | None) -> "Message":
        """Return the message with nothing more to do about it."""
        return replace(self, state=state, reason=reason, due_at=None, lease="")


#: How much each state knows: a later word never makes a message less certain than it was.
_CERTAINTY = {
    State.NOT_SENT: 0,
    State.CREATED: 0,
    State.SENDING: 0,
    State.UNKNOWN: 0,
    State.EXPIRED: 0,
    State.SUPERSEDED: 0,
    State.SENT: 1,
    State.UNCONFIRMED: 1,
    State.FAILED: 2,
    State.DELIVERED: 3,
}


def more_certain(state: State, than: State) -> bool:
    """Return whether a receipt's state says more than what is known."""
    return _CERTAINTY[state] > _CERTAINTY[than]
