"""Acknowledgements: few frames, and never for what is not done."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import eventlet
import pytest
from amqp.exceptions import RecoverableConnectionError

from chassis.consumer import DrainingQueueConsumer


class Channel:
    """Notes what is acknowledged."""

    def __init__(self) -> None:
        self.acknowledged: list[tuple[int, bool]] = []
        self.rejected: list[tuple[int, bool]] = []
        self.connection: object | None = object()
        self.error: Exception | None = None

    def basic_ack(self, tag: int, multiple: bool = False) -> None:
        if self.error is not None:
            raise self.error
        self.acknowledged.append((tag, multiple))

    def basic_reject(self, tag: int, *, requeue: bool) -> None:
        if self.error is not None:
            raise self.error
        self.rejected.append((tag, requeue))


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def consumer(channel: Channel) -> DrainingQueueConsumer:
    found = DrainingQueueConsumer()
    found.get_consumers(None, channel)
    found.container = SimpleNamespace(spawn_managed_thread=lambda *_args, **_more: None)
    return found


def deliver(consumer: DrainingQueueConsumer, channel: Channel, *tags: int) -> list[Any]:
    messages = [SimpleNamespace(channel=channel, delivery_tag=tag) for tag in tags]
    provider = SimpleNamespace(start_at_once=lambda _message: True, method_name="on_thing")
    for message in messages:
        consumer._spawn(provider, message)
    return messages


def acknowledge(consumer: DrainingQueueConsumer, *messages: Any) -> None:
    for message in messages:
        consumer.ack_message(message)
    eventlet.sleep(0)


def test_what_is_done_in_one_turn_is_one_frame(consumer: DrainingQueueConsumer, channel: Channel) -> None:
    acknowledge(consumer, *deliver(consumer, channel, 1, 2, 3))

    assert channel.acknowledged == [(3, True)]


def test_what_is_not_done_yet_is_never_taken_along(consumer: DrainingQueueConsumer, channel: Channel) -> None:
    one, two, three, four = deliver(consumer, channel, 1, 2, 3, 4)
    acknowledge(consumer, four, one, three)
    acknowledge(consumer, two)

    assert channel.acknowledged == [(1, True), (3, False), (4, False), (2, True)]


def test_a_message_of_an_earlier_connection_is_not_acknowledged_on_this_one(
    consumer: DrainingQueueConsumer, channel: Channel
) -> None:
    [old] = deliver(consumer, channel, 1)
    later = Channel()
    consumer.get_consumers(None, later)
    deliver(consumer, later, 1)
    acknowledge(consumer, old)

    assert (channel.acknowledged, later.acknowledged) == ([], [])


def test_a_lost_connection_is_no_fault_of_the_handler(
    consumer: DrainingQueueConsumer, channel: Channel
) -> None:
    channel.error = RecoverableConnectionError("gone")

    acknowledge(consumer, *deliver(consumer, channel, 1))

    assert channel.acknowledged == []


def test_what_is_given_back_is_rejected_so_that_the_broker_counts_it(
    consumer: DrainingQueueConsumer, channel: Channel
) -> None:
    one, two = deliver(consumer, channel, 1, 2)
    consumer.requeue_message(one)
    acknowledge(consumer, two)

    assert channel.rejected == [(1, True)]
    assert channel.acknowledged == [(2, True)]


@pytest.mark.parametrize("ended", [True, False])
def test_a_lost_connection_gives_its_messages_back_by_itself(
    consumer: DrainingQueueConsumer, channel: Channel, ended: bool
) -> None:
    channel.error = RecoverableConnectionError("gone")
    if ended:
        channel.connection = None

    consumer.requeue_message(*deliver(consumer, channel, 1))

    assert channel.rejected == []
