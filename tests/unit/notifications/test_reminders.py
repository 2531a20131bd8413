"""Families are reminded of what stands, by the school's clocks, and of nothing that has changed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.notifications.notification_examples import RULES, STARTS, Examples
from tests.unit.notifications.notification_service import Service

from notifications.domain.facts import Standing
from notifications.domain.messages import Purpose, State
from notifications.domain.reasons import Reason
from notifications.domain.reminders import Before, next_reminder
from notifications.domain.roster import Channel
from notifications.domain.tellings import TellingState, remind

WANTED = (Before(days=7, hours=0), Before(days=1, hours=0), Before(days=0, hours=2))
DAY_S = 24 * 3600.0


@pytest.fixture
def service(make: Examples) -> Service:
    """Return the service of a district that reminds; families are told two weeks ahead."""
    told = Service(make, replace(RULES, notices=replace(RULES.notices, reminders=WANTED)))
    told.hear(make.event())
    told.round()
    return told


def move_clock_to(service: Service, moment: datetime) -> None:
    service.passed_s = (moment - service.make.now).total_seconds()


def reminders(service: Service, channel: Channel = Channel.EMAIL) -> int:
    return service.sent(channel).count((1, Purpose.DEFENSE_REMINDER))


def test_the_next_reminder_is_the_first_that_has_not_passed(make: Examples) -> None:
    moments = [make.now]
    while found := next_reminder(make.defense(), WANTED, after=moments[-1]):
        moments.append(found)

    ahead = [STARTS - each for each in moments[1:]]
    assert ahead == [timedelta(days=7), timedelta(days=1), timedelta(hours=2)]


def test_case_22_a_day_before_is_the_same_time_of_day_also_when_the_clocks_are_changed(
    make: Examples,
) -> None:
    # The clocks of Louisville go back in the night to November 1st, 2026.
    starts_at = datetime(2026, 11, 1, 15, 0, tzinfo=UTC)
    fact = make.defense(place=make.place(starts_at=starts_at), deadline=starts_at)
    day = Before(days=1, hours=0)

    assert next_reminder(fact, [day], after=starts_at - timedelta(days=3)) == starts_at - timedelta(hours=25)


@pytest.mark.parametrize("zone", ["Mars/Phobos", "../etc/passwd", "America"])
def test_in_an_unknown_zone_nobody_was_invited_and_nobody_is_reminded(make: Examples, zone: str) -> None:
    fact = make.defense(place=make.place(time_zone=zone))

    assert next_reminder(fact, WANTED, after=make.now) is None


def test_nobody_is_reminded_of_what_does_not_take_place_or_has_no_time(make: Examples) -> None:
    for fact in (make.cancelled(), make.hearing(), make.milestone(standing=Standing.MISSED)):
        assert next_reminder(fact, WANTED, after=make.now) is None


def test_a_family_is_reminded_as_often_as_policy_says_and_once_each_time(service: Service) -> None:
    for before in (timedelta(days=7), timedelta(days=1), timedelta(hours=2)):
        move_clock_to(service, STARTS - before)
        for _ in range(3):
            service.round()

    assert reminders(service) == reminders(service, Channel.SMS) == 3
    assert service.world.tellings.values["d-1"].due_at is None
    assert service.state() is TellingState.TOLD


def test_after_a_long_outage_one_reminder_stands_for_all_that_were_missed(service: Service) -> None:
    move_clock_to(service, STARTS - timedelta(hours=1))
    service.round()
    service.round()

    assert reminders(service) == 1


def test_a_round_of_reminders_that_is_repeated_after_a_crash_makes_no_second_one(service: Service) -> None:
    move_clock_to(service, STARTS - timedelta(days=7))
    before = dict(service.world.tellings.values)
    service.tell()
    service.world.tellings.values.update(before)
    service.round()

    assert reminders(service) == 1


def test_case_8_a_cancellation_takes_back_a_reminder_that_waits(service: Service) -> None:
    move_clock_to(service, STARTS - timedelta(days=7))
    service.tell()
    service.hear_cancellation()
    service.round()
    service.round(after_s=7 * DAY_S)

    assert service.sent() == [(1, Purpose.DEFENSE_SCHEDULED), (2, Purpose.DEFENSE_CANCELLED)]
    assert (1, State.SUPERSEDED, Reason.NEWER_REVISION) in service.unsent()


def test_of_a_defense_that_has_moved_a_family_is_reminded_at_its_new_time(
    make: Examples, service: Service
) -> None:
    later = STARTS + timedelta(days=30)
    service.hear(make.event(revision=2, starts_at=later, ends_at=later + timedelta(minutes=30)))
    service.round()
    for day in range(1, 32):
        move_clock_to(service, STARTS + timedelta(days=day, hours=-12))
        service.round()

    assert [each for each in service.sent() if each[1] is Purpose.DEFENSE_REMINDER] == [
        (2, Purpose.DEFENSE_REMINDER)
    ] * 2
    assert reminders(service) == 0


def test_who_is_not_reminded_has_no_record_of_it(make: Examples, service: Service) -> None:
    service.world.guardians.values["g-1"] = make.guardian(consents=(make.consent(Channel.EMAIL),))
    move_clock_to(service, STARTS - timedelta(days=7))
    service.round()

    assert reminders(service) == 1
    assert reminders(service, Channel.SMS) == 0
    assert service.unsent(Channel.SMS) == []


def test_a_fact_that_changed_while_reminders_were_made_is_not_marked_as_reminded_of(make: Examples) -> None:
    seen = make.telling(state=TellingState.TOLD)
    newer = make.telling(fact=make.defense(revision=2))

    assert remind(newer, seen, next_at=None) is None
    assert remind(None, seen, next_at=None) is None
