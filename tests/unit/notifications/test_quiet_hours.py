"""Case 22: messages go out at the first allowed minute of the school's clocks, and same-day news at once."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.notifications.notification_examples import RULES, STARTS, Examples
from tests.unit.notifications.notification_service import Service

from notifications.domain.delivery import Postponed, hold
from notifications.domain.hours import HourRules, Quiet, first_allowed, next_strike
from notifications.domain.messages import Purpose, State
from notifications.domain.preferences import Preferences
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel

LOUISVILLE = ZoneInfo("America/Kentucky/Louisville")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
NIGHT = Quiet(time(21), time(8))
HOURS = HourRules(
    quiet={Channel.SMS: NIGHT},
    same_day={Purpose.DEFENSE_MOVED, Purpose.DEFENSE_CANCELLED},
    time_zone="America/Kentucky/Louisville",
)
QUIET_RULES = replace(RULES, hours=HOURS)


def at(written: str) -> datetime:
    return datetime.fromisoformat(written)


def allowed(moment: str, *quiet: Quiet, zone: ZoneInfo = LOUISVILLE) -> datetime:
    return first_allowed(at(moment), quiet, zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("2026-11-20T20:59-05:00", "2026-11-20T20:59-05:00"),
        ("2026-11-20T21:00-05:00", "2026-11-21T08:00-05:00"),
        ("2026-11-21T02:00-05:00", "2026-11-21T08:00-05:00"),
        ("2026-11-21T07:59:59-05:00", "2026-11-21T08:00-05:00"),
        ("2026-11-21T08:00-05:00", "2026-11-21T08:00-05:00"),
        ("2026-12-31T23:00-05:00", "2027-01-01T08:00-05:00"),
    ],
)
def test_case_22_quiet_hours_over_midnight_end_at_the_first_allowed_minute(moment: str, first: str) -> None:
    assert allowed(moment, NIGHT) == at(first)


def test_case_22_an_end_in_the_gap_of_the_clocks_is_the_minute_after_it() -> None:
    """On 2027-03-14 the clocks go from 02:00 to 03:00."""
    assert allowed("2027-03-14T01:10-05:00", Quiet(time(21), time(2, 30))) == at("2027-03-14T03:00-04:00")


def test_case_22_an_end_that_the_clocks_show_twice_counts_once() -> None:
    """On 2026-11-01 the clocks go from 02:00 back to 01:00."""
    quiet = Quiet(time(21), time(1, 30))

    assert allowed("2026-11-01T00:10-04:00", quiet) == at("2026-11-01T01:30-04:00")
    assert allowed("2026-11-01T01:40-04:00", quiet) == at("2026-11-01T01:40-04:00")
    assert allowed("2026-11-01T01:10-05:00", quiet) == at("2026-11-01T01:30-05:00")


def test_case_22_quiet_hours_within_a_day_leave_the_night_alone() -> None:
    noon = Quiet(time(12), time(13))

    assert allowed("2026-11-20T12:30-05:00", noon) == at("2026-11-20T13:00-05:00")
    assert allowed("2026-11-20T23:30-05:00", noon) == at("2026-11-20T23:30-05:00")


def test_hours_that_end_when_they_start_are_none() -> None:
    assert allowed("2026-11-20T08:00-05:00", Quiet(time(8), time(8))) == at("2026-11-20T08:00-05:00")


def test_two_quiet_hours_are_both_kept() -> None:
    morning = Quiet(time(7), time(17))

    assert allowed("2026-11-20T22:00-05:00", NIGHT, morning) == at("2026-11-21T17:00-05:00")


def test_a_guardian_cannot_be_reached_never() -> None:
    """Hours of their own that leave no minute do not count beside the district's."""
    day = Quiet(time(8), time(21))

    assert allowed("2026-11-20T22:00-05:00", NIGHT, day) == at("2026-11-21T08:00-05:00")


