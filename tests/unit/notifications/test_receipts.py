"""Receipts: what they are told on, those that never come, and those that nobody understands."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.unit.notifications.notification_examples import NOW, Examples, World

from contracts.notifications import MESSAGE_DELIVERED, MESSAGE_FAILED, MessageDelivered, MessageFailed
from notifications.domain.delivery import Accepted, Postponed, Receipt, receive
from notifications.domain.messages import Message, State
from notifications.domain.reasons import Reason
from notifications.domain.sms_codes import UnknownStatusError, is_known, receipt
from notifications.use_cases.announcing import announcing
from notifications.use_cases.confirming import give_up_on_receipts
from notifications.use_cases.delivering import settle
from notifications.use_cases.hearing import hear_receipt

PATIENCE_S = 259_200.0
ABOUT: dict[str, Any] = {
    "message_id": "m-1",
    "guardian_id": "g-1",
    "student_id": "s-1",
    "school_id": "sch-1",
    "fact_id": "d-1",
    "revision": 1,
    "purpose": "defense_scheduled",
    "channel": "sms",
}


def received(world: World, make: Examples, said: Receipt) -> bool:
    return hear_receipt(
        "m-1",
        said,
        messages=world.messages,
        tellings=world.tellings,
        suppressions=world.suppressions,
        reaches=world.reaches,
        now=make.now,
    )


def given_up(world: World, *, after_s: float = PATIENCE_S) -> int:
    return give_up_on_receipts(
        list(world.messages.values),
        messages=world.messages,
        reaches=world.reaches,
        patience_s=PATIENCE_S,
        now=NOW + timedelta(seconds=after_s),
    )


def test_others_hear_once_that_a_message_has_arrived(make: Examples, world: World) -> None:
    world.of(make.message(state=State.SENT, provider_id="SM1", due_at=None))

    for _ in range(2):
        received(world, make, Receipt(State.DELIVERED, "SM1"))

    said = MessageDelivered(**ABOUT, delivered_at=NOW)
    assert world.messages.facts == [MESSAGE_DELIVERED.says(said)]


def test_others_hear_that_a_message_has_failed_and_that_it_arrived_after_all(
    make: Examples, world: World
) -> None:
    world.of(make.message(state=State.SENT, provider_id="SM1", due_at=None))

    received(world, make, Receipt(State.FAILED, "SM1", Reason.PHONE_UNREACHABLE))
    received(world, make, Receipt(State.DELIVERED, "SM1"))

    said = MessageFailed(**ABOUT, reason="phone_unreachable", failed_at=NOW)
    assert [fact.contract for fact in world.messages.facts] == [MESSAGE_FAILED, MESSAGE_DELIVERED]
    assert world.messages.facts[0] == MESSAGE_FAILED.says(said)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (State.CREATED, State.EXPIRED, ["expired"]),
        (State.CREATED, State.SENDING, []),
        (State.FAILED, State.FAILED, []),
        (None, State.CREATED, []),
    ],
)
def test_only_how_a_message_ended_is_said(
    make: Examples, before: State | None, after: State, said: list[str]
) -> None:
    known = make.message(state=before) if before else None
    decide = announcing(lambda _: make.message(state=after), now=NOW)

    decision = decide(known)

    assert decision is not None
    assert [fact.data.reason for fact in decision[1]] == said


def test_of_what_is_about_no_one_student_nothing_is_said(make: Examples) -> None:
    decide = announcing(lambda _: make.message(student_id="", state=State.DELIVERED), now=NOW)

    assert decide(None) == (make.message(student_id="", state=State.DELIVERED), [])


def test_no_change_says_nothing(make: Examples) -> None:
    assert announcing(lambda _: None, now=NOW)(make.message()) is None


def test_a_text_without_a_receipt_for_three_days_is_unconfirmed(make: Examples, world: World) -> None:
    sent = make.message(state=State.SENT, sent_at=NOW, provider_id="SM1", due_at=None)
    world.of(sent, replace(sent, message_id="m-2", sent_at=NOW + timedelta(seconds=1)))

    assert given_up(world) == 1

    assert world.messages.values["m-1"] == replace(
        sent, state=State.UNCONFIRMED, reason=Reason.RECEIPT_MISSING
    )
    assert world.messages.values["m-2"].state is State.SENT
    assert world.messages.facts == []


def test_before_its_time_nothing_is_given_up(make: Examples, world: World) -> None:
    world.of(make.message(state=State.SENT, sent_at=NOW, due_at=None))

    assert given_up(world, after_s=PATIENCE_S - 1) == 0


def test_a_text_whose_receipt_came_or_that_vanished_meanwhile_is_not_given_up(
    make: Examples, world: World
) -> None:
    class Contested(type(world.messages)):  # type: ignore[misc]  # the class of this very object
        def change_many(self, changes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            delivered = make.message(state=State.DELIVERED, due_at=None)
            assert [decide(current) for _, decide in changes for current in (None, delivered)] == [None, None]
            return 0

    world.messages = Contested(make.message(state=State.SENT, sent_at=NOW, due_at=None))

    assert given_up(world) == 0


@pytest.mark.parametrize(
    ("told", "after"),
    [(State.DELIVERED, State.DELIVERED), (State.FAILED, State.FAILED), (State.SENT, None)],
)
def test_case_12_a_receipt_that_comes_after_days_still_counts(
    make: Examples, told: State, after: State | None
) -> None:
    given = make.message(state=State.UNCONFIRMED, provider_id="SM1", due_at=None)

    heard = receive(given, Receipt(told, "SM1"), now=NOW)

    assert (heard.state if heard else None) is after


def test_case_12_receipts_in_the_wrong_order_and_repeated_end_where_the_last_word_is(
    make: Examples, world: World
) -> None:
    world.of(make.message(state=State.SENT, provider_id="SM1", due_at=None))

    for state in (State.DELIVERED, State.SENT, State.DELIVERED, State.FAILED):
        assert received(world, make, Receipt(state, "SM1"))

    assert world.messages.values["m-1"].state is State.DELIVERED


def test_case_11_a_receipt_before_our_own_record_of_the_provider_s_id_is_kept(
    make: Examples, world: World
) -> None:
    world.of(make.sending())
    received(world, make, Receipt(State.DELIVERED, "SM1"))

    for outcome in (Accepted("SM1"), Postponed(Reason.PROVIDER_BUSY)):
        settle(
            [(make.sending(), outcome)],
            messages=world.messages,
            tellings=world.tellings,
            suppressions=world.suppressions,
            reaches=world.reaches,
            rules=make.rules,
            now=NOW,
            draw=lambda: 1.0,
        )

    kept: Message = world.messages.values["m-1"]
    assert (kept.state, kept.provider_id) == (State.DELIVERED, "SM1")


def test_case_14_a_state_that_nobody_knows_leaves_the_message_as_it_is() -> None:
    with pytest.raises(UnknownStatusError):
        receipt("teleported", "SM1", None)


def test_case_14_an_error_code_that_nobody_knows_blames_no_number_and_is_told_to_somebody() -> None:
    said = receipt("undelivered", "SM1", 39999)

    assert said == Receipt(State.FAILED, "SM1", Reason.PROVIDER_FAILED, suppress=False)
    assert [is_known(code) for code in (30003, 39999, None)] == [True, False, False]
