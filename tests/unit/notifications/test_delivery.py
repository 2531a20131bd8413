"""The life of a message between us and a provider."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.notifications.notification_examples import DELIVERY, NOW, STARTS, Examples

from notifications.domain.delivery import (
    Absent,
    Accepted,
    CannotTell,
    Found,
    NoAnswer,
    Outcome,
    Postponed,
    Receipt,
    Refused,
    Unclear,
    Untried,
    drop,
    lapse,
    learn,
    receive,
    settle,
    take_up,
    wait_s,
)
from notifications.domain.messages import Message, State
from notifications.domain.reasons import Reason


def ended(message: Message, outcome: Outcome, *, jitter: float = 1.0) -> Message | None:
    return settle(message, outcome, lease="mine", now=NOW, jitter=jitter, rules=DELIVERY)


def test_a_due_message_is_taken_up_under_a_lease(make: Examples) -> None:
    taken = take_up(make.message(reason=Reason.PROVIDER_BUSY), lease="mine", now=NOW, rules=DELIVERY)

    assert taken == make.sending()


@pytest.mark.parametrize("state", [state for state in State if state is not State.CREATED])
def test_only_a_waiting_message_is_taken_up(make: Examples, state: State) -> None:
    assert take_up(make.message(state=state), lease="mine", now=NOW, rules=DELIVERY) is None


def test_a_message_is_not_taken_up_before_its_time(make: Examples) -> None:
    later, never = make.message(due_at=make.after(1)), make.message(due_at=None)

    assert take_up(later, lease="mine", now=NOW, rules=DELIVERY) is None
    assert take_up(never, lease="mine", now=NOW, rules=DELIVERY) is None


def test_case_5_a_message_is_not_sent_once_its_defense_has_begun(make: Examples) -> None:
    taken = take_up(make.message(), lease="mine", now=STARTS, rules=DELIVERY)

    assert taken == make.message(state=State.EXPIRED, reason=Reason.DEADLINE_PASSED, due_at=None)


def test_case_8_a_waiting_message_can_be_dropped_and_one_that_is_being_sent_cannot(make: Examples) -> None:
    dropped = drop(make.message(), State.SUPERSEDED, Reason.NEWER_REVISION)

    assert dropped == make.message(state=State.SUPERSEDED, reason=Reason.NEWER_REVISION, due_at=None)
    assert drop(make.sending(), State.SUPERSEDED, Reason.NEWER_REVISION) is None


def test_an_accepted_message_is_sent(make: Examples) -> None:
    assert ended(make.sending(), Accepted("SM1")) == make.sending(
        state=State.SENT, lease="", due_at=None, sent_at=NOW, provider_id="SM1"
    )


def test_that_the_provider_took_it_counts_even_when_the_lease_is_lost(make: Examples) -> None:
    others = make.sending(lease="theirs")

    sent = ended(others, Accepted("SM1"))

    assert sent is not None
    assert sent.state is State.SENT


@pytest.mark.parametrize(
    "outcome", [Refused(Reason.ADDRESS_REFUSED), Unclear(Reason.ANSWER_LOST), Postponed(Reason.PROVIDER_BUSY)]
)
def test_any_other_end_counts_only_under_the_lease(make: Examples, outcome: Outcome) -> None:
    assert ended(make.sending(lease="theirs"), outcome) is None
    assert ended(make.unknown(), outcome) is None


def test_case_6_a_refusal_for_good_ends_a_message(make: Examples) -> None:
    assert ended(make.sending(), Refused(Reason.ADDRESS_REFUSED, suppress=True)) == make.sending(
        state=State.FAILED, reason=Reason.ADDRESS_REFUSED, lease="", due_at=None
    )


def test_case_6_a_refusal_for_now_is_tried_again(make: Examples) -> None:
    assert ended(make.sending(), Postponed(Reason.PROVIDER_BUSY), jitter=0.5) == make.sending(
        state=State.CREATED, reason=Reason.PROVIDER_BUSY, lease="", due_at=make.after(5)
    )


def test_a_message_that_nobody_tried_to_send_waits_on_as_if_it_had_not_been_taken_up(make: Examples) -> None:
    given_back = ended(make.sending(), Untried())

    assert given_back == make.message(attempted_at=NOW)


def test_case_4_a_provider_that_asks_for_patience_gets_it(make: Examples) -> None:
    later = ended(make.sending(), Postponed(Reason.PROVIDER_BUSY, retry_after_s=120), jitter=0.5)

    assert later is not None
    assert later.due_at == make.after(120)


def test_case_5_a_retry_past_the_deadline_is_not_made(make: Examples) -> None:
    near = make.sending(deadline=make.after(5))

    expired = ended(near, Postponed(Reason.PROVIDER_BUSY))

    assert expired == replace(near, state=State.EXPIRED, reason=Reason.PROVIDER_BUSY, lease="", due_at=None)


def test_attempts_are_used_up(make: Examples) -> None:
    failed = ended(make.sending(attempts=3), Postponed(Reason.PROVIDER_BUSY))

    assert failed is not None
    assert (failed.state, failed.reason) == (State.FAILED, Reason.ATTEMPTS_USED_UP)


def test_case_3_a_lost_answer_leaves_the_message_in_doubt_until_the_provider_can_be_asked(
    make: Examples,
) -> None:
    assert ended(make.sending(), Unclear(Reason.ANSWER_LOST)) == make.unknown()


def test_case_2_a_message_whose_sender_vanished_is_in_doubt_and_not_sent_again(make: Examples) -> None:
    doubted = lapse(make.sending(), now=make.after(60), rules=DELIVERY)

    assert doubted == make.unknown(reason=Reason.INTERRUPTED)


def test_a_lease_that_holds_does_not_lapse(make: Examples) -> None:
    assert lapse(make.sending(), now=make.after(59), rules=DELIVERY) is None
    assert lapse(make.sending(due_at=None), now=make.after(61), rules=DELIVERY) is None
    assert lapse(make.message(), now=make.after(61), rules=DELIVERY) is None


def test_case_2_what_the_provider_took_is_sent(make: Examples) -> None:
    found = learn(make.unknown(), Found("SM1"), now=make.after(30), jitter=1, rules=DELIVERY)

    assert found is not None
    assert (found.state, found.provider_id, found.due_at) == (State.SENT, "SM1", None)


def test_case_2_what_the_provider_does_not_know_after_the_proving_time_is_sent_again(make: Examples) -> None:
    again = learn(make.unknown(), Absent(), now=make.after(30), jitter=1, rules=DELIVERY)

    assert again is not None
    assert (again.state, again.due_at) == (State.CREATED, make.after(40))


def test_absence_before_the_proving_time_proves_nothing(make: Examples) -> None:
    early = learn(make.unknown(), Absent(), now=make.after(29), jitter=1, rules=DELIVERY)

    assert early == make.unknown(due_at=make.after(49))


def test_absence_without_a_known_reason_is_a_lost_answer(make: Examples) -> None:
    again = learn(make.unknown(reason=None), Absent(), now=make.after(30), jitter=1, rules=DELIVERY)

    assert again is not None
    assert again.reason is Reason.ANSWER_LOST


def test_a_provider_that_does_not_answer_is_asked_again_until_a_person_must_look(make: Examples) -> None:
    asked = learn(make.unknown(), NoAnswer(), now=make.after(30), jitter=1, rules=DELIVERY)
    given_up = learn(make.unknown(), NoAnswer(), now=make.after(600), jitter=1, rules=DELIVERY)

    assert asked == make.unknown(due_at=make.after(50))
    assert given_up == make.unknown(due_at=None)


def test_a_provider_that_cannot_be_asked_leaves_it_to_a_person(make: Examples) -> None:
    assert learn(make.unknown(), CannotTell(), now=NOW, jitter=1, rules=DELIVERY) == make.unknown(due_at=None)


def test_only_a_message_in_doubt_learns(make: Examples) -> None:
    assert learn(make.sending(), Found("SM1"), now=NOW, jitter=1, rules=DELIVERY) is None
    without_attempt = make.unknown(attempted_at=None)
    assert learn(without_attempt, Found("SM1"), now=NOW, jitter=1, rules=DELIVERY) is None


def test_case_11_a_receipt_that_is_faster_than_the_answer_is_not_lost(make: Examples) -> None:
    delivered = receive(make.sending(), Receipt(State.DELIVERED, "SM1"), now=NOW)

    assert delivered is not None
    assert (delivered.state, delivered.provider_id) == (State.DELIVERED, "SM1")
    assert ended(delivered, Accepted("SM1")) is None


@pytest.mark.parametrize(
    ("known", "told", "after"),
    [
        (State.SENT, State.DELIVERED, State.DELIVERED),
        (State.SENT, State.FAILED, State.FAILED),
        (State.FAILED, State.DELIVERED, State.DELIVERED),
        (State.DELIVERED, State.SENT, None),
        (State.DELIVERED, State.FAILED, None),
        (State.DELIVERED, State.DELIVERED, None),
        (State.FAILED, State.SENT, None),
    ],
)
def test_case_12_receipts_in_any_order_never_make_a_message_less_certain(
    make: Examples, known: State, told: State, after: State | None
) -> None:
    message = make.message(state=known, provider_id="SM1", sent_at=NOW, due_at=None)

    received = receive(message, Receipt(told, "SM1"), now=make.after(9))

    assert (received.state if received else None) is after
    assert received is None or received.sent_at == NOW


def test_a_receipt_of_another_message_changes_nothing(make: Examples) -> None:
    message = make.message(state=State.SENT, provider_id="SM1")

    assert receive(message, Receipt(State.DELIVERED, "SM2"), now=NOW) is None


@given(st.integers(min_value=1, max_value=10_000), st.floats(min_value=0, max_value=1))
def test_waits_stay_within_their_bounds(attempts: int, jitter: float) -> None:
    assert 0 <= wait_s(attempts, jitter=jitter, rules=DELIVERY) <= DELIVERY.longest_delay_s


def test_waits_double() -> None:
    assert [wait_s(attempts, jitter=1, rules=DELIVERY) for attempts in (1, 2, 3, 4)] == [10, 20, 40, 80]
