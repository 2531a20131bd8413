"""Families are told by what is left when one channel fails, and listed when nothing is left."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.notifications.notification_examples import RULES, STARTS, Examples
from tests.unit.notifications.notification_reach import TEXTS_IN_RESERVE, WatchedService

from contracts.notifications import FAMILY_UNREACHED, FamilyUnreached, Obstacle
from notifications.domain.delivery import NoAnswer, Postponed, Refused, Unclear
from notifications.domain.messages import Purpose, State
from notifications.domain.reach import NotOnListError, ReachState, ToldHow
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel, Relation
from notifications.domain.suppressions import Suppression
from notifications.domain.tellings import TellingState
from notifications.use_cases.identities import suppression_id
from notifications.use_cases.reaching import Looked, tell_by_hand

EMAIL, PHONE = "ana@example.org", "+15025550101"
BOUNCED = Refused(Reason.ADDRESS_REFUSED, suppress=True)


@pytest.fixture
def service(make: Examples) -> WatchedService:
    return WatchedService(make)


@pytest.fixture
def thrifty(make: Examples) -> WatchedService:
    """A service of a district that uses texts only where email does not reach."""
    return WatchedService(make, TEXTS_IN_RESERVE)


def test_a_family_whose_mail_was_taken_is_reached(make: Examples, service: WatchedService) -> None:
    service.hear(make.event())
    service.round()

    looked = service.look()

    assert looked == Looked(messages=0, listed=0)
    assert service.listed == (ReachState.REACHED, [])
    # Until the text's receipt is there: it may fail.
    assert service.reach.due_at is not None
    service.arrive()
    service.look(after_s=3600)
    assert service.reach.due_at is None


def test_a_family_is_not_looked_at_before_its_time(make: Examples, service: WatchedService) -> None:
    service.hear(make.event())
    service.round()
    before = service.reach

    service.look(after_s=1)

    assert service.reach == before


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
    service = WatchedService(make, rules)
    service.hear(make.event())
    service.tell_and_fail(Refused(Reason.OPTED_OUT, suppress=True))

    service.look(after_s=1)
    service.deliver()

    assert service.ends(Channel.SMS) == [(State.FAILED, Reason.OPTED_OUT, PHONE)]
    assert service.ends(Channel.EMAIL) == [(State.SENT, None, EMAIL)]
    service.look(after_s=3600)
    assert service.listed == (ReachState.REACHED, [])


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
    make: Examples, service: WatchedService
) -> None:
    service.hear(make.event())
    service.at(STARTS - timedelta(seconds=30))
    service.tell()

    service.deliver(outcome=Postponed(Reason.PROVIDER_BUSY, retry_after_s=60))
    service.look(after_s=20)

    assert [each[:2] for each in service.ends(Channel.SMS)] == [(State.EXPIRED, Reason.PROVIDER_BUSY)]
    assert service.listed == (
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


def test_case_24_without_any_contact_nothing_is_sent_and_the_school_has_the_family_on_its_list(
    make: Examples, service: WatchedService
) -> None:
    service.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    service.hear(make.event())
    service.round()
    service.look()

    assert service.gateway.sent == []
    assert service.ends(Channel.EMAIL) == [(State.NOT_SENT, Reason.NO_ADDRESS, None)]
    assert service.listed == (
        ReachState.UNREACHED,
        [(Channel.EMAIL, Reason.NO_ADDRESS), (Channel.SMS, Reason.NO_ADDRESS)],
    )


def test_case_24_a_contact_that_comes_before_the_deadline_is_used_and_closes_the_entry(
    make: Examples, service: WatchedService
) -> None:
    service.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    service.hear(make.event())
    service.round()
    service.look()

    service.world.guardians.values["g-1"] = make.guardian(phone=None)
    service.look()
    assert service.reach.state is ReachState.WATCHED
    service.deliver()
    service.look(after_s=3600)

    assert service.ends(Channel.EMAIL) == [(State.SENT, None, EMAIL)]
    assert service.listed == (ReachState.REACHED, [])


def test_case_24_a_contact_that_comes_after_the_deadline_is_not_used(
    make: Examples, service: WatchedService
) -> None:
    service.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    service.hear(make.event())
    service.round()
    service.look()
    service.at(STARTS)
    service.world.guardians.values["g-1"] = make.guardian()

    service.look(after_s=0)

    assert service.reach.state is ReachState.LAPSED
    assert service.ends(Channel.EMAIL) == [(State.NOT_SENT, Reason.NO_ADDRESS, None)]


def test_case_25_a_new_address_of_the_same_guardian_works_and_the_old_one_stays_refused(
    make: Examples, service: WatchedService
) -> None:
    service.world.guardians.values["g-1"] = make.guardian(phone=None)
    service.hear(make.event())
    service.tell()
    service.deliver(outcome=BOUNCED)
    service.look()
    assert service.listed[0] is ReachState.UNREACHED

    service.world.guardians.values["g-1"] = make.guardian(email="ana@new.example", phone=None)
    service.look()
    service.look()
    service.deliver()
    service.look(after_s=3600)

    assert service.ends(Channel.EMAIL) == [
        (State.FAILED, Reason.ADDRESS_REFUSED, EMAIL),
        (State.SENT, None, "ana@new.example"),
    ]
    assert service.reach.state is ReachState.REACHED
    assert set(service.world.suppressions.values) == {suppression_id(Channel.EMAIL, EMAIL)}


def test_a_new_address_that_fails_too_is_tried_once(make: Examples, service: WatchedService) -> None:
    service.world.guardians.values["g-1"] = make.guardian(phone=None)
    service.hear(make.event())
    service.tell()
    service.deliver(outcome=Refused(Reason.CARRIER_FILTERED))
    service.world.guardians.values["g-1"] = make.guardian(email="ana@new.example", phone=None)
    service.look()
    service.deliver(outcome=Refused(Reason.CARRIER_FILTERED))

    service.look(after_s=3600)

    assert len(service.ends(Channel.EMAIL)) == 2
    assert service.reach.state is ReachState.UNREACHED


def test_a_family_without_anybody_on_record_is_told_once_somebody_is(
    make: Examples, service: WatchedService
) -> None:
    service.world.students.values["s-1"] = make.student(guardian_ids=())
    service.hear(make.event())
    service.round()
    service.look()
    assert service.listed == (ReachState.UNREACHED, [(None, Reason.NOBODY_ON_RECORD)])

    service.world.students.values["s-1"] = make.student()
    service.look()
    service.round()
    service.look(after_s=3600)

    assert service.sent() == [(1, Purpose.DEFENSE_SCHEDULED)]
    assert service.state() is TellingState.TOLD
    assert service.reach.state is ReachState.REACHED


def test_a_family_of_whom_nothing_is_known_is_listed_when_patience_is_over(
    make: Examples, service: WatchedService
) -> None:
    service.world.students.values.clear()
    service.hear(make.event())
    service.round()
    service.look()
    assert service.reach.state is ReachState.WATCHED

    service.round(after_s=600)
    service.look()

    assert service.listed == (ReachState.UNREACHED, [(None, Reason.COPY_MISSING)])


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


def test_a_family_that_may_not_be_told_is_for_a_person(make: Examples, service: WatchedService) -> None:
    service.world.guardians.values["g-1"] = make.guardian(
        relations=(Relation(student_id="s-1", may_be_told=False),)
    )
    service.hear(make.event())
    service.round()
    service.look()

    assert service.listed == (ReachState.UNREACHED, [(None, Reason.NOBODY_MAY_BE_TOLD)])


def test_a_cancellation_of_which_nobody_need_hear_is_not_on_the_list(
    make: Examples, service: WatchedService
) -> None:
    service.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    service.hear(make.event())
    service.round()
    service.hear_cancellation()
    service.round()
    service.look()

    assert service.listed == (ReachState.MOOT, [])


def test_a_newer_revision_is_watched_anew_and_an_older_watch_waits_for_it(
    make: Examples, service: WatchedService
) -> None:
    service.hear(make.event())
    service.round()
    service.look()
    service.hear(make.event(revision=2, room="Library"))
    service.failed(make.message())
    service.look(after_s=0)
    assert (service.reach.revision, service.reach.state) == (1, ReachState.REACHED)

    service.round()
    service.look(after_s=3600)

    assert (service.reach.revision, service.reach.state) == (2, ReachState.REACHED)


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


def test_a_fact_that_is_gone_is_watched_no_more(make: Examples, service: WatchedService) -> None:
    service.hear(make.event())
    service.round()
    service.world.tellings.values.clear()

    service.look()

    assert service.reach.state is ReachState.MOOT


def test_a_watch_that_others_changed_meanwhile_is_left_to_them(
    make: Examples, service: WatchedService
) -> None:
    service.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    service.hear(make.event())
    service.round()
    theirs = replace(service.reach, state=ReachState.TOLD_BY_HAND, due_at=None)

    class Contested(type(service.reaches)):  # type: ignore[misc]  # the class of this very object
        def change_many(self, changes):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            for name, decide in changes:
                # The first decision meets a conflict; then the watch is theirs, and then it is gone.
                assert decide(self.values[name]) is not None
                self.values[name] = theirs
                assert decide(theirs) is None
                assert decide(None) is None
            return 0

    service.reaches = Contested(service.reaches.values)

    assert service.look() == Looked(messages=0, listed=0)


def test_when_the_day_is_near_others_are_told_once(make: Examples, service: WatchedService) -> None:
    service.world.guardians.values["g-1"] = make.guardian(phone=None)
    service.hear(make.event())
    service.tell()
    service.deliver(outcome=BOUNCED)
    service.look()
    assert service.reaches.facts == []

    service.at(STARTS - timedelta(days=1))
    service.look(after_s=0)
    service.look()

    obstacle = Obstacle(guardian_id="g-1", channel="email", reason="address_refused")
    nobody = Obstacle(guardian_id="g-1", channel="sms", reason="no_address")
    said = FamilyUnreached(
        fact_id="d-1",
        revision=1,
        student_id="s-1",
        school_id="sch-1",
        deadline=STARTS,
        obstacles=(obstacle, nobody),
        unreached_at=STARTS - timedelta(days=1),
    )
    assert service.reaches.facts == [FAMILY_UNREACHED.says(said)]


def test_where_it_is_no_guardians_fault_others_hear_so(make: Examples, service: WatchedService) -> None:
    service.world.students.values["s-1"] = make.student(guardian_ids=())
    service.hear(make.event())
    service.round()
    service.at(STARTS - timedelta(hours=1))

    service.look(after_s=0)

    [said] = service.reaches.facts
    assert said.data.obstacles == (Obstacle(guardian_id=None, channel=None, reason="nobody_on_record"),)


def test_a_person_tells_a_family_and_it_leaves_the_list_for_good(
    make: Examples, service: WatchedService
) -> None:
    service.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    service.hear(make.event())
    service.round()
    service.look()

    told = tell_by_hand(
        service.reach, by="c-1", how=ToldHow.CALLED, note="", reaches=service.reaches, now=service.now
    )
    service.world.guardians.values["g-1"] = make.guardian()
    service.look(after_s=3600)

    assert (told.state, told.closed_by) == (ReachState.TOLD_BY_HAND, "c-1")
    assert service.reach == told
    assert service.gateway.sent == []
    with pytest.raises(NotOnListError):
        tell_by_hand(told, by="c-2", how=ToldHow.CALLED, note="", reaches=service.reaches, now=service.now)


def test_a_district_that_does_not_tell_something_falls_back_to_nothing(make: Examples) -> None:
    silent = replace(RULES, notices=replace(RULES.notices, told=frozenset[Purpose]()))
    service = WatchedService(make, silent)
    service.hear(make.event())
    service.round()
    service.look()

    assert service.listed == (ReachState.MOOT, [])


def test_whom_a_person_told_a_person_must_tell_of_the_cancellation(
    make: Examples, service: WatchedService
) -> None:
    service.world.guardians.values["g-1"] = make.guardian(email=None, phone=None)
    service.hear(make.event())
    service.round()
    service.look()
    tell_by_hand(
        service.reach, by="c-1", how=ToldHow.CALLED, note="", reaches=service.reaches, now=service.now
    )

    service.hear_cancellation()
    service.round()
    service.look()

    assert service.listed == (ReachState.UNREACHED, [(None, Reason.HEARD_BY_HAND)])
