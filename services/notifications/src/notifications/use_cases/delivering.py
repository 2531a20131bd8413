"""Hand due messages to their provider, each once: claim, send, settle; and ask where an answer was lost."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from notifications.domain import delivery
from notifications.domain.delivery import Answer, DeliveryRules, Outcome, Refused
from notifications.domain.messages import CANCELLING, REMINDING, TAKEN, Message, State
from notifications.domain.planning import DistrictRules, usable_address
from notifications.domain.reasons import Reason
from notifications.domain.roster import Guardian, Student
from notifications.domain.suppressions import Suppression, suppress
from notifications.domain.tellings import Telling, look_again
from notifications.use_cases.drafting import in_force
from notifications.use_cases.identities import suppression_id
from notifications.use_cases.ports import (
    Decide,
    Gateway,
    Messages,
    Roster,
    Suppressions,
    Tellings,
    silently,
)


@dataclass(frozen=True)
class Objection:
    """Why a waiting message must not go out any more."""

    state: State
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class Second:
    """What a second look at waiting messages finds, by message id.

    Attributes:
        objections: why they must not go out.
        elsewhere: those whose guardian has another address by now, and which are to be written anew.
    """

    objections: Mapping[str, Objection]
    elsewhere: Collection[str]


def claim(
    due: Sequence[str],
    *,
    messages: Messages,
    tellings: Tellings,
    roster: Roster,
    suppressions: Suppressions,
    rules: DistrictRules,
    lease: str,
    now: datetime,
) -> list[Message]:
    """Take up the due messages that still may go out, under a lease that others respect.

    Returns:
        Those that are ours now. A message whose sender vanished becomes one in doubt, which is asked about.
    """
    ours: dict[str, Message] = {}
    elsewhere: dict[str, int] = {}

    def prepare(found: Mapping[str, Message]) -> Sequence[tuple[str, Decide[Message]]]:
        second = _second_look(
            [each for each in found.values() if each.state is State.CREATED],
            tellings=tellings,
            roster=roster,
            suppressions=suppressions,
            rules=rules,
        )
        elsewhere.update((found[each].fact_id, found[each].revision - 1) for each in second.elsewhere)
        return [(each, silently(partial(take, message_id=each, second=second))) for each in found]

    def take(current: Message | None, *, message_id: str, second: Second) -> Message | None:
        # Called again after a conflict: only its last word counts.
        ours.pop(message_id, None)
        taken = _take(current, second, lease=lease, now=now, rules=rules.delivery)
        if taken is not None and taken.lease == lease:
            ours[message_id] = taken
        return taken

    messages.change_all(due, prepare)
    # A message that is to be written anew waits as it is: what a crash forgets here, the next round finds.
    _look_again(elsewhere, tellings=tellings, now=now)
    return list(ours.values())


def _take(
    current: Message | None, second: Second, *, lease: str, now: datetime, rules: DeliveryRules
) -> Message | None:
    if current is None:
        return None
    objection = second.objections.get(current.message_id)
    if objection is not None:
        return delivery.drop(current, objection.state, objection.reason)
    if current.message_id in second.elsewhere and now < current.deadline:
        return None
    lapsed = delivery.lapse(current, now=now, rules=rules)
    return lapsed or delivery.take_up(current, lease=lease, now=now, rules=rules)


def _second_look(
    waiting: Sequence[Message],
    *,
    tellings: Tellings,
    roster: Roster,
    suppressions: Suppressions,
    rules: DistrictRules,
) -> Second:
    """Look at rights, wishes and the fact once more: much may have changed since a message was made."""
    told = tellings.existing({each.fact_id for each in waiting})
    students = roster.students.existing({each.student_id for each in waiting})
    guardians = roster.guardians.existing({each.guardian_id for each in waiting})
    suppressed = suppressions.existing({_suppression_of(each) for each in waiting})
    objections = {}
    elsewhere = set()
    for each in waiting:
        student = students.get(each.student_id)
        address = _address_now(each, student, guardians.get(each.guardian_id), rules=rules)
        reason = address if isinstance(address, Reason) else in_force(suppressed.get(_suppression_of(each)))
        if _is_old_news(each, told.get(each.fact_id)):
            objections[each.message_id] = Objection(State.SUPERSEDED, Reason.NEWER_REVISION)
        elif not isinstance(address, Reason) and address != each.address:
            if _is_written_anew(each, student):
                elsewhere.add(each.message_id)
            else:
                objections[each.message_id] = Objection(State.NOT_SENT, Reason.ADDRESS_REPLACED)
        elif reason is not None:
            objections[each.message_id] = Objection(State.NOT_SENT, reason)
    return Second(objections=objections, elsewhere=elsewhere)


def _is_written_anew(message: Message, student: Student | None) -> bool:
    """Whether telling its fact once more leads to this message again."""
    if message.purpose in REMINDING:
        return False
    on_record = student is not None and message.guardian_id in student.guardian_ids
    return on_record or message.purpose in CANCELLING


def _address_now(
    message: Message, student: Student | None, guardian: Guardian | None, *, rules: DistrictRules
) -> str | Reason:
    """Return where the guardian can be told now, or why they must not be."""
    rule = rules.channels.get(message.channel)
    if rule is None:
        return Reason.CHANNEL_UNUSED
    if student is None or guardian is None:
        return Reason.MAY_NOT_BE_TOLD
    return usable_address(student, guardian, message.channel, rule, message.purpose)


def _is_old_news(message: Message, telling: Telling | None) -> bool:
    return telling is not None and telling.fact.revision > message.revision


def _suppression_of(message: Message) -> str:
    # A message that waits has an address.
    return suppression_id(message.channel, message.address or "")


def send(
    ours: Sequence[Message],
    *,
    gateway: Gateway,
    rules: DistrictRules,
    clock: Callable[[], datetime],
) -> list[tuple[Message, Outcome]]:
    """Hand claimed messages over, one after the other, for as long as their lease certainly holds."""
    started = min((each.attempted_at for each in ours if each.attempted_at), default=clock())
    spare_s = rules.delivery.lease_s - gateway.longest_send_s

    def may_go_on() -> bool:
        return clock() < started + timedelta(seconds=spare_s)

    return list(gateway.send_all(ours, rules=rules, may_go_on=may_go_on))


def settle(
    outcomes: Sequence[tuple[Message, Outcome]],
    *,
    messages: Messages,
    tellings: Tellings,
    suppressions: Suppressions,
    rules: DistrictRules,
    now: datetime,
    draw: Callable[[], float],
) -> None:
    """Keep how the sends ended.

    An address that is refused for good is suppressed first: were it last, a crash could forget it. What was
    taken although it had been given up in the meantime has its fact looked at again: it has been read.

    Args:
        outcomes: each claimed message, as it was taken up, with its end.
        messages: where they are kept.
        tellings: where facts are kept.
        suppressions: where refused addresses are kept.
        rules: the district's.
        now: the time.
        draw: draws evenly from 0 to 1.
    """
    for message, outcome in outcomes:
        if isinstance(outcome, Refused) and outcome.suppress:
            suppress_address(message, outcome.reason, suppressions=suppressions, now=now)

    revived: dict[str, Message] = {}

    def end(current: Message | None, *, ours: Message, outcome: Outcome, jitter: float) -> Message | None:
        # Called again after a conflict: only its last word counts.
        revived.pop(ours.message_id, None)
        if current is None:
            return None
        after = delivery.settle(
            current, outcome, lease=ours.lease, now=now, jitter=jitter, rules=rules.delivery
        )
        if after is not None and after.state in TAKEN and current.state not in TAKEN:
            revived[ours.message_id] = after
        return after

    messages.change_many(
        [
            (each.message_id, silently(partial(end, ours=each, outcome=outcome, jitter=draw())))
            for each, outcome in outcomes
        ]
    )
    _look_again({each.fact_id: each.revision for each in revived.values()}, tellings=tellings, now=now)


def _look_again(since: Mapping[str, int], *, tellings: Tellings, now: datetime) -> None:
    """Have facts looked at again, each unless it is at this revision or below."""

    def again(telling: Telling | None, *, revision: int) -> Telling | None:
        return look_again(telling, since=revision, now=now)

    if since:
        tellings.change_many(
            [(fact_id, silently(partial(again, revision=revision))) for fact_id, revision in since.items()]
        )


def suppress_address(message: Message, reason: Reason, *, suppressions: Suppressions, now: datetime) -> None:
    """Send nothing more to a message's address."""

    def stop(known: Suppression | None) -> Suppression | None:
        return suppress(known, message.channel, reason, now=now)

    suppressions.change(_suppression_of(message), silently(stop))


