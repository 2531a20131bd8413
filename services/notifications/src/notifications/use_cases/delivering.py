"""Hand due messages to their provider, each once: claim, send, settle; and ask where an answer was lost."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from notifications.domain import delivery
from notifications.domain.delivery import Answer, DeliveryRules, Outcome, Refused
from notifications.domain.messages import TAKEN, Message, State
from notifications.domain.planning import DistrictRules
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.suppressions import Suppression, suppress
from notifications.use_cases.announcing import announcing
from notifications.use_cases.checking import Second, second_look
from notifications.use_cases.digesting import facts_told, follow_digests, items_of, take_items_along
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
from notifications.use_cases.reaching import Reaches, look_now
from notifications.use_cases.recalling import look_again_at

#: So ends what its provider does not take.
_NOT_ARRIVED = frozenset({State.FAILED, State.EXPIRED})


def _only_route(message: Message) -> str:
    """Return the route of a channel that has but one."""
    return message.route


def claim(  # noqa: PLR0913 - each is a collaborator of its own
    due: Sequence[str],
    *,
    messages: Messages,
    tellings: Tellings,
    roster: Roster,
    suppressions: Suppressions,
    rules: DistrictRules,
    lease: str,
    now: datetime,
    route: Callable[[Message], str] = _only_route,
) -> list[Message]:
    """Take up the due messages that still may go out, under a lease that others respect.

    By which route each goes is kept before it goes, so that the right provider is asked about it.

    Returns:
        Those that are ours now. A message whose sender vanished becomes one in doubt, which is asked about.
    """
    ours: dict[str, Message] = {}
    elsewhere: dict[str, int] = {}

    def prepare(found: Mapping[str, Message]) -> Sequence[tuple[str, Decide[Message]]]:
        waiting = [each for each in found.values() if each.state is State.CREATED]
        digests = [each for each in waiting if each.items]
        items = items_of(digests, messages)
        second = second_look(
            [*(each for each in waiting if not each.items), *items.values()],
            tellings=tellings,
            roster=roster,
            suppressions=suppressions,
            rules=rules,
            now=now,
        )
        second = take_items_along(digests, items, second, messages=messages, rules=rules, now=now)
        anew = ({**found, **items}[each] for each in second.elsewhere)
        elsewhere.update((each.fact_id, each.revision - 1) for each in anew)
        return [(each, announcing(partial(take, message_id=each, second=second), now=now)) for each in found]

    def take(current: Message | None, *, message_id: str, second: Second) -> Message | None:
        # Called again after a conflict: only its last word counts.
        ours.pop(message_id, None)
        taken = _take(current, second, lease=lease, now=now, rules=rules.delivery)
        if taken is not None and taken.lease == lease:
            taken = ours[message_id] = replace(taken, route=route(taken))
        return taken

    messages.change_all(due, prepare)
    # A message that is to be written anew waits as it is: what a crash forgets here, the next round finds.
    look_again_at(elsewhere, tellings, now=now)
    return list(ours.values())


def _take(
    current: Message | None, second: Second, *, lease: str, now: datetime, rules: DeliveryRules
) -> Message | None:
    if current is None:
        return None
    objection = second.objections.get(current.message_id)
    if objection is not None:
        return delivery.drop(current, objection.state, objection.reason)
    if current.message_id in second.elsewhere:
        return None
    held = second.held.get(current.message_id)
    if held is not None:
        return delivery.hold(current, held) if current.state is State.CREATED else None
    lapsed = delivery.lapse(current, now=now, rules=rules)
    return lapsed or delivery.take_up(current, lease=lease, now=now, rules=rules)


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
    reaches: Reaches,
    rules: DistrictRules,
    now: datetime,
    draw: Callable[[], float],
) -> None:
    """Keep how the sends ended.

    An address that is refused for good is suppressed first: were it last, a crash could forget it. What was
    taken although it had been given up in the meantime has its fact looked at again: it has been read. Whom
    one that ended did not reach is looked at soon.

    Args:
        outcomes: each claimed message, as it was taken up, with its end.
        messages: where they are kept.
        tellings: where facts are kept.
        suppressions: where refused addresses are kept.
        reaches: where watches over families are kept.
        rules: the district's.
        now: the time.
        draw: draws evenly from 0 to 1.
    """
    for message, outcome in outcomes:
        if isinstance(outcome, Refused) and outcome.suppress:
            suppress_address(message.channel, message.address or "", outcome.reason, suppressions, now=now)

    revived: dict[str, Message] = {}
    lost: dict[str, Message] = {}

    def end(current: Message | None, *, ours: Message, outcome: Outcome, jitter: float) -> Message | None:
        # Called again after a conflict: only its last word counts.
        revived.pop(ours.message_id, None)
        lost.pop(ours.message_id, None)
        if current is None:
            return None
        after = delivery.settle(
            current, outcome, lease=ours.lease, now=now, jitter=jitter, rules=rules.delivery
        )
        if after is not None and after.state in TAKEN and current.state not in TAKEN:
            revived[ours.message_id] = after
        if after is not None and after.state in _NOT_ARRIVED:
            lost[ours.message_id] = after
        return after

    messages.change_many(
        [
            (each.message_id, announcing(partial(end, ours=each, outcome=outcome, jitter=draw()), now=now))
            for each, outcome in outcomes
        ]
    )
    digests = [message.message_id for message, _ in outcomes if message.items]
    told = follow_digests(digests, messages=messages, now=now)
    since = {each.fact_id: each.revision for each in (*revived.values(), *told)}
    look_again_at(since, tellings, now=now)
    look_now(facts_told(list(lost.values()), messages), reaches=reaches, now=now)


def suppress_address(
    channel: Channel, address: str, reason: Reason, suppressions: Suppressions, *, now: datetime
) -> None:
    """Send nothing more to an address."""

    def stop(known: Suppression | None) -> Suppression | None:
        return suppress(known, channel, reason, now=now)

    suppressions.change(suppression_id(channel, address), silently(stop))


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

    A route that does not answer once is not asked again in the same round; the others are.

    Returns:
        How many are in doubt no more.
    """
    doubted = [each for each in messages.existing(due).values() if each.state is State.UNKNOWN]
    answers: list[tuple[str, Decide[Message]]] = []
    given: set[str] = set()
    resolved = 0
    silent: set[str] = set()
    for each in doubted:
        answer: Answer = delivery.NoAnswer()
        if each.route not in silent:
            answer = gateway.ask(each, others=partial(_others, messages=messages, given=given, ours=each))
        if isinstance(answer, delivery.NoAnswer):
            silent.add(each.route)
        if isinstance(answer, delivery.Found):
            given.add(answer.provider_id)
        now = clock()
        learn = partial(_learn, answer=answer, now=now, jitter=draw(), rules=rules.delivery)
        after = learn(each)
        resolved += after is not None and after.state is not State.UNKNOWN
        answers.append((each.message_id, announcing(learn, now=now)))
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
