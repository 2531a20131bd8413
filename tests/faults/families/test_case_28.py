"""Case 28: store down, broker down, poison, two workers; its queue of 22,000 is in bench/notifications."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pika
import pytest
from tests.faults.families import account
from tests.faults.families.world import World, made
from tests.faults.world import wait_for
from tests.integration.notifications.notifications_season import Family, Season, new_family

from contracts.defenses import DEFENSE_SCHEDULED
from contracts.envelope import CONTENT_TYPE

pytestmark = pytest.mark.timeout(300)

#: Slow enough that an outage falls into the middle.
PACE = {"EMAIL_PER_SECOND": "20", "SMS_PER_SECOND": "20"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with made(tmp_path / "world", trouble=False, **PACE) as everything:
        yield everything


def announce(season: Season, families: Sequence[Family]) -> None:
    for family in families:
        season.enroll(family)
        season.schedule(family)


def wait_for_rest(world: World, families: Sequence[Family]) -> None:
    def is_at_rest() -> bool:
        there = world.store["messages"].count_documents({})
        return bool(there >= 2 * len(families) and not account.unfinished(world))

    assert wait_for(is_at_rest, 200), Counter(
        raw["state"] for raw in world.store["messages"].find({}, {"state": 1})
    )


def assert_told_once(world: World, families: Sequence[Family]) -> None:
    wait_for_rest(world, families)
    balance = account.balance(world, families)
    assert balance.is_even, balance
    assert balance.told == {"email": len(families), "sms": len(families)}


def test_case_28_the_store_is_killed_while_families_are_told(world: World) -> None:
    families = [new_family() for _ in range(60)]
    season = world.season()
    world.start(1)
    announce(season, families)
    assert wait_for(lambda: len(list(world.told_by_mail())) >= 10, 60)

    world.database.kill()
    world.database.start()

    assert_told_once(world, families)
    season.close()


def test_case_28_the_broker_is_killed_and_what_is_known_is_told_meanwhile(world: World) -> None:
    before, after = [new_family() for _ in range(30)], [new_family() for _ in range(5)]
    season = world.season()
    world.start(1)
    announce(season, before)
    assert wait_for(lambda: world.store["messages"].count_documents({}) == 2 * len(before), 60)
    season.close()

    world.broker.kill()
    assert_told_once(world, before)
    world.broker.start()
    later = world.season()
    announce(later, after)

    assert_told_once(world, [*before, *after])
    later.close()


def test_case_28_poison_is_parked_and_families_are_told(world: World) -> None:
    family = new_family()
    season = world.season()
    world.start(1)
    # Its confirms say that the queues are there.
    announce(season, [family])
    connection = pika.BlockingConnection(pika.URLParameters(world.broker.amqp_url))
    channel = connection.channel()
    for body in (b"not JSON", json.dumps({"specversion": "1.0", "data": {}}).encode()):
        channel.basic_publish(
            DEFENSE_SCHEDULED.exchange,
            DEFENSE_SCHEDULED.type,
            body,
            pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2),
        )

    assert_told_once(world, [family])
    assert wait_for(
        lambda: channel.queue_declare("notifications.parking", passive=True).method.message_count == 2,
        30,
    )
    connection.close()
    season.close()


def test_case_28_two_workers_tell_each_family_once(world: World) -> None:
    families = [new_family() for _ in range(60)]
    season = world.season()
    world.start(2)

    announce(season, families)

    assert_told_once(world, families)
    assert all(each.count("messages_settled_total") for each in world.services)
    season.close()
