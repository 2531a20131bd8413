"""What a fact leads to, and how long it waits for the roster's copies."""

from dataclasses import replace

import pytest
from tests.unit.notifications.notification_examples import RULES, STARTS, Examples

from notifications.domain.delivery import Receipt
from notifications.domain.eligibility import ConsentRule
from notifications.domain.messages import Purpose, State
from notifications.domain.planning import ChannelRule, keep_first, ready, refused, usable_address
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Relation
from notifications.domain.sms_codes import UNKNOWN_CODE, UnknownStatusError, meaning, receipt
from notifications.domain.tellings import Missing, TellingState, begin, finish, look_again, wait
from notifications.domain.timing import Slot

RULE = ChannelRule(consent=ConsentRule.GRANTED, most_parts=3)


def test_who_may_be_told_has_an_address(make: Examples) -> None:
    student, guardian = make.student(), make.guardian()

    assert (
        usable_address(student, guardian, Channel.EMAIL, RULE, Purpose.DEFENSE_SCHEDULED) == "ana@example.org"
    )
    assert usable_address(student, guardian, Channel.SMS, RULE, Purpose.DEFENSE_SCHEDULED) == "+15025550101"


def test_rights_come_before_wishes_and_wishes_before_addresses(make: Examples) -> None:
    guardian = make.guardian(
        relations=(Relation(student_id="s-1", may_be_told=False),), consents=(), phone="911"
    )

    with_right = replace(guardian, relations=make.guardian().relations)

    assert (
        usable_address(make.student(), guardian, Channel.SMS, RULE, Purpose.DEFENSE_SCHEDULED)
        is Reason.MAY_NOT_BE_TOLD
    )
    assert (
        usable_address(make.student(), with_right, Channel.SMS, RULE, Purpose.DEFENSE_SCHEDULED)
        is Reason.CONSENT_MISSING
    )


@pytest.mark.parametrize(
    ("phone", "reason"),
    [(None, Reason.NO_ADDRESS), (" ", Reason.NO_ADDRESS), ("911", Reason.PHONE_INVALID)],
)
def test_case_24_without_a_usable_address_nothing_is_sent(
    make: Examples, phone: str | None, reason: Reason
) -> None:
    guardian = make.guardian(phone=phone)

    assert usable_address(make.student(), guardian, Channel.SMS, RULE, Purpose.DEFENSE_SCHEDULED) is reason


def test_a_planned_message_is_kept_once(make: Examples) -> None:
    planned = make.message()

    assert keep_first(None, planned) == planned
    assert keep_first(make.message(state=State.SENT), planned) is None


def test_a_message_to_a_guardian_of_whom_nothing_was_known_is_planned_anew(make: Examples) -> None:
    unknown = refused(make.message(), Reason.GUARDIAN_UNKNOWN)

    assert keep_first(unknown, make.message()) == make.message()
    assert keep_first(unknown, unknown) is None


@pytest.mark.parametrize("reason", [Reason.NEVER_TOLD, Reason.ALREADY_TOLD])
def test_silence_is_thought_over_when_more_is_known(make: Examples, reason: Reason) -> None:
    silent = refused(make.message(), reason)

    assert keep_first(silent, make.message()) == make.message()
    assert keep_first(silent, silent) is None


def test_a_message_that_waits_is_written_anew_for_another_address_only(make: Examples) -> None:
    waiting = make.message()
    elsewhere = make.message(address="+15025550199")
    nowhere = refused(make.message(address=None), Reason.OPTED_OUT)

    assert keep_first(waiting, elsewhere) == elsewhere
    assert keep_first(waiting, nowhere) == nowhere
    assert keep_first(waiting, make.message(content=make.content(text="Hi"))) is None
    assert keep_first(make.sending(), elsewhere) is None


def test_a_message_that_can_be_sent_waits_for_its_time(make: Examples) -> None:
    blank = make.message(state=State.NOT_SENT, due_at=None, address=None, content=None)

    assert ready(blank, "+15025550101", make.content(), Slot(due_at=make.now)) == make.message()


def test_a_fact_begins_to_be_told_once_a_revision(make: Examples) -> None:
    begun = begin(None, make.defense(), now=make.now)

    assert begun == make.telling()
    assert begin(begun, make.defense(), now=make.after(1)) is None


def test_case_7_only_the_highest_revision_counts(make: Examples) -> None:
    told = make.telling(fact=make.defense(revision=2), state=TellingState.TOLD, due_at=None)

    assert begin(told, make.defense(revision=1), now=make.now) is None
    assert begin(told, make.defense(revision=3), now=make.now) == make.telling(fact=make.defense(revision=3))


