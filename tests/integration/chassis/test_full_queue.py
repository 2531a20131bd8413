"""A queue that was full takes messages again.

RabbitMQ 3.10 goes on refusing a channel that a full queue has refused, even when the limit is lifted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pika
import pytest

from chassis.confirms import CONFIRMED, PipelinedPublisher
from chassis.delivery import Delivery
from probe import PARKING, Probe, eventually
from stack import broker as brokers
from stack import testing

#: More than a queue of one message takes before it says that it is full.
_MANY = 100


@contextmanager
def limited(node: brokers.Broker, amqp_url: str, queue: str) -> Iterator[None]:
    """Let a queue take one message."""
    path = f"/api/policies/{amqp_url.rpartition('/')[2]}/{queue}"
    definition = {"max-length": 1, "overflow": "reject-publish"}
    body = {"pattern": f"^{queue}$", "definition": definition, "apply-to": "queues"}
    brokers.management(node, "PUT", path, body).raise_for_status()
    try:
        yield
    finally:
        brokers.management(node, "DELETE", path).raise_for_status()


@pytest.fixture
def queue(amqp_url: str) -> Iterator[str]:
    name = f"full-{uuid4().hex}"
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as connection:
        connection.channel().queue_declare(name, durable=True, arguments={"x-queue-type": "quorum"})
        yield name
        connection.channel().queue_delete(name)


def test_a_relay_gets_through_once_there_is_room(
    broker: testing.BrokerAddress, amqp_url: str, queue: str
) -> None:
    publisher = PipelinedPublisher(amqp_url, confirm_timeout_s=10)
    delivery = Delivery("", queue, b"{}", "1", "application/json", "something")

    def is_taken() -> bool:
        return publisher.publish([delivery]) == [CONFIRMED]

    with limited(broker.node, amqp_url, queue):
        assert not all(is_taken() for _ in range(_MANY)), "the queue was never full"
    taken = eventually(is_taken)
    publisher.close()

    assert taken


def test_a_handler_gets_through_once_there_is_room(
    broker: testing.BrokerAddress, amqp_url: str, probe: Probe, ledger: testing.ServiceAddress
) -> None:
    def is_parked(told: int) -> bool:
        probe.tell_raw(b'{"n": %d, ' % told)
        return bool(eventually(lambda: probe.depth(PARKING) == told, timeout_s=1))

    with limited(broker.node, amqp_url, PARKING):
        # One after the other: the queue takes a whole burst before it says that it is full.
        told = next((told for told in range(1, _MANY) if not is_parked(told)), 0)
        assert told, "parking was never full"

    assert eventually(lambda: probe.depth(PARKING) == told)
    assert len(probe.parked()) == told
