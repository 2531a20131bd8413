"""Receipts, replies, readings and the roster's copies."""

from datetime import date

import pytest
from tests.unit.notifications.notification_examples import Examples, World

from contracts import artifacts as events
from notifications.domain.delivery import Receipt
from notifications.domain.messages import State
from notifications.domain.reasons import Reason
from notifications.domain.replies import Reply
from notifications.domain.roster import Channel, Consent, Relation
from notifications.domain.suppressions import Keywords, Wish, Word
from notifications.domain.tellings import TellingState
from notifications.use_cases.copying import keep_guardian, keep_school, keep_student, keep_withdrawal
from notifications.use_cases.hearing import Heard, hear_receipt, hear_reply
from notifications.use_cases.identities import suppression_id

KEYWORDS = Keywords(
    whole={"start": Word(Wish.START, "en"), "help": Word(Wish.HELP, "en"), "alto": Word(Wish.STOP, "es")},
    opening={"stop": Word(Wish.STOP, "en")},
    answers={wish: {"en": f"{wish} heard", "es": f"{wish} oído"} for wish in Wish},
    fallback="en",
)
PHONE = suppression_id(Channel.SMS, "+15025550101")


def replied(world: World, make: Examples, text: str, *, reply_id: str = "SM9") -> Heard:
    return hear_reply(
        reply_id,
        sender="+15025550101",
        text=text,
        keywords=KEYWORDS,
        replies=world.replies,
        suppressions=world.suppressions,
        now=make.now,
    )


def received(world: World, make: Examples, receipt: Receipt) -> bool:
    return hear_receipt(
        "m-1",
        receipt,
        messages=world.messages,
        tellings=world.tellings,
        suppressions=world.suppressions,
        reaches=world.reaches,
        now=make.now,
    )


def test_a_receipt_brings_a_message_forward(make: Examples, world: World) -> None:
    world.of(make.message(state=State.SENT, provider_id="SM1", due_at=None))

    assert received(world, make, Receipt(State.DELIVERED, "SM1"))
    assert world.messages.values["m-1"].state is State.DELIVERED


@pytest.mark.parametrize("state", [State.SUPERSEDED, State.EXPIRED, State.FAILED])
def test_who_has_read_what_seemed_not_taken_hears_of_the_newer_revision(
    make: Examples, world: World, state: State
) -> None:
    world.of(make.message(state=state, provider_id="SM1", due_at=None))
    world.tellings.values["d-1"] = make.telling(fact=make.cancelled(), state=TellingState.TOLD, due_at=None)

    received(world, make, Receipt(State.DELIVERED, "SM1"))

    assert world.tellings.values["d-1"] == make.telling(fact=make.cancelled())


@pytest.mark.parametrize(
    ("state", "receipt"),
    [
        (State.SENT, Receipt(State.DELIVERED, "SM1")),
        (State.SUPERSEDED, Receipt(State.FAILED, "SM1", Reason.PHONE_UNREACHABLE)),
    ],
)
def test_any_other_receipt_leaves_the_fact_alone(
    make: Examples, world: World, state: State, receipt: Receipt
) -> None:
    world.of(make.message(state=state, provider_id="SM1", due_at=None))
    world.tellings.values["d-1"] = make.telling(fact=make.cancelled(), state=TellingState.TOLD, due_at=None)

    received(world, make, receipt)

    assert world.tellings.writes == []


def test_case_12_a_receipt_for_an_unknown_message_is_nothing(make: Examples, world: World) -> None:
    assert not received(world, make, Receipt(State.DELIVERED, "SM1"))


def test_a_receipt_for_an_unknown_message_suppresses_nobody(make: Examples, world: World) -> None:
    assert not received(world, make, Receipt(State.FAILED, "SM1", Reason.ADDRESS_REFUSED, suppress=True))
    assert world.suppressions.values == {}


def test_a_message_that_vanishes_under_its_receipt_stays_away(make: Examples, world: World) -> None:
    class Forgetful(type(world.messages)):  # type: ignore[misc]  # the class of this very object
        def change(self, aggregate_id, decide):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            self.values.clear()
            return super().change(aggregate_id, decide)

    world.messages = Forgetful(make.sending())

    received(world, make, Receipt(State.DELIVERED, "SM1"))

    assert world.messages.values == {}


def test_a_receipt_that_blames_the_number_suppresses_it(make: Examples, world: World) -> None:
    world.of(make.message(state=State.SENT, provider_id="SM1", due_at=None))

    received(world, make, Receipt(State.FAILED, "SM1", Reason.ADDRESS_REFUSED, suppress=True))

    assert world.messages.values["m-1"].reason is Reason.ADDRESS_REFUSED
    assert world.suppressions.values[PHONE].reason is Reason.ADDRESS_REFUSED


