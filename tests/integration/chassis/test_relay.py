"""The relay: everything pending goes out, in order, whatever fails on the way."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from chassis import mongo
from chassis.confirms import CONFIRMED, PipelinedPublisher
from chassis.declare import declare
from chassis.delivery import PublishError
from chassis.outbox import UnitOfWork
from chassis.relay import Relay, RelayLimits
from chassis.topology import Binding, QueueSpec, Topology
from contracts.envelope import parse
from ledger.entrypoints import Effects, record
from probe import Probe, eventually
from stack.testing import StoreAddress

LIMITS = RelayLimits(batch=50, lease_s=1.0, idle_s=0.05)
HEARD = "heard"


@pytest.fixture(scope="module", autouse=True)
def _connected(store: StoreAddress, ledger_database: str) -> Iterator[None]:
    mongo.connect(store.mongo_url, ledger_database)
    yield
    mongo.disconnect()


@pytest.fixture
def heard(amqp_url: str, probe: Probe) -> str:
    """A queue that hears what the ledger says."""
    queue = QueueSpec(HEARD, {"x-queue-type": "quorum"})
    declare(amqp_url, Topology({"ledger.events": "topic"}, (queue,), (Binding("ledger.events", HEARD, "#"),)))
    probe.channel.queue_purge(HEARD)
    return HEARD


def write(thing: str, cause: str) -> None:
    """Record a thing as an HTTP call does."""
    record(Effects(UnitOfWork(district="jcps", cause=cause)), thing)


def take(probe: Probe) -> list[tuple[str, int]]:
    """Return what was heard: (thing, version), oldest first."""
    taken: list[tuple[str, int]] = []
    while True:
        method, _, body = probe.channel.basic_get(HEARD, auto_ack=True)
        if method is None:
            return taken
        event = parse(body)
        taken.append((event.subject, event.subject_version))


def pending(probe: Probe) -> list[str]:
    return [raw["_id"] for raw in probe.database["effects"].find({"pending": True})]


@contextmanager
def relay(probe: Probe, publisher: Any) -> Iterator[Relay]:
    yield Relay([probe.database["effects"]], publisher, LIMITS)
    publisher.close()


@pytest.fixture
def publisher(amqp_url: str) -> PipelinedPublisher:
    return PipelinedPublisher(amqp_url, confirm_timeout_s=5)


class Flaky:
    """A publisher that publishes and then says that it does not know."""

    def __init__(self, publisher: PipelinedPublisher, answers: list[str]) -> None:
        self.publisher, self.answers = publisher, answers

    def publish(self, deliveries: Any) -> list[str]:
        outcomes = self.publisher.publish(deliveries)
        return [self.answers.pop(0) if self.answers else outcome for outcome in outcomes]

    def close(self) -> None:
        self.publisher.close()


def test_publishes_everything_once_and_oldest_first(
    probe: Probe, heard: str, publisher: PipelinedPublisher, thing: str
) -> None:
    things = [f"{thing}-{number}" for number in range(60)]
    for round_ in range(3):
        for each in things:
            write(each, f"{round_}")

    with relay(probe, publisher) as ours:
        while ours.step():
            pass

    said = take(probe)
    assert Counter(said) == Counter((each, version) for each in things for version in (1, 2, 3))
    for each in things:
        assert [version for subject, version in said if subject == each] == [1, 2, 3]
    assert pending(probe) == []


def test_two_relays_share_the_work(probe: Probe, heard: str, amqp_url: str, thing: str) -> None:
    things = [f"{thing}-{number}" for number in range(200)]
    for each in things:
        write(each, "one")
    # A lease that ran out on a busy machine would be taken over, which publishes again with the same ids.
    patient = replace(LIMITS, lease_s=60)
    relays = [
        Relay([probe.database["effects"]], PipelinedPublisher(amqp_url, confirm_timeout_s=5), patient)
        for _ in range(2)
    ]
    threads = [threading.Thread(target=relay_.run) for relay_ in relays]
    for thread in threads:
        thread.start()
    assert eventually(lambda: pending(probe) == [])
    for relay_ in relays:
        relay_.stop()
    for thread in threads:
        thread.join()

    assert Counter(take(probe)) == Counter((each, 1) for each in things)


def test_what_was_published_but_not_confirmed_is_published_again_with_the_same_id(
    probe: Probe, heard: str, publisher: PipelinedPublisher, thing: str
) -> None:
    write(thing, "one")

    with relay(probe, Flaky(publisher, ["unknown"])) as ours:
        ours.step()
        assert pending(probe) == [thing]
        assert eventually(ours.step)

    assert take(probe) == [(thing, 1), (thing, 1)]
    assert pending(probe) == []


def test_a_failing_head_blocks_only_its_own_aggregate(
    probe: Probe, heard: str, publisher: PipelinedPublisher, thing: str
) -> None:
    write(f"{thing}-a", "one")
    write(f"{thing}-a", "two")
    write(f"{thing}-b", "one")

    with relay(probe, Flaky(publisher, ["refused", CONFIRMED])) as ours:
        assert ours.step() == 1
        assert pending(probe) == [f"{thing}-a"]
        # Its lease is its pause: nobody looks at it again at once.
        assert ours.step() == 0
        assert eventually(ours.step)

    assert take(probe)[-2:] == [(f"{thing}-a", 1), (f"{thing}-a", 2)]
    assert pending(probe) == []


def test_an_event_without_a_queue_stays_until_there_is_one(
    probe: Probe, amqp_url: str, publisher: PipelinedPublisher, heard: str, thing: str
) -> None:
    probe.channel.queue_unbind(HEARD, "ledger.events", "#")
    write(thing, "one")

    with relay(probe, publisher) as ours:
        assert ours.step() == 0
        assert pending(probe) == [thing]
        probe.channel.queue_bind(HEARD, "ledger.events", "#")
        assert eventually(ours.step)

    assert take(probe) == [(thing, 1)]


def test_a_change_while_its_events_are_on_their_way_is_not_forgotten(
    probe: Probe, heard: str, publisher: PipelinedPublisher, thing: str
) -> None:
    write(thing, "one")

    class Slow(Flaky):
        def publish(self, deliveries: Any) -> list[str]:
            if not self.answers:
                write(thing, "two")
                self.answers.append(CONFIRMED)
            return super().publish(deliveries)

    with relay(probe, Slow(publisher, [])) as ours:
        ours.step()
        assert pending(probe) == [thing]
        assert eventually(ours.step)

    assert {(thing, 1), (thing, 2)} == set(take(probe))
    assert pending(probe) == []


def test_nothing_is_lost_while_the_broker_is_out_of_reach(
    probe: Probe, heard: str, publisher: PipelinedPublisher, thing: str
) -> None:
    write(thing, "one")
    away = Relay(
        [probe.database["effects"]],
        PipelinedPublisher("amqp://x:x@127.0.0.1:1/", confirm_timeout_s=1),
        LIMITS,
    )
    with pytest.raises(PublishError, match="cannot be reached"):
        away.step()

    # The leases were given back: whoever reaches the broker first need not wait for their end.
    with relay(probe, publisher) as ours:
        assert ours.step() == 1
    assert take(probe) == [(thing, 1)]
