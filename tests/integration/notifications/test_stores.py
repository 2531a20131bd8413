"""How fast routes are, against the real store: by the texts of which it can be said, and no others."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from tests.unit.notifications.notification_examples import Examples

from chassis import mongo
from chassis.outbox import UnitOfWork
from notifications import documents
from notifications.domain.messages import Message, State
from notifications.domain.roster import Channel
from notifications.domain.routes import RouteRules, Speed
from notifications.repository import DistrictPolicies, MongoMessages, speeds
from notifications.use_cases.ports import silently

NAMES = ("first", "second")
NOW = Examples.now
RULES: RouteRules = DistrictPolicies("").routes("*", on=date(2026, 11, 22))


@pytest.fixture(autouse=True)
def connected(mongo_url: str, database: str) -> Iterator[None]:
    mongo.connect(mongo_url, database)
    mongo.create_indexes(documents)
    yield
    mongo.disconnect()


@pytest.fixture
def make() -> Examples:
    return Examples()


def keep(
    make: Examples,
    route: str,
    *ages_s: float,
    took_s: float | None = 2,
    channel: Channel = Channel.SMS,
    state: State | None = None,
) -> None:
    """Keep texts that were sent so long ago; they arrived after a while, or have not yet."""
    for age_s in ages_s:
        sent_at = NOW - timedelta(seconds=age_s)
        changed_at = sent_at if took_s is None else sent_at + timedelta(seconds=took_s)
        text = make.message(
            message_id=f"{route}-{channel}-{age_s}-{took_s}",
            channel=channel,
            route=route,
            state=state or (State.SENT if took_s is None else State.DELIVERED),
            sent_at=sent_at,
            due_at=None,
        )
        MongoMessages(_work(changed_at)).change(text.message_id, silently(partial(_as_it_is, text=text)))


def _as_it_is(_: Message | None, *, text: Message) -> Message:
    return text


def _work(now: datetime) -> UnitOfWork:
    return UnitOfWork(district="jcps", cause="test", now=now, repeats=False)


def measured() -> dict[str, Speed]:
    return dict(speeds(NAMES, now=NOW, rules=RULES))


def test_a_text_is_slow_that_arrived_late_or_waits_for_its_receipt_for_as_long(make: Examples) -> None:
    keep(make, "first", 310, 400)
    keep(make, "first", 320, 899, took_s=301)
    keep(make, "second", 330, took_s=None)

    assert measured() == {"first": Speed(texts=4, slow=2), "second": Speed(texts=1, slow=1)}


def test_what_says_nothing_of_the_route_of_late_does_not_count(make: Examples) -> None:
    keep(make, "first", 299, 10)
    keep(make, "first", 280, took_s=None)
    keep(make, "first", 901, 1800, took_s=600)
    keep(make, "first", 500, state=State.FAILED)
    keep(make, "first", 510, channel=Channel.EMAIL)
    keep(make, "third", 520)

    assert measured() == dict.fromkeys(NAMES, Speed(texts=0, slow=0))


def test_however_much_has_gone_out_just_now_hides_no_slow_route(
    make: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.repository.routes._SAMPLE", 3)
    keep(make, "first", 400, 410, 420, took_s=None)
    keep(make, "second", *range(100, 110))
    keep(make, "second", *range(110, 120), took_s=None)

    assert measured() == {"first": Speed(texts=3, slow=3), "second": Speed(texts=0, slow=0)}


def test_the_newest_texts_count_whether_they_have_arrived_or_not(
    make: Examples, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.repository.routes._SAMPLE", 3)
    keep(make, "first", 340, 320, 800, took_s=None)
    keep(make, "first", 330, 350, 360)

    assert measured()["first"] == Speed(texts=3, slow=2)
