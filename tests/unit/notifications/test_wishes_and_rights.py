"""Rights, consent, suppressions and the words by which people ask."""

from datetime import date

import pytest
from tests.unit.notifications.notification_examples import Examples

from notifications.domain.eligibility import ConsentRule, refusal_of_channel, refusal_of_right
from notifications.domain.messages import Purpose
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Relation
from notifications.domain.suppressions import Suppression, Wish, lift, suppress
from notifications.repository import DistrictPolicies

SCHEDULED = Purpose.DEFENSE_SCHEDULED
KEYWORDS = DistrictPolicies("").keywords("*", on=date(2026, 11, 30))


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("STOP", Wish.STOP),
        (" stop. ", Wish.STOP),
        ("Stop texting me", Wish.STOP),
        ("ALTO", Wish.STOP),
        ("Opt-out!", Wish.STOP),
        ("قف", Wish.STOP),
        ("PARE", Wish.STOP),
        ("Jooji!", Wish.STOP),
        ("रोक्नुहोस्", Wish.STOP),
        ("Hagarika", Wish.STOP),
        ("acha", Wish.STOP),
        ("msaada", Wish.HELP),
        ("मद्दत", Wish.HELP),
        ("Start", Wish.START),
        ("HELP?", Wish.HELP),
        ("please stop", None),
        ("Who is this?", None),
        ("", None),
        ("👍", None),
    ],
)
def test_case_15_a_reply_is_understood_or_left_to_a_person(text: str, wish: Wish | None) -> None:
    asked = KEYWORDS.asked(text)

    assert (asked.wish if asked else None) is wish


def test_case_23_a_guardian_under_a_no_contact_order_is_not_told(make: Examples) -> None:
    guardian = make.guardian(relations=(Relation(student_id="s-1", may_be_told=False),))

    assert refusal_of_right(make.student(), guardian, SCHEDULED) is Reason.MAY_NOT_BE_TOLD


def test_case_23_two_rows_of_which_one_forbids_are_a_prohibition(make: Examples) -> None:
    relations = tuple(Relation(student_id="s-1", may_be_told=told) for told in (True, False))

    assert (
        refusal_of_right(make.student(), make.guardian(relations=relations), SCHEDULED)
        is Reason.MAY_NOT_BE_TOLD
    )


def test_a_guardian_without_a_relation_to_the_student_is_not_told(make: Examples) -> None:
    guardian = make.guardian(relations=(Relation(student_id="s-2", may_be_told=True),))

    assert refusal_of_right(make.student(), guardian, SCHEDULED) is Reason.MAY_NOT_BE_TOLD


def test_nobody_is_told_after_guardian_or_student_has_left(make: Examples) -> None:
    assert refusal_of_right(make.student(), make.guardian(active=False), SCHEDULED) is Reason.GUARDIAN_LEFT
    assert (
        refusal_of_right(make.student(active=False), make.guardian(), SCHEDULED) is Reason.STUDENT_WITHDRAWN
    )
    assert refusal_of_right(make.student(), make.guardian(), SCHEDULED) is None


def test_of_a_cancellation_the_family_of_a_student_who_has_left_hears_too(make: Examples) -> None:
    withdrawn = make.student(active=False)

    assert refusal_of_right(withdrawn, make.guardian(), Purpose.DEFENSE_MOVED) is Reason.STUDENT_WITHDRAWN
    assert refusal_of_right(withdrawn, make.guardian(), Purpose.DEFENSE_CANCELLED) is None


def test_the_latest_word_about_a_channel_counts(make: Examples) -> None:
    yes = make.consent(Channel.SMS, on=date(2026, 8, 1))
    later_no = make.consent(Channel.SMS, granted=False, on=date(2026, 9, 1))
    guardian = make.guardian(consents=(later_no, yes))

    assert refusal_of_channel(guardian, Channel.SMS, ConsentRule.GRANTED) is Reason.CONSENT_REFUSED


def test_a_yes_and_a_no_of_one_day_are_a_no(make: Examples) -> None:
    consents = tuple(make.consent(Channel.SMS, granted=granted) for granted in (True, False))

    refused = refusal_of_channel(make.guardian(consents=consents), Channel.SMS, ConsentRule.GRANTED)

    assert refused is Reason.CONSENT_REFUSED


def test_silence_is_no_consent_unless_the_district_says_so(make: Examples) -> None:
    silent = make.guardian(consents=())

    assert refusal_of_channel(silent, Channel.SMS, ConsentRule.GRANTED) is Reason.CONSENT_MISSING
    assert refusal_of_channel(silent, Channel.SMS, ConsentRule.NOT_REFUSED) is None
    assert refusal_of_channel(make.guardian(), Channel.EMAIL, ConsentRule.GRANTED) is None


def test_a_suppression_comes_into_force_once(make: Examples) -> None:
    first = suppress(None, Channel.SMS, Reason.OPTED_OUT, now=make.now)

    assert first == Suppression(channel=Channel.SMS, reason=Reason.OPTED_OUT, since=make.now, active=True)
    assert suppress(first, Channel.SMS, Reason.OPTED_OUT, now=make.after(5)) is None
    assert suppress(first, Channel.SMS, Reason.ADDRESS_REFUSED, now=make.after(5)) is None


def test_an_opt_out_outweighs_a_refused_address(make: Examples) -> None:
    refused = suppress(None, Channel.SMS, Reason.ADDRESS_REFUSED, now=make.now)

    opted_out = suppress(refused, Channel.SMS, Reason.OPTED_OUT, now=make.after(5))

    assert opted_out is not None
    assert (opted_out.reason, opted_out.since) == (Reason.OPTED_OUT, make.after(5))


def test_case_15_start_lifts_an_opt_out_which_a_later_stop_renews(make: Examples) -> None:
    stopped = suppress(None, Channel.SMS, Reason.OPTED_OUT, now=make.now)

    lifted = lift(stopped, now=make.after(5))

    assert lifted is not None
    assert not lifted.active
    assert lift(lifted, now=make.after(6)) is None
    renewed = suppress(lifted, Channel.SMS, Reason.OPTED_OUT, now=make.after(7))
    assert renewed is not None
    assert renewed.active


def test_start_does_not_mend_an_address_that_the_provider_refused(make: Examples) -> None:
    refused = suppress(None, Channel.SMS, Reason.ADDRESS_REFUSED, now=make.now)

    assert lift(refused, now=make.now) is None
    assert lift(None, now=make.now) is None
