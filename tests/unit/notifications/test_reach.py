"""A watch over a family, and what its messages amount to."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.notifications.notification_examples import NOW, REACH, STARTS, Examples

from notifications.domain.messages import Message, State
from notifications.domain.outlook import hold_back, may_have_been_told, outlook, unconfirmed
from notifications.domain.reach import (
    NotOnListError,
    Obstacle,
    Outlook,
    Reach,
    ReachState,
    ToldHow,
    look,
    look_now,
    tell_by_hand,
    watch,
)
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel

WATCHED = Reach(
    fact_id="d-1",
    revision=1,
    student_id="s-1",
    school_id="sch-1",
    deadline=STARTS,
    since=NOW,
    state=ReachState.WATCHED,
    due_at=NOW + timedelta(seconds=300),
)
NOBODY = (Obstacle(reason=Reason.NOBODY_ON_RECORD),)
DAY_BEFORE = STARTS - timedelta(days=1)


def test_a_fact_is_watched_from_before_it_is_told(make: Examples) -> None:
    assert watch(None, make.defense(), now=NOW, rules=REACH) == WATCHED


def test_only_a_newer_revision_begins_a_watch_anew(make: Examples) -> None:
    closed = replace(WATCHED, state=ReachState.TOLD_BY_HAND, due_at=None)

    assert watch(closed, make.defense(), now=NOW, rules=REACH) is None
    again = watch(closed, make.defense(revision=2), now=NOW, rules=REACH)
    third = watch(again, make.defense(revision=3), now=NOW, rules=REACH)
    other = watch(WATCHED, make.defense(revision=2), now=NOW, rules=REACH)

    assert again == replace(WATCHED, revision=2, heard_by_hand=True)
    assert third == replace(WATCHED, revision=3, heard_by_hand=True)
    assert other == replace(WATCHED, revision=2)


def test_a_fact_of_yesterday_is_not_watched(make: Examples) -> None:
    assert watch(None, make.defense(), now=STARTS, rules=REACH) is None


def test_who_was_reached_is_looked_at_no_more() -> None:
    reached = look(WATCHED, Outlook(reached=True), now=NOW, rules=REACH)

    assert (reached.state, reached.due_at, reached.closed_at) == (ReachState.REACHED, None, NOW)


def test_while_another_guardians_message_may_fail_a_reached_family_is_looked_at() -> None:
    seen = Outlook(reached=True, under_way=True)

    reached = look(WATCHED, seen, now=NOW, rules=REACH)
    later = look(replace(reached, due_at=STARTS), seen, now=STARTS, rules=REACH)

    assert (reached.state, reached.due_at) == (ReachState.REACHED, NOW + timedelta(seconds=600))
    assert (later.due_at, later.closed_at) == (None, NOW)


def test_who_need_not_hear_of_it_is_not_on_the_list() -> None:
    assert look(WATCHED, Outlook(moot=True), now=NOW, rules=REACH).state is ReachState.MOOT


def test_looks_become_rarer_while_something_is_under_way_and_one_is_when_the_day_is_near() -> None:
    seen = Outlook(under_way=True)

    waits = [look(replace(WATCHED, looks=looks), seen, now=NOW, rules=REACH).due_at for looks in (0, 1, 2, 9)]
    near = look(WATCHED, seen, now=DAY_BEFORE - timedelta(seconds=5), rules=REACH)

    assert waits == [NOW + timedelta(seconds=each) for each in (600, 1200, 2400, 3600)]
    assert near.due_at == DAY_BEFORE


def test_whom_nothing_can_reach_is_listed_at_once_and_others_hear_of_it_when_the_day_is_near() -> None:
    listed = look(WATCHED, Outlook(obstacles=NOBODY), now=NOW, rules=REACH)
    near = look(listed, Outlook(obstacles=NOBODY), now=DAY_BEFORE, rules=REACH)

    assert (listed.state, listed.listed_at, listed.announced_at) == (ReachState.UNREACHED, NOW, None)
    assert listed.obstacles == NOBODY
    assert (near.state, near.listed_at, near.announced_at) == (ReachState.UNREACHED, NOW, DAY_BEFORE)


def test_when_the_day_is_near_what_is_under_way_does_not_keep_a_family_off_the_list() -> None:
    near = look(WATCHED, Outlook(under_way=True, obstacles=NOBODY), now=DAY_BEFORE, rules=REACH)

    assert (near.state, near.announced_at) == (ReachState.UNREACHED, DAY_BEFORE)


def test_a_family_leaves_the_list_when_something_is_under_way_again_or_has_arrived() -> None:
    listed = look(WATCHED, Outlook(obstacles=NOBODY), now=NOW, rules=REACH)

    assert look(listed, Outlook(under_way=True), now=NOW, rules=REACH).state is ReachState.WATCHED
    assert look(listed, Outlook(reached=True), now=NOW, rules=REACH).state is ReachState.REACHED


def test_after_the_day_a_family_that_heard_nothing_stays_on_record() -> None:
    lapsed = look(WATCHED, Outlook(obstacles=NOBODY), now=STARTS, rules=REACH)

    assert (lapsed.state, lapsed.due_at, lapsed.announced_at) == (ReachState.LAPSED, None, STARTS)


@pytest.mark.parametrize(
    ("told_before", "near_after"),
    [
        (timedelta(days=14), timedelta(days=13)),
        # Told a day before: there is an hour for the first messages.
        (timedelta(days=1), timedelta(hours=1)),
        # Told half an hour before: half of it.
        (timedelta(minutes=30), timedelta(minutes=15)),
    ],
)
def test_the_day_is_near_a_day_before_but_for_what_is_told_at_short_notice(
    told_before: timedelta, near_after: timedelta
) -> None:
    reach = replace(WATCHED, since=STARTS - told_before)

    assert reach.near_at(REACH) == reach.since + near_after


def test_a_failed_message_has_its_family_looked_at_at_once() -> None:
    reached = replace(WATCHED, state=ReachState.REACHED, due_at=None, closed_at=NOW)

    assert look_now(reached, revision=1, now=STARTS) == replace(WATCHED, due_at=STARTS)
    assert look_now(WATCHED, revision=1, now=NOW) == replace(WATCHED, due_at=NOW)


@pytest.mark.parametrize("state", [ReachState.TOLD_BY_HAND, ReachState.LAPSED, ReachState.MOOT])
def test_a_failed_message_changes_nothing_for_whom_nothing_is_tried_any_more(state: ReachState) -> None:
    assert look_now(replace(WATCHED, state=state), revision=1, now=NOW) is None
    assert look_now(WATCHED, revision=2, now=NOW) is None
    assert look_now(None, revision=1, now=NOW) is None


@pytest.mark.parametrize("state", [ReachState.UNREACHED, ReachState.LAPSED])
def test_a_person_who_has_told_a_family_is_on_record(state: ReachState) -> None:
    told = tell_by_hand(
        replace(WATCHED, state=state), by="c-1", how=ToldHow.CALLED, note="Spoke to the aunt.", now=STARTS
    )

    assert told == replace(
        WATCHED,
        state=ReachState.TOLD_BY_HAND,
        due_at=None,
        closed_at=STARTS,
        closed_by="c-1",
        told_how=ToldHow.CALLED,
        note="Spoke to the aunt.",
    )


def test_who_is_not_on_the_list_cannot_be_taken_off_it() -> None:
    with pytest.raises(NotOnListError):
        tell_by_hand(WATCHED, by="c-1", how=ToldHow.CALLED, note="", now=NOW)


def test_a_text_must_be_delivered_and_a_mail_must_be_taken(make: Examples) -> None:
    text = make.message(state=State.SENT, due_at=None)
    mail = replace(text, channel=Channel.EMAIL)

    seen = [
        outlook([each], ["g-1"], confirmed_by=REACH.confirmed_by)
        for each in (text, replace(text, state=State.DELIVERED), mail)
    ]

    receipt = (Obstacle(guardian_id="g-1", channel=Channel.SMS, reason=Reason.RECEIPT_MISSING),)
    assert seen == [Outlook(under_way=True, obstacles=receipt), Outlook(reached=True), Outlook(reached=True)]


@pytest.mark.parametrize(
    ("state", "reason", "open_", "seen"),
    [
        (State.CREATED, None, True, (True, Reason.UNDER_WAY)),
        (State.UNKNOWN, Reason.ANSWER_LOST, True, (True, Reason.ANSWER_LOST)),
        (State.UNKNOWN, Reason.ANSWER_LOST, False, (False, Reason.ANSWER_LOST)),
        (State.FAILED, Reason.OPTED_OUT, False, (False, Reason.OPTED_OUT)),
        (State.UNCONFIRMED, Reason.RECEIPT_MISSING, False, (False, Reason.RECEIPT_MISSING)),
        (State.NOT_SENT, Reason.NO_ADDRESS, False, (False, Reason.NO_ADDRESS)),
    ],
)
def test_what_has_not_arrived_says_whether_it_still_may_and_what_stood_in_the_way(
    make: Examples, state: State, reason: Reason | None, open_: bool, seen: tuple[bool, Reason]
) -> None:
    message = make.message(state=state, reason=reason, due_at=NOW if open_ else None)

    found = outlook([message], ["g-1"], confirmed_by=REACH.confirmed_by)

    assert (found.under_way, [each.reason for each in found.obstacles]) == (seen[0], [seen[1]])


def test_what_is_not_told_at_all_is_moot_and_what_was_told_before_is_known(make: Examples) -> None:
    def seen(reason: Reason) -> Outlook:
        message = make.message(state=State.NOT_SENT, reason=reason, due_at=None)
        return outlook([message], ["g-1"], confirmed_by=REACH.confirmed_by)

    assert seen(Reason.NEVER_TOLD) == Outlook(moot=True)
    assert seen(Reason.STUDENT_WITHDRAWN) == Outlook(moot=True)
    assert seen(Reason.ALREADY_TOLD) == Outlook(reached=True)


def test_of_a_guardian_who_may_not_be_told_nobody_hears(make: Examples) -> None:
    message = make.message(state=State.NOT_SENT, reason=Reason.MAY_NOT_BE_TOLD, due_at=None)

    alone = outlook([message], ["g-1"], confirmed_by=REACH.confirmed_by)
    other = make.message(
        message_id="m-2", guardian_id="g-2", state=State.FAILED, reason=Reason.OPTED_OUT, due_at=None
    )
    both = outlook([message, other], ["g-1", "g-2"], confirmed_by=REACH.confirmed_by)

    assert alone.obstacles == (Obstacle(reason=Reason.NOBODY_MAY_BE_TOLD),)
    assert both.obstacles == (Obstacle(guardian_id="g-2", channel=Channel.SMS, reason=Reason.OPTED_OUT),)


def test_who_wants_to_hear_nothing_is_not_called_because_another_guardian_may_not_be_told(
    make: Examples,
) -> None:
    off = make.message(state=State.NOT_SENT, reason=Reason.SWITCHED_OFF)
    other = make.message(
        message_id="m-2", guardian_id="g-2", state=State.NOT_SENT, reason=Reason.MAY_NOT_BE_TOLD
    )
    nowhere = replace(off, message_id="m-3", reason=Reason.NO_ADDRESS)

    def seen(*messages: Message) -> Outlook:
        return outlook(messages, ["g-1", "g-2"], confirmed_by=REACH.confirmed_by)

    assert seen(off, other) == Outlook(moot=True)
    assert not seen(other).moot
    assert not seen(off, other, nowhere).moot


def test_without_messages_nobody_is_on_record_or_a_copy_is_missing() -> None:
    assert outlook([], [], confirmed_by=REACH.confirmed_by).obstacles == NOBODY
    assert outlook([], ["g-1"], confirmed_by=REACH.confirmed_by).obstacles == (
        Obstacle(reason=Reason.COPY_MISSING),
    )


def test_who_may_have_a_message_is_told_by_no_other_channel(make: Examples) -> None:
    told = {
        state: may_have_been_told(make.message(state=state, reason=Reason.PROVIDER_FAILED)) for state in State
    }

    assert {state for state, may in told.items() if may} == {
        State.CREATED,
        State.SENDING,
        State.SENT,
        State.UNKNOWN,
        State.DELIVERED,
    }
    assert may_have_been_told(make.message(state=State.NOT_SENT, reason=Reason.ALREADY_TOLD))


def test_a_channel_in_reserve_is_held_back_for_whom_another_one_goes_out(make: Examples) -> None:
    text = make.message()
    mail = make.message(message_id="m-2", channel=Channel.EMAIL)
    others = make.message(message_id="m-3", guardian_id="g-2")

    held = hold_back([text, mail, others], {Channel.SMS})

    assert held == [
        make.message(state=State.NOT_SENT, reason=Reason.IN_RESERVE, address=None, content=None, due_at=None),
        mail,
        others,
    ]
    assert hold_back([text, mail], ()) == [text, mail]


def test_a_text_without_a_receipt_is_unconfirmed_after_three_days(make: Examples) -> None:
    sent = make.message(state=State.SENT, sent_at=NOW, due_at=None)
    patience = timedelta(days=3)

    def after(message: Message, passed: timedelta) -> Message | None:
        return unconfirmed(message, now=NOW + passed, patience_s=patience.total_seconds())

    assert after(sent, patience) == replace(sent, state=State.UNCONFIRMED, reason=Reason.RECEIPT_MISSING)
    assert after(sent, patience - timedelta(seconds=1)) is None
    assert after(replace(sent, sent_at=None), patience) is None
    assert after(replace(sent, state=State.DELIVERED), patience) is None


def test_what_is_told_at_short_notice_is_looked_at_before_the_day(make: Examples) -> None:
    soon = make.defense(deadline=NOW + timedelta(seconds=40))

    begun = watch(None, soon, now=NOW, rules=REACH)

    assert begun is not None
    assert begun.due_at == NOW + timedelta(seconds=20)
