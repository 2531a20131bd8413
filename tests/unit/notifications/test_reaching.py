"""Families are told by what is left when one channel fails."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.notifications.notification_examples import RULES, STARTS, Examples
from tests.unit.notifications.notification_reach import WatchedService

from notifications.domain.delivery import NoAnswer, Postponed, Refused, Unclear
from notifications.domain.messages import Purpose, State
from notifications.domain.reach import ReachState
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.domain.suppressions import Suppression
from notifications.use_cases.identities import suppression_id
from notifications.use_cases.reaching import Looked

EMAIL, PHONE = "ana@example.org", "+15025550101"
BOUNCED = Refused(Reason.ADDRESS_REFUSED, suppress=True)


def test_where_texts_are_in_reserve_a_family_is_told_by_email_only(
    make: Examples, thrifty: WatchedService
) -> None:
    thrifty.hear(make.event())
    thrifty.round()
    thrifty.look()

    assert thrifty.ends(Channel.EMAIL) == [(State.SENT, None, EMAIL)]
    assert thrifty.ends(Channel.SMS) == [(State.NOT_SENT, Reason.IN_RESERVE, None)]
    assert thrifty.reach.due_at is None


@pytest.mark.parametrize("end", [BOUNCED, Refused(Reason.CONTENT_REFUSED)])
def test_a_hard_bounce_brings_the_text_and_nobody_is_told_twice(
    make: Examples, thrifty: WatchedService, end: Refused
) -> None:
    thrifty.hear(make.event())
    mail = thrifty.tell_and_fail(end)

    looked = thrifty.look(after_s=1)
    thrifty.deliver()
    thrifty.arrive()
    thrifty.look()
    thrifty.failed(mail)
    again = thrifty.look(after_s=1)

    assert (looked.messages, again.messages) == (1, 0)
    assert thrifty.ends(Channel.SMS) == [(State.DELIVERED, None, PHONE)]
    assert thrifty.reach.state is ReachState.REACHED


def test_case_16_an_opt_out_that_only_the_provider_knew_lets_the_email_take_over(make: Examples) -> None:
    rules = replace(RULES, reach=replace(RULES.reach, in_reserve=frozenset({Channel.EMAIL})))
    watched = WatchedService(make, rules)
    watched.hear(make.event())
    watched.tell_and_fail(Refused(Reason.OPTED_OUT, suppress=True))

    watched.look(after_s=1)
    watched.deliver()

    assert watched.ends(Channel.SMS) == [(State.FAILED, Reason.OPTED_OUT, PHONE)]
    assert watched.ends(Channel.EMAIL) == [(State.SENT, None, EMAIL)]
    watched.look(after_s=3600)
    assert watched.listed == (ReachState.REACHED, [])


def test_where_the_only_other_channel_is_opted_out_the_family_is_on_the_list(
    make: Examples, thrifty: WatchedService
) -> None:
    thrifty.world.suppressions.values[suppression_id(Channel.SMS, PHONE)] = Suppression(
        channel=Channel.SMS, reason=Reason.OPTED_OUT, since=make.now, active=True
    )
    thrifty.hear(make.event())
    thrifty.tell_and_fail(BOUNCED)

    looked = thrifty.look(after_s=1)

    assert looked == Looked(messages=0, listed=1)
    assert thrifty.listed == (
        ReachState.UNREACHED,
        [(Channel.EMAIL, Reason.ADDRESS_REFUSED), (Channel.SMS, Reason.OPTED_OUT)],
    )


def test_case_5_retries_that_would_pass_the_deadline_end_and_the_family_is_listed(
    make: Examples, watched: WatchedService
) -> None:
    watched.hear(make.event())
    watched.at(STARTS - timedelta(seconds=30))
    watched.tell()

    watched.deliver(outcome=Postponed(Reason.PROVIDER_BUSY, retry_after_s=60))
    watched.look(after_s=20)

    assert [each[:2] for each in watched.ends(Channel.SMS)] == [(State.EXPIRED, Reason.PROVIDER_BUSY)]
    assert watched.listed == (
        ReachState.UNREACHED,
        [(Channel.EMAIL, Reason.PROVIDER_BUSY), (Channel.SMS, Reason.PROVIDER_BUSY)],
    )


def test_expired_retries_bring_the_other_channel_while_it_is_of_use(
    make: Examples, thrifty: WatchedService
) -> None:
    thrifty.hear(make.event())
    thrifty.at(STARTS - timedelta(minutes=30))
    thrifty.tell_and_fail(Postponed(Reason.PROVIDER_BUSY, retry_after_s=1800))

    thrifty.look(after_s=1)

    assert thrifty.ends(Channel.EMAIL) == [(State.EXPIRED, Reason.PROVIDER_BUSY, EMAIL)]
    assert thrifty.ends(Channel.SMS) == [(State.CREATED, None, PHONE)]


def test_too_late_for_another_channel_the_family_is_to_be_called(
    make: Examples, thrifty: WatchedService
) -> None:
    thrifty.hear(make.event())
    thrifty.at(STARTS - timedelta(minutes=16))
    thrifty.tell_and_fail(BOUNCED)

    looked = thrifty.look(after_s=60)

    assert looked == Looked(messages=0, listed=1)


def test_a_message_in_doubt_brings_no_other_channel(make: Examples, thrifty: WatchedService) -> None:
    thrifty.hear(make.event())
    thrifty.tell()
    [mail] = thrifty.claim()
    thrifty.settle([mail], Unclear(Reason.ANSWER_LOST))
    thrifty.gateway.answers[mail.message_id] = NoAnswer()
    thrifty.passed_s += make.delivery.ask_for_s
    thrifty.ask()

    looked = thrifty.look()

    assert looked == Looked(messages=0, listed=1)
    assert thrifty.listed == (
        ReachState.UNREACHED,
        [(Channel.EMAIL, Reason.ANSWER_LOST), (Channel.SMS, Reason.IN_RESERVE)],
    )


def test_case_25_a_new_address_of_the_same_guardian_works_and_the_old_one_stays_refused(
    make: Examples, watched: WatchedService
) -> None:
    watched.world.guardians.values["g-1"] = make.guardian(phone=None)
    watched.hear(make.event())
    watched.tell()
    watched.deliver(outcome=BOUNCED)
    watched.look()
    assert watched.listed[0] is ReachState.UNREACHED

    watched.world.guardians.values["g-1"] = make.guardian(email="ana@new.example", phone=None)
    watched.look()
    watched.look()
    watched.deliver()
    watched.look(after_s=3600)

    assert watched.ends(Channel.EMAIL) == [
        (State.FAILED, Reason.ADDRESS_REFUSED, EMAIL),
        (State.SENT, None, "ana@new.example"),
    ]
    assert watched.reach.state is ReachState.REACHED
    assert set(watched.world.suppressions.values) == {suppression_id(Channel.EMAIL, EMAIL)}


def test_a_new_address_that_fails_too_is_tried_once(make: Examples, watched: WatchedService) -> None:
    watched.world.guardians.values["g-1"] = make.guardian(phone=None)
    watched.hear(make.event())
    watched.tell()
    watched.deliver(outcome=Refused(Reason.CARRIER_FILTERED))
    watched.world.guardians.values["g-1"] = make.guardian(email="ana@new.example", phone=None)
    watched.look()
    watched.deliver(outcome=Refused(Reason.CARRIER_FILTERED))

    watched.look(after_s=3600)

    assert len(watched.ends(Channel.EMAIL)) == 2
    assert watched.reach.state is ReachState.UNREACHED


def test_one_guardian_of_whom_nothing_is_known_does_not_keep_the_other_from_the_other_channel(
    make: Examples, thrifty: WatchedService
) -> None:
    thrifty.world.students.values["s-1"] = make.student(guardian_ids=("g-1", "g-lost"))
    thrifty.hear(make.event())
    thrifty.round()
    thrifty.round(after_s=600)
    thrifty.tell()
    thrifty.passed_s += 300
    thrifty.tell_and_fail(BOUNCED)

    thrifty.look(after_s=1)

    assert (State.CREATED, None, PHONE) in thrifty.ends(Channel.SMS)


def test_who_was_told_of_an_older_revision_hears_of_the_move_by_the_channel_that_is_left(
    make: Examples, thrifty: WatchedService
) -> None:
    thrifty.hear(make.event())
    thrifty.round()
    thrifty.hear(make.event(revision=2, room="Library"))
    thrifty.tell_and_fail(BOUNCED)

    thrifty.look(after_s=1)

    [text] = [each for each in thrifty.world.messages.values.values() if each.state is State.CREATED]
    assert (text.channel, text.purpose, text.revision) == (Channel.SMS, Purpose.DEFENSE_MOVED, 2)


def test_what_was_fallen_back_to_is_written_once_whoever_looks(
    make: Examples, thrifty: WatchedService
) -> None:
    thrifty.hear(make.event())
    mail = thrifty.tell_and_fail(BOUNCED)
    before = dict(thrifty.world.messages.values)
    thrifty.look(after_s=1)
    thrifty.deliver()
    sent = thrifty.ends(Channel.SMS)

    # Another process looked at the same time, and saw what was there before.
    class Late(type(thrifty.world.messages)):  # type: ignore[misc]  # the class of this very object
        def about(self, facts):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            return list(before.values())

    late = Late(*thrifty.world.messages.values.values())
    thrifty.world.messages = late
    thrifty.failed(mail)
    looked = thrifty.look(after_s=1)

    assert looked.messages == 0
    assert thrifty.ends(Channel.SMS) == sent


def test_a_district_that_does_not_tell_something_falls_back_to_nothing(make: Examples) -> None:
    silent = replace(RULES, notices=replace(RULES.notices, told=frozenset[Purpose]()))
    watched = WatchedService(make, silent)
    watched.hear(make.event())
    watched.round()
    watched.look()

    assert watched.listed == (ReachState.MOOT, [])