def test_case_10_a_change_waits_whether_it_is_changed_again_and_the_first_telling_does_not(
    make: Examples,
) -> None:
    first = begin(None, make.defense(), now=make.now, settle_s=120)
    moved = begin(first, make.defense(revision=2), now=make.now, settle_s=120)

    assert first == make.telling()
    assert moved == make.telling(fact=make.defense(revision=2), since=make.after(120), due_at=make.after(120))


def test_a_fact_is_looked_at_again_when_an_older_revision_was_read_after_all(make: Examples) -> None:
    told = make.telling(fact=make.defense(revision=2), state=TellingState.TOLD, due_at=None, looks=3)

    again = look_again(told, since=1, now=make.after(5))

    assert again == make.telling(fact=make.defense(revision=2), since=make.after(5), due_at=make.after(5))
    assert look_again(told, since=2, now=make.after(5)) is None
    assert look_again(None, since=1, now=make.after(5)) is None


def test_a_fact_that_lacks_a_copy_is_looked_at_again_ever_later(make: Examples) -> None:
    missing = (Missing.STUDENT,)

    first = wait(make.telling(), make.telling(), missing, now=make.now, rules=RULES.waiting)
    assert first is not None
    second = wait(first, first, missing, now=make.after(1), rules=RULES.waiting)
    much_later = wait(
        make.telling(looks=100), make.telling(looks=100), missing, now=make.after(1), rules=RULES.waiting
    )

    assert first == make.telling(due_at=make.after(1), looks=1, missing=missing)
    assert second == make.telling(due_at=make.after(3), looks=2, missing=missing)
    assert much_later is not None
    assert much_later.due_at == make.after(301)


def test_a_fact_that_lacks_a_copy_for_too_long_is_stuck(make: Examples) -> None:
    stuck = wait(make.telling(), make.telling(), (Missing.SCHOOL,), now=make.after(600), rules=RULES.waiting)

    assert stuck is not None
    assert stuck.state is TellingState.STUCK


def test_a_fact_whose_day_has_come_waits_no_more(make: Examples) -> None:
    late = wait(make.telling(), make.telling(), (Missing.SCHOOL,), now=STARTS, rules=RULES.waiting)

    assert late == make.telling(state=TellingState.EXPIRED, due_at=None, missing=(Missing.SCHOOL,))


def test_a_told_fact_is_done(make: Examples) -> None:
    waiting = make.telling(missing=(Missing.SCHOOL,))

    assert finish(waiting, waiting, anybody=True) == make.telling(state=TellingState.TOLD, due_at=None)


def test_a_newer_revision_is_not_marked_by_the_round_of_an_older_one(make: Examples) -> None:
    newer = make.telling(fact=make.defense(revision=2))

    assert finish(newer, make.telling(), anybody=True) is None
    assert wait(newer, make.telling(), (Missing.SCHOOL,), now=make.now, rules=RULES.waiting) is None
    assert finish(None, make.telling(), anybody=True) is None
    assert wait(None, make.telling(), (Missing.SCHOOL,), now=make.now, rules=RULES.waiting) is None


def test_a_fact_that_was_to_be_looked_at_again_during_a_round_stays_due(make: Examples) -> None:
    seen = make.telling(due_at=make.now)
    again = look_again(seen, since=0, now=make.after(1))

    assert again == make.telling(due_at=make.after(1))
    assert finish(again, seen, anybody=True) is None
    assert wait(again, seen, (Missing.SCHOOL,), now=make.after(1), rules=RULES.waiting) is None


def test_looking_again_does_not_renew_the_patience_of_a_fact_that_waits(make: Examples) -> None:
    stuck = make.telling(state=TellingState.STUCK, due_at=make.after(300), looks=9)

    assert look_again(stuck, since=0, now=make.after(5)) == make.telling(
        state=TellingState.STUCK, due_at=make.after(5), looks=9
    )


def test_case_14_an_unknown_code_or_state_blames_nobody() -> None:
    assert meaning(12345) == UNKNOWN_CODE
    assert meaning(None) == UNKNOWN_CODE
    with pytest.raises(UnknownStatusError):
        receipt("exploded", "SM1", None)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        ("queued", None, None),
        ("sent", None, Receipt(State.SENT, "SM1")),
        ("delivered", None, Receipt(State.DELIVERED, "SM1")),
        ("undelivered", 30003, Receipt(State.FAILED, "SM1", Reason.PHONE_UNREACHABLE)),
        ("failed", 30006, Receipt(State.FAILED, "SM1", Reason.ADDRESS_REFUSED, suppress=True)),
        ("failed", 21610, Receipt(State.FAILED, "SM1", Reason.OPTED_OUT, suppress=True)),
    ],
)
def test_a_reported_state_becomes_a_receipt(status: str, code: int | None, said: Receipt | None) -> None:
    assert receipt(status, "SM1", code) == said
