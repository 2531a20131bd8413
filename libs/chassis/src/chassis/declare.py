"""Declaring the topology on a broker, in plain pika: for services at start, tools and tests."""

from __future__ import annotations

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from chassis.errors import TransientError
from chassis.topology import Topology

_PRECONDITION_FAILED = 406
_TIMEOUT_S = 10


class TopologyMismatchError(ValueError):
    """The broker has a queue or exchange of this name with other properties; a person must decide."""


def declare(amqp_url: str, topology: Topology) -> None:
    """Declare everything, parking queues first.

    Raises:
        TopologyMismatchError: if the broker has something else under a name; the text names the argument.
        TransientError: if the broker cannot be reached.
    """
    parameters = pika.URLParameters(amqp_url)
    parameters.socket_timeout = parameters.blocked_connection_timeout = _TIMEOUT_S
    try:
        connection = pika.BlockingConnection(parameters)
        try:
            _declare(connection.channel(), topology)
        finally:
            if connection.is_open:
                connection.close()
    except ChannelClosedByBroker as error:
        if error.reply_code == _PRECONDITION_FAILED:
            raise TopologyMismatchError(error.reply_text) from error
        raise TransientError(f"the broker: {error.reply_code} {error.reply_text}") from error
    except (AMQPError, OSError) as error:
        raise TransientError(f"the broker: {type(error).__name__}") from error


def _declare(channel: pika.adapters.blocking_connection.BlockingChannel, topology: Topology) -> None:
    for name, kind in topology.exchanges.items():
        channel.exchange_declare(name, kind, durable=True)
    for queue in topology.queues:
        channel.queue_declare(queue.name, durable=True, arguments=dict(queue.arguments))
    for binding in topology.bindings:
        channel.queue_bind(binding.queue, binding.exchange, binding.routing_key)
