"""The life of a message between us and a provider: taken up, handed over, in doubt, settled."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from notifications.domain.messages import Message, State, more_certain
from notifications.domain.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class DeliveryRules:
    """A district's rules about trying, as policy data.

    Attributes:
        lease_s: how long one attempt may take; longer than all time-outs of a send together.
        first_delay_s, longest_delay_s: the bounds of the doubling wait between attempts.
        most_attempts: after so many it has failed.
        proof_after_s: a provider that does not know a message so long after the attempt never took it.
        ask_every_s, ask_for_s: how often, and how long, a provider that gives no answer is asked.
    """

    lease_s: float
    first_delay_s: float
    longest_delay_s: float
    most_attempts: int
    proof_after_s: float
    ask_every_s: float
    ask_for_s: float


@dataclass(frozen=True)
class Accepted:
    """The provider has taken the message, under its own id if it gives one."""

    provider_id: str


@dataclass(frozen=True)
class Refused:
    """The provider will never take this message.

    Attributes:
        suppress: whether nothing must be sent to this address any more.
    """

    reason: Reason
    suppress: bool = False


@dataclass(frozen=True)
class Postponed:
    """The provider has certainly not taken it, and may take it later; no sooner than it said."""

    reason: Reason
    retry_after_s: float = 0.0


@dataclass(frozen=True)
class Unclear:
    """It may have been taken: the answer was lost."""

    reason: Reason


@dataclass(frozen=True)
class Untried:
    """Nobody tried, because the lease would not have held: no fault of the provider or the address."""


Outcome = Accepted | Refused | Postponed | Unclear | Untried


@dataclass(frozen=True)
class Found:
    """The provider says that it took the message."""

    provider_id: str


@dataclass(frozen=True)
class Absent:
    """The provider says that it does not know the message."""


@dataclass(frozen=True)
class NoAnswer:
    """The provider could not be asked now."""


@dataclass(frozen=True)
class CannotTell:
    """This provider cannot be asked at all; a person must look."""


Answer = Found | Absent | NoAnswer | CannotTell


@dataclass(frozen=True)
class Receipt:
    """What a provider reports about a message that it took; `state` is SENT, DELIVERED or FAILED."""

    state: State
    provider_id: str
    reason: Reason | None = None
    suppress: bool = False


def take_up(message: Message, *, lease: str, now: datetime, rules: DeliveryRules) -> Message | None:
    """Return the message under a lease, or None when it is not its time or somebody else has it."""
    if message.state is not State.CREATED or message.due_at is None or message.due_at > now:
        return None
    if now >= message.deadline:
        return message.ended(State.EXPIRED, Reason.DEADLINE_PASSED)
    return replace(
        message,
        state=State.SENDING,
        reason=None,
        attempts=message.attempts + 1,
        lease=lease,
        attempted_at=now,
        due_at=now + timedelta(seconds=rules.lease_s),
    )


def drop(message: Message, state: State, reason: Reason) -> Message | None:
    """Return a waiting message as ended without being sent; None when it waits no more."""
    return message.ended(state, reason) if message.state is State.CREATED else None


def hold(message: Message, until: datetime) -> Message:
    """Return a waiting message as held until the quiet hours end; as expired if that is too late."""
    if until >= message.deadline:
        return message.ended(State.EXPIRED, Reason.QUIET_HOURS)
    return replace(message, due_at=until, reason=Reason.QUIET_HOURS)


def settle(
    message: Message, outcome: Outcome, *, lease: str, now: datetime, jitter: float, rules: DeliveryRules
) -> Message | None:
    """Return the message after an attempt; None when others have settled it meanwhile.

    That the provider took it counts whoever holds the lease: it must never be sent again.
    """
    if isinstance(outcome, Accepted):
        return _taken(message, outcome.provider_id, now)
    if message.state is not State.SENDING or message.lease != lease:
        return None
    if isinstance(outcome, Refused):
        return message.ended(State.FAILED, outcome.reason)
    if isinstance(outcome, Unclear):
        return _doubted(message, outcome.reason, rules)
    if isinstance(outcome, Untried):
        return replace(message, state=State.CREATED, lease="", due_at=now, attempts=message.attempts - 1)
    return _postponed(
        message, outcome.reason, now=now, least_s=outcome.retry_after_s, jitter=jitter, rules=rules
    )


def lapse(message: Message, *, now: datetime, rules: DeliveryRules) -> Message | None:
    """Return a message whose sender vanished as in doubt; None when its lease still holds."""
    if message.state is not State.SENDING or message.due_at is None or message.due_at > now:
        return None
    return _doubted(message, Reason.INTERRUPTED, rules)


def learn(
    message: Message, answer: Answer, *, now: datetime, jitter: float, rules: DeliveryRules
) -> Message | None:
    """Return a message in doubt after its provider was asked; None when it is in doubt no more."""
    if message.state is not State.UNKNOWN or message.attempted_at is None:
        return None
    if isinstance(answer, Found):
        return _taken(message, answer.provider_id, now)
    if isinstance(answer, CannotTell):
        return replace(message, due_at=None)
    passed_s = (now - message.attempted_at).total_seconds()
    if isinstance(answer, Absent) and passed_s >= rules.proof_after_s:
        reason = message.reason or Reason.ANSWER_LOST
        return _postponed(message, reason, now=now, least_s=0.0, jitter=jitter, rules=rules)
    later = now + timedelta(seconds=rules.ask_every_s)
    return replace(message, due_at=later if passed_s < rules.ask_for_s else None)


def receive(message: Message, receipt: Receipt, *, now: datetime) -> Message | None:
    """Return the message after a receipt; None when the receipt says nothing new.

    Receipts come late, twice and in any order: one that knows less than we do changes nothing.
    """
    if message.provider_id and message.provider_id != receipt.provider_id:
        return None
    if not more_certain(receipt.state, message.state):
        return None
    return replace(
        message.ended(receipt.state, receipt.reason),
        provider_id=receipt.provider_id,
        sent_at=message.sent_at or now,
    )


def wait_s(attempts: int, *, jitter: float, rules: DeliveryRules) -> float:
    """Return how long to wait after so many attempts: exponential, with full jitter.

    Args:
        attempts: at least 1.
        jitter: drawn evenly from 0 to 1.
        rules: the bounds.

    Source: Brooker, M. (2015), Exponential Backoff and Jitter, AWS Architecture Blog, "Full Jitter".
    """
    doublings = min(attempts - 1, 32)  # beyond this the bound is reached in any case
    return jitter * float(min(rules.longest_delay_s, rules.first_delay_s * 2**doublings))


def _taken(message: Message, provider_id: str, now: datetime) -> Message | None:
    return receive(message, Receipt(State.SENT, provider_id), now=now)


def _doubted(message: Message, reason: Reason, rules: DeliveryRules) -> Message:
    # A lease is never given without the time of the attempt.
    assert message.attempted_at is not None
    ask_at = message.attempted_at + timedelta(seconds=rules.proof_after_s)
    return replace(message, state=State.UNKNOWN, reason=reason, lease="", due_at=ask_at)


def _postponed(
    message: Message, reason: Reason, *, now: datetime, least_s: float, jitter: float, rules: DeliveryRules
) -> Message:
    if message.attempts >= rules.most_attempts:
        return message.ended(State.FAILED, Reason.ATTEMPTS_USED_UP)
    later_s = max(least_s, wait_s(message.attempts, jitter=jitter, rules=rules))
    due_at = now + timedelta(seconds=later_s)
    if due_at >= message.deadline:
        return message.ended(State.EXPIRED, reason)
    return replace(message, state=State.CREATED, reason=reason, lease="", due_at=due_at)