def resolve_doubts(
    due: Sequence[str],
    *,
    messages: Messages,
    gateway: Gateway,
    rules: DistrictRules,
    clock: Callable[[], datetime],
    draw: Callable[[], float],
) -> int:
    """Ask the provider about messages that it may or may not have taken; nothing is sent again unasked.

    A provider that does not answer once is not asked again in the same round.

    Returns:
        How many are in doubt no more.
    """
    doubted = [each for each in messages.existing(due).values() if each.state is State.UNKNOWN]
    answers: list[tuple[str, Decide[Message]]] = []
    given: set[str] = set()
    resolved = 0
    answer: Answer = delivery.Absent()
    for each in doubted:
        if not isinstance(answer, delivery.NoAnswer):
            answer = gateway.ask(each, others=partial(_others, messages=messages, given=given, ours=each))
        if isinstance(answer, delivery.Found):
            given.add(answer.provider_id)
        learn = partial(_learn, answer=answer, now=clock(), jitter=draw(), rules=rules.delivery)
        after = learn(each)
        resolved += after is not None and after.state is not State.UNKNOWN
        answers.append((each.message_id, silently(learn)))
    messages.change_many(answers)
    return resolved


def _others(
    provider_ids: Collection[str], *, messages: Messages, given: Collection[str], ours: Message
) -> Collection[str]:
    """Return which of these ids are other messages': two guardians may share a phone and a text."""
    known = messages.with_provider_ids(provider_ids)
    return {*given, *(each.provider_id for each in known if each.message_id != ours.message_id)}


def _learn(
    current: Message | None, *, answer: Answer, now: datetime, jitter: float, rules: DeliveryRules
) -> Message | None:
    return delivery.learn(current, answer, now=now, jitter=jitter, rules=rules) if current else None