@given(
    moment=st.integers(0, 2 * 365 * 24 * 60).map(lambda passed: NEW_YEAR + timedelta(minutes=passed)),
    starts=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    ends=st.times().map(lambda each: each.replace(second=0, microsecond=0)),
    zone=st.sampled_from(("America/Kentucky/Louisville", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")),
)
def test_case_22_the_first_allowed_minute_is_allowed_and_none_before_it_is(
    moment: datetime, starts: time, ends: time, zone: str
) -> None:
    clocks, quiet = ZoneInfo(zone), Quiet(starts, ends)

    first = first_allowed(moment, [quiet], clocks)

    assert not quiet.covers(first.astimezone(clocks).time())
    if first != moment:
        passed = int((first - moment) / timedelta(minutes=1))
        waited = (first - timedelta(minutes=step + 1) for step in range(min(passed, 120)))
        assert all(quiet.covers(each.astimezone(clocks).time()) for each in waited)


def test_a_clock_strikes_once_a_day() -> None:
    assert next_strike(at("2026-11-20T17:00-05:00"), time(17), LOUISVILLE) == at("2026-11-21T17:00-05:00")
    assert next_strike(at("2026-11-20T16:59-05:00"), time(17), LOUISVILLE) == at("2026-11-20T17:00-05:00")
    assert next_strike(at("2026-11-01T01:40-04:00"), time(1, 30), LOUISVILLE) == at("2026-11-02T01:30-05:00")


@pytest.mark.parametrize("unknown", ["", "Mars/Olympus", "../etc/passwd", "America/Nowhere"])
def test_case_22_where_the_zone_is_unknown_the_districts_holds(unknown: str) -> None:
    assert HOURS.zone(unknown) == LOUISVILLE
    assert HOURS.zone("America/Chicago") == ZoneInfo("America/Chicago")


def at_night(make: Examples, hour: str = "2026-11-20T22:00-05:00") -> Service:
    """Return the service at ten in the evening, Louisville time."""
    service = Service(make, QUIET_RULES)
    service.passed_s = (at(hour) - make.now).total_seconds()
    return service


def test_case_22_a_text_waits_for_the_morning_and_is_sent_once(make: Examples) -> None:
    service = at_night(make)
    service.hear(make.event())

    service.round()

    [text] = [each for each in service.world.messages.values.values() if each.channel is Channel.SMS]
    assert (text.state, text.reason) == (State.CREATED, Reason.QUIET_HOURS)
    assert text.due_at == at("2026-11-21T08:00-05:00")
    assert service.sent(Channel.EMAIL) == [(1, Purpose.DEFENSE_SCHEDULED)]
    service.round(after_s=9 * 3600)
    assert service.sent(Channel.SMS) == []
    service.round(after_s=3600)
    service.round(after_s=60)
    assert service.sent(Channel.SMS) == [(1, Purpose.DEFENSE_SCHEDULED)]
    assert service.gateway.sent.count(text.message_id) == 1


def test_case_22_the_schools_zone_counts_and_not_the_guardians(make: Examples) -> None:
    """A school in Hawaii tells at its own four in the afternoon, whatever the number's area code says."""
    service = at_night(make)
    service.world.schools.values["sch-1"] = make.school(time_zone="Pacific/Honolulu")
    service.hear(make.event())

    service.round()

    assert service.sent(Channel.SMS) == [(1, Purpose.DEFENSE_SCHEDULED)]


def test_case_22_what_waits_for_another_attempt_waits_for_the_morning_too(make: Examples) -> None:
    service = at_night(make, "2026-11-20T20:59:50-05:00")
    service.hear(make.event())
    service.tell()
    service.deliver(Channel.SMS, outcome=Postponed(Reason.PROVIDER_BUSY, retry_after_s=60))

    service.round(after_s=90)

    [text] = [each for each in service.world.messages.values.values() if each.channel is Channel.SMS]
    assert (text.state, text.reason, text.attempts) == (State.CREATED, Reason.QUIET_HOURS, 1)
    assert text.due_at == at("2026-11-21T08:00-05:00")


def test_case_22_news_about_today_goes_out_in_quiet_hours(make: Examples) -> None:
    """A defense at six in the morning is moved at five: nobody should come for nothing."""
    early = at("2026-11-21T06:00-05:00")
    service = at_night(make, "2026-11-20T18:00-05:00")
    service.hear(make.event(starts_at=early, ends_at=early + timedelta(minutes=30)))
    service.round()

    service.passed_s = (at("2026-11-21T05:00-05:00") - make.now).total_seconds()
    service.hear(make.event(revision=2))
    service.round()

    assert service.sent(Channel.SMS) == [(1, Purpose.DEFENSE_SCHEDULED), (2, Purpose.DEFENSE_MOVED)]


def test_case_22_news_about_a_time_before_the_morning_goes_out_in_the_evening(make: Examples) -> None:
    early = at("2026-11-21T07:30-05:00")
    service = at_night(make, "2026-11-20T18:00-05:00")
    service.hear(make.event(starts_at=early, ends_at=early + timedelta(minutes=30)))
    service.round()

    service.passed_s = (at("2026-11-20T23:00-05:00") - make.now).total_seconds()
    service.hear(make.event(revision=2))
    service.round()

    assert service.sent(Channel.SMS)[-1] == (2, Purpose.DEFENSE_MOVED)


def test_case_22_what_would_wait_too_long_has_expired_at_once(make: Examples) -> None:
    """An invitation is no change, and quiet hours end after the defense has begun: a person must call."""
    early = at("2026-11-21T07:30-05:00")
    service = at_night(make)
    service.hear(make.event(starts_at=early, ends_at=early + timedelta(minutes=30)))

    service.round()

    assert service.unsent(Channel.SMS) == [(1, State.EXPIRED, Reason.QUIET_HOURS)]


def test_case_22_a_message_that_is_held_for_longer_than_it_is_of_use_expires(make: Examples) -> None:
    assert hold(make.message(), STARTS).reason is Reason.QUIET_HOURS
    assert hold(make.message(), STARTS).state is State.EXPIRED


def test_a_guardians_own_hours_count_too(make: Examples) -> None:
    service = at_night(make, "2026-11-20T14:00-05:00")
    own = Preferences(guardian_id="g-1", choices={}, quiet=Quiet(time(8), time(18)))
    service.world.wishes.values["g-1"] = own
    service.hear(make.event())

    service.round()
    assert service.sent(Channel.SMS) == service.sent(Channel.EMAIL) == []
    service.round(after_s=4 * 3600)

    assert service.sent(Channel.SMS) == service.sent(Channel.EMAIL) == [(1, Purpose.DEFENSE_SCHEDULED)]
