"""`backpack queues` and `backpack topology` on a real broker: they see what is wrong and touch nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pika
import pytest
from click.testing import CliRunner, Result

from chassis import topology
from chassis.cli import main
from contracts.artifacts import STUDENT_WITHDRAWN
from probe import eventually
from stack import broker as brokers
from stack.testing import BrokerAddress

QUEUE = topology.handler_queue(STUDENT_WITHDRAWN, "scoring", "on_student_withdrawn")
RETRY = "scoring.retry.1800s"


@pytest.fixture
def vhost_name(broker: BrokerAddress) -> Iterator[str]:
    name = f"operators-{uuid4().hex}"
    brokers.add_vhost(broker.node, name)
    yield name
    brokers.remove_vhost(broker.node, name)


@pytest.fixture
def url(broker: BrokerAddress, vhost_name: str) -> str:
    address = broker.node.amqp_url_of(vhost_name)
    assert CliRunner().invoke(main, ["topology", "apply", "--amqp-url", address]).exit_code == 0
    return address


@pytest.fixture
def channel(url: str) -> Iterator[Any]:
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel


def check(broker: BrokerAddress, vhost: str, *arguments: str) -> Result:
    command = ["topology", "check", "--management-url", broker.management_url, "--vhost", vhost]
    return CliRunner().invoke(main, [*command, *arguments])


def watch(url: str, broker: BrokerAddress) -> dict[str, dict[str, Any]]:
    command = ["queues", "--json", "--amqp-url", url, "--management-url", broker.management_url]
    result = CliRunner().invoke(main, command)
    # Nobody consumes here, which is what the exit status says.
    assert result.exit_code == 3
    return {row["queue"]: row for row in json.loads(result.stdout)}


def test_tells_how_old_a_handlers_oldest_message_is_and_never_touches_it(
    url: str, broker: BrokerAddress, channel: Any
) -> None:
    before = time.monotonic()
    channel.basic_publish("", QUEUE, b"{}", pika.BasicProperties(delivery_mode=2))
    after = time.monotonic()

    # The broker's history is written every 5 s.
    assert eventually(lambda: watch(url, broker)[QUEUE]["oldest_s"], timeout_s=30)
    # Looking at the message would have parked it by now: its delivery limit is 20.
    for _ in range(25):
        youngest_s = time.monotonic() - after
        row = watch(url, broker)[QUEUE]
        eldest_s = time.monotonic() - before
        assert (row["messages"], row["consumers"]) == (1, 0)
        # A broker that has just started cannot say more than that it has known the message since.
        if row["oldest_bound"] == "at_most":
            assert youngest_s <= row["oldest_s"] <= eldest_s + 20
        else:
            assert row["oldest_s"] <= eldest_s
    method, properties, _ = channel.basic_get(QUEUE)
    assert (properties.headers or {}).get("x-delivery-count", 0) == 0
    channel.basic_ack(method.delivery_tag)


def test_a_step_of_the_ladder_holds_nothing_longer_than_its_time(
    url: str, broker: BrokerAddress, channel: Any
) -> None:
    channel.basic_publish(RETRY, QUEUE, b"{}", pika.BasicProperties(delivery_mode=2))

    row = watch(url, broker)[RETRY]

    assert (row["kind"], row["messages"], row["oldest_s"], row["oldest_bound"]) == (
        "retry",
        1,
        1800,
        "at_most",
    )


def test_without_the_management_api_depths_are_still_told(url: str, channel: Any) -> None:
    channel.basic_publish("", QUEUE, b"{}", pika.BasicProperties(delivery_mode=2))
    command = ["queues", "--amqp-url", url, "--management-url", "http://x:secret@127.0.0.1:1"]

    result = CliRunner().invoke(main, command)

    assert result.exit_code == 3
    assert "management API: ConnectionError: ages of handlers' queues are not known\n" in result.stderr
    assert "secret" not in result.output
    [line] = [line for line in result.stdout.splitlines() if "scoring.on_student_withdrawn" in line]
    assert "?" in line
    channel.queue_purge(QUEUE)


def test_parked_messages_tell_since_when_and_why(url: str, broker: BrokerAddress, channel: Any) -> None:
    for reason, at in (
        ("handler_error", "2026-11-03T12:00:00+00:00"),
        ("unreadable", "2026-11-04T12:00:00+00:00"),
    ):
        headers = {"x-backpack-reason": reason, "x-backpack-last-failed-at": at}
        channel.basic_publish("", "scoring.parking", b"{}", pika.BasicProperties(headers=headers))

    row = watch(url, broker)["scoring.parking"]

    assert row["reasons"] == {"handler_error": 1, "unreadable": 1}
    assert row["oldest_bound"] == "exactly"
    assert row["oldest_s"] > 86_400
    channel.queue_purge("scoring.parking")


def test_a_queue_that_is_missing_is_a_row_and_the_others_are_told(
    url: str, broker: BrokerAddress, channel: Any
) -> None:
    channel.queue_delete("defenses.parking")

    rows = watch(url, broker)

    assert rows["defenses.parking"]["messages"] is None
    assert rows["scoring.parking"]["messages"] == 0
    assert CliRunner().invoke(main, ["topology", "apply", "--amqp-url", url]).exit_code == 0


def test_a_fresh_broker_lacks_everything_and_an_applied_one_nothing(broker: BrokerAddress) -> None:
    name = f"fresh-{uuid4().hex}"
    url = brokers.add_vhost(broker.node, name)
    try:
        before = check(broker, name)
        applied = [CliRunner().invoke(main, ["topology", "apply", "--amqp-url", url]) for _ in range(2)]
        after = check(broker, name)
    finally:
        brokers.remove_vhost(broker.node, name)

    assert before.exit_code == 3
    assert "queue scoring.parking is missing" in before.stdout
    assert [each.exit_code for each in applied] == [0, 0]
    assert (after.exit_code, after.stdout) == (0, "the broker has everything, and nothing besides\n")


def test_each_difference_is_named(url: str, vhost_name: str, broker: BrokerAddress, channel: Any) -> None:
    orphan = QUEUE.replace("on_student_withdrawn", "on_nothing")
    channel.queue_bind(QUEUE, "artifacts.events", "#")
    channel.queue_unbind(RETRY, RETRY, "")
    channel.queue_delete("scoring.parking")
    channel.queue_declare("scoring.parking", durable=True, arguments={"x-queue-type": "quorum"})
    channel.queue_declare(orphan, durable=True)

    differing = check(broker, vhost_name, "--json")
    applied = CliRunner().invoke(main, ["topology", "apply", "--amqp-url", url])

    assert differing.exit_code == 3
    assert sorted(json.loads(differing.stdout)) == [
        f"binding artifacts.events → {QUEUE} → # is extra",
        f"binding {RETRY} → {RETRY} is missing",
        f"queue {orphan} has no handler any more",
        "queue scoring.parking: argument x-delivery-limit is missing, it should be 1000000",
    ]
    assert applied.exit_code == 3
    assert "x-delivery-limit" in applied.stderr
    assert "scoring.parking" in applied.stderr