def test_case_15_stop_is_recorded_for_the_number_with_the_words(make: Examples, world: World) -> None:
    assert replied(world, make, "Stop texting me") == Heard(Wish.STOP, "stop heard")
    assert world.suppressions.values[PHONE].active
    assert world.replies.values == {
        "SM9": Reply(
            reply_id="SM9",
            sender="+15025550101",
            text="Stop texting me",
            wish=Wish.STOP,
            received_at=make.now,
        )
    }


def test_case_15_start_brings_the_messages_back(make: Examples, world: World) -> None:
    replied(world, make, "STOP")

    assert replied(world, make, "start", reply_id="SM10") == Heard(Wish.START, "start heard")
    assert not world.suppressions.values[PHONE].active


def test_case_15_a_stop_is_confirmed_once(make: Examples, world: World) -> None:
    """In the language of the word; neither a report of the same text nor a second STOP is answered again."""
    assert replied(world, make, "ALTO") == Heard(Wish.STOP, "stop oído")
    assert replied(world, make, "ALTO") == Heard(Wish.STOP, "")
    assert replied(world, make, "STOP", reply_id="SM10") == Heard(Wish.STOP, "")


def test_case_15_a_start_without_a_stop_is_no_news(make: Examples, world: World) -> None:
    assert replied(world, make, "start") == Heard(Wish.START, "")


def test_case_15_what_has_no_answer_in_a_language_is_answered_in_the_fallback(make: Examples) -> None:
    words = Keywords(whole={}, opening={}, answers={Wish.STOP: {"en": "Bye."}}, fallback="en")

    assert words.answer(Word(Wish.STOP, "so")) == "Bye."
    assert words.answer(Word(Wish.HELP, "so")) == ""


def test_a_stop_that_is_reported_again_does_not_undo_a_later_start(make: Examples, world: World) -> None:
    replied(world, make, "STOP")
    replied(world, make, "start", reply_id="SM10")

    replied(world, make, "STOP")

    assert not world.suppressions.values[PHONE].active
    assert world.replies.writes == ["SM9", "SM10"]


def test_case_15_help_and_free_words_change_nothing(make: Examples, world: World) -> None:
    assert replied(world, make, "help") == Heard(Wish.HELP, "help heard")
    assert replied(world, make, "Who is this?", reply_id="SM10") == Heard(None, "")
    assert world.suppressions.values == {}
    assert len(world.replies.values) == 2


def test_a_school_is_copied(make: Examples, world: World) -> None:
    world.schools.values.clear()
    event = events.SchoolUpdated(
        school_id="sch-1",
        name="Lincoln Elementary",
        time_zone="America/Kentucky/Louisville",
        active=True,
    )

    keep_school(event, version=1, schools=world.schools)

    assert world.schools.values == {"sch-1": make.school()}


def test_a_student_is_copied_and_keeps_their_name_when_they_leave(make: Examples, world: World) -> None:
    world.students.values.clear()
    enrolled = events.StudentEnrolled(
        student_id="s-1",
        school_id="sch-1",
        grade="5",
        given_name="Maya",
        family_name="García",
        home_language="es",
        guardian_ids=("g-1",),
        teacher_ids=("t-1",),
    )
    left = events.StudentWithdrawn(student_id="s-1", school_id="sch-1")

    keep_student(enrolled, version=1, students=world.students)
    copied = dict(world.students.values)
    keep_withdrawal(left, version=2, students=world.students)

    assert copied == {"s-1": make.student()}
    assert world.students.values == {"s-1": make.student(active=False)}


def test_a_student_who_left_before_they_were_known_has_no_name(make: Examples, world: World) -> None:
    world.students.values.clear()

    keep_withdrawal(
        events.StudentWithdrawn(student_id="s-1", school_id="sch-1"), version=2, students=world.students
    )

    assert world.students.values == {
        "s-1": make.student(given_name="", family_name="", guardian_ids=(), active=False)
    }


def test_a_guardian_is_copied(make: Examples, world: World) -> None:
    world.guardians.values.clear()
    event = events.GuardianUpdated(
        guardian_id="g-1",
        given_name="Ana",
        family_name="García",
        language="en",
        email="ana@example.org",
        phone="+15025550101",
        relations=(events.Relation(student_id="s-1", kind="parent", may_be_told=True),),
        consents=(events.Consent(channel="sms", granted=True, source="form", recorded_on=date(2026, 8, 1)),),
        active=True,
    )

    keep_guardian(event, version=1, guardians=world.guardians)

    assert world.guardians.values == {
        "g-1": make.guardian(
            relations=(Relation(student_id="s-1", may_be_told=True),),
            consents=(
                Consent(channel=Channel.SMS, granted=True, recorded_on=date(2026, 8, 1), source="form"),
            ),
        )
    }


def test_a_guardian_has_an_address_on_each_channel(make: Examples) -> None:
    assert make.guardian().written_address(Channel.EMAIL) == "ana@example.org"
    assert make.guardian().written_address(Channel.SMS) == "+15025550101"
