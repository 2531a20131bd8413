"""What a revision is to one guardian depends on what they were told, and on nothing else."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.notifications.notification_examples import STARTS, Examples

from notifications.domain.facts import Place
from notifications.domain.messages import Message, Purpose, State
from notifications.domain.news import News, news
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel

MAKE = Examples()
HERE = MAKE.place()
THERE = MAKE.place(
    starts_at=STARTS + timedelta(days=1), ends_at=STARTS + timedelta(days=1, minutes=30), room="Library"
)

SCHEDULED = News(purpose=Purpose.DEFENSE_SCHEDULED, place=HERE)
MOVED = News(purpose=Purpose.DEFENSE_MOVED, place=HERE, before=THERE)
NOTHING_NEW = News(purpose=Purpose.DEFENSE_MOVED, place=HERE, silent=Reason.ALREADY_TOLD)


def said(
    place: Place | None, *, revision: int = 1, state: State = State.SENT, channel: Channel = Channel.SMS
) -> Message:
    """Return a message of an older revision; without a place, a cancellation."""
    return MAKE.message(
        revision=revision,
        channel=channel,
        state=state,
        due_at=MAKE.now if state in (State.CREATED, State.SENDING, State.UNKNOWN) else None,
        tells=place,
        purpose=Purpose.DEFENSE_SCHEDULED if place else Purpose.DEFENSE_CANCELLED,
    )


def standing(*earlier: Message, patient: bool = True) -> News | None:
    """Return what a third revision, with the usual place, is on the SMS channel."""
    return news(MAKE.defense(revision=3), Channel.SMS, earlier, patient=patient)


def cancelled(*earlier: Message, patient: bool = True) -> News | None:
    return news(MAKE.cancelled(revision=3), Channel.SMS, earlier, patient=patient)


def email(place: Place | None, *, revision: int = 1, state: State = State.SENT) -> Message:
    return said(place, revision=revision, state=state, channel=Channel.EMAIL)


def test_who_was_told_nothing_hears_of_the_defense_as_it_is() -> None:
    assert standing() == SCHEDULED


@pytest.mark.parametrize("state", [State.NOT_SENT, State.SUPERSEDED, State.FAILED, State.EXPIRED])
def test_what_never_arrived_counts_as_not_said(state: State) -> None:
    assert standing(said(THERE, state=state)) == SCHEDULED
    assert cancelled(said(THERE, state=state)) == News(
        purpose=Purpose.DEFENSE_CANCELLED, place=MAKE.cancelled().place, silent=Reason.NEVER_TOLD
    )


def test_who_was_told_another_place_hears_of_a_move_from_there() -> None:
    assert standing(said(THERE)) == MOVED


def test_a_move_from_a_place_that_is_not_on_record_is_still_a_move() -> None:
    of_an_older_release = MAKE.message(state=State.SENT, due_at=None, tells=None)

    assert standing(of_an_older_release) == News(purpose=Purpose.DEFENSE_MOVED, place=HERE)


def test_case_10_what_is_back_where_it_was_is_no_news() -> None:
    assert standing(said(HERE), said(THERE, revision=2, state=State.SUPERSEDED)) == NOTHING_NEW


def test_only_the_last_word_counts() -> None:
    assert standing(said(HERE), said(THERE, revision=2)) == MOVED
    assert standing(said(THERE, revision=2), said(HERE)) == MOVED


def test_what_one_channel_told_is_news_on_another_that_did_not() -> None:
    assert standing(email(HERE)) == SCHEDULED
    assert standing(email(THERE)) == MOVED


def test_who_may_believe_either_of_two_places_is_told_on_both_channels() -> None:
    told_twice = (said(HERE, revision=1), email(THERE, revision=2))

    assert standing(*told_twice) == MOVED
    assert news(MAKE.defense(revision=3), Channel.EMAIL, told_twice, patient=True) == MOVED


def test_after_a_cancellation_a_defense_is_scheduled_anew() -> None:
    assert standing(said(HERE), said(None, revision=2)) == SCHEDULED
    assert standing(said(HERE), email(None, revision=2)) == SCHEDULED


def test_case_9_of_a_cancellation_nobody_hears_who_was_told_nothing() -> None:
    assert cancelled() == News(
        purpose=Purpose.DEFENSE_CANCELLED, place=MAKE.cancelled().place, silent=Reason.NEVER_TOLD
    )


def test_a_cancellation_names_the_time_that_the_guardian_believed_in() -> None:
    assert cancelled(said(THERE)) == News(purpose=Purpose.DEFENSE_CANCELLED, place=THERE)


def test_a_cancellation_reaches_who_was_told_by_any_channel() -> None:
    assert cancelled(email(THERE)) == News(purpose=Purpose.DEFENSE_CANCELLED, place=THERE)


def test_who_has_heard_of_the_cancellation_does_not_hear_of_it_again() -> None:
    silent = cancelled(said(THERE), said(None, revision=2))

    assert silent is not None
    assert silent.silent is Reason.ALREADY_TOLD


def test_a_channel_that_missed_the_cancellation_is_told_of_the_next_one() -> None:
    assert cancelled(said(THERE), email(None, revision=2)) == News(
        purpose=Purpose.DEFENSE_CANCELLED, place=THERE
    )


def test_the_time_of_the_event_stands_in_for_one_that_is_not_on_record() -> None:
    of_an_older_release = MAKE.message(state=State.SENT, due_at=None, tells=None)

    assert cancelled(of_an_older_release) == News(
        purpose=Purpose.DEFENSE_CANCELLED, place=MAKE.cancelled().place
    )


@pytest.mark.parametrize("state", [State.CREATED, State.SENDING, State.UNKNOWN])
def test_no_message_overtakes_an_older_one_on_its_channel(state: State) -> None:
    assert standing(said(THERE, state=state)) is None
    assert cancelled(said(THERE, state=state)) is None


def test_no_message_overtakes_an_older_one_although_another_channel_says_what_it_will_be() -> None:
    assert standing(email(THERE), said(THERE, state=State.SENDING)) is None
    assert cancelled(email(THERE), said(THERE, state=State.SENDING)) is None


def test_another_channel_is_waited_for_only_while_it_makes_a_difference() -> None:
    assert cancelled(email(THERE, state=State.SENDING)) is None
    assert cancelled(said(THERE), email(THERE, state=State.SENDING)) == News(
        purpose=Purpose.DEFENSE_CANCELLED, place=THERE
    )


def test_without_patience_what_is_under_way_counts_as_read_and_what_waits_does_not() -> None:
    assert standing(said(THERE, state=State.UNKNOWN), patient=False) == MOVED
    assert standing(said(THERE, state=State.CREATED), patient=False) == SCHEDULED


messages = st.lists(
    st.builds(
        said,
        st.sampled_from([HERE, THERE, None]),
        revision=st.integers(1, 2),
        state=st.sampled_from(list(State)),
        channel=st.sampled_from(list(Channel)),
    ),
    max_size=4,
    unique_by=lambda each: (each.revision, each.channel),
)


@given(messages)
def test_without_patience_there_is_always_an_answer_and_with_it_no_other(earlier: Sequence[Message]) -> None:
    for defense in (MAKE.defense(revision=3), MAKE.cancelled(revision=3)):
        at_once = news(defense, Channel.SMS, earlier, patient=False)
        assert at_once is not None
        assert news(defense, Channel.SMS, earlier, patient=True) in (None, at_once)


@given(messages)
def test_silence_about_a_cancellation_means_that_nobody_still_believes_in_it(
    earlier: Sequence[Message],
) -> None:
    last = {
        channel: max(
            (each for each in earlier if each.channel is channel and each.state is State.DELIVERED),
            key=lambda each: each.revision,
            default=None,
        )
        for channel in Channel
    }
    found = cancelled(*(each for each in earlier if each.state is State.DELIVERED))

    assert found is not None
    if found.silent:
        sms = last[Channel.SMS]
        assert sms is None or sms.purpose is Purpose.DEFENSE_CANCELLED
