"""Publishing from plain threads: one pika connection, mandatory, with pipelined confirms.

pika's blocking channel waits for each confirm before it writes the next message. Here a thread of its own
runs the connection, so that a whole batch is on its way before the first confirm is back.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from typing import Any

import pika
from pika import BasicProperties, SelectConnection, URLParameters
from pika.exceptions import AMQPError

from chassis.delivery import Delivery, PublishError, Returns

_HEARTBEAT_S = 20

CONFIRMED, RETURNED, REFUSED, UNKNOWN = "confirmed", "returned", "refused", "unknown"


class PipelinedPublisher:
    """Publishes batches; used by one thread at a time."""

    def __init__(self, amqp_url: str, *, confirm_timeout_s: float) -> None:
        self._url = amqp_url
        self._timeout_s = confirm_timeout_s
        self._link: _Link | None = None

    def publish(self, deliveries: Sequence[Delivery]) -> list[str]:
        """Publish all and wait until each has its outcome, at most `confirm_timeout_s` seconds.

        Returns:
            An outcome a delivery: confirmed, returned (no queue is bound), refused, or unknown; publish what
            is not confirmed again with the same id.

        Raises:
            PublishError: if the broker cannot be reached, so that nothing was sent.
        """
        if not deliveries:
            return []
        if self._link is None or not self._link.is_open:
            self.close()
            self._link = _Link(self._url, self._timeout_s)
        outcomes = self._link.send(deliveries, self._timeout_s)
        if UNKNOWN in outcomes or REFUSED in outcomes:
            # A blocked or half-open connection would swallow the next batch as well; and a full queue goes on
            # refusing a channel that it has refused, even when its limit is lifted (RabbitMQ 3.10).
            self.close()
        return outcomes

    def close(self) -> None:
        """Close the connection; the next publish opens another."""
        link, self._link = self._link, None
        if link is not None:
            link.close()


class _Batch:
    """Deliveries on their way; complete when each has an outcome."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self.deliveries = deliveries
        self.outcomes = [UNKNOWN] * len(deliveries)
        self._open = set(range(len(deliveries)))
        self.done = threading.Event()

    def settle(self, place: int, outcome: str) -> None:
        self.outcomes[place] = outcome
        self._open.discard(place)
        if not self._open:
            self.done.set()


class _Link:
    """One connection, its channel in confirm mode, and the thread that runs them."""

    def __init__(self, amqp_url: str, timeout_s: float) -> None:
        parameters = URLParameters(amqp_url)
        parameters.heartbeat = _HEARTBEAT_S
        parameters.socket_timeout = parameters.stack_timeout = timeout_s
        parameters.blocked_connection_timeout = timeout_s
        self._ready = threading.Event()
        self._channel: Any = None
        self._tags = itertools.count(1)
        self._waiting: dict[int, tuple[_Batch, int]] = {}
        self._returns = Returns()
        self._connection: Any = SelectConnection(
            parameters,
            on_open_callback=self._on_open,
            on_open_error_callback=lambda _connection, _error: self._stop(),
            on_close_callback=lambda _connection, _reason: self._stop(),
        )
        self.is_open = False
        self._thread = threading.Thread(target=self._connection.ioloop.start, name="confirms", daemon=True)
        self._thread.start()
        if not self._ready.wait(timeout_s) or not self.is_open:
            self.close()
            raise PublishError("the broker cannot be reached")

    def send(self, deliveries: Sequence[Delivery], timeout_s: float) -> list[str]:
        """Write a batch and wait for its outcomes."""
        batch = _Batch(deliveries)
        self._connection.ioloop.add_callback_threadsafe(lambda: self._write(batch))
        batch.done.wait(timeout_s)
        return list(batch.outcomes)

    def close(self) -> None:
        """End the thread; a polite close is asked for, and not waited for longer than a second."""
        self._connection.ioloop.add_callback_threadsafe(self._hang_up)
        self._thread.join(1)
        if not self._thread.is_alive():
            self._connection.ioloop.close()

    def _on_open(self, connection: Any) -> None:
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Any) -> None:
        self._channel = channel
        channel.add_on_close_callback(lambda _channel, _reason: self._hang_up())
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirm, callback=lambda _frame: self._opened())

    def _opened(self) -> None:
        self.is_open = True
        self._ready.set()

    def _write(self, batch: _Batch) -> None:
        if not self.is_open:
            batch.done.set()
            return
        for place, delivery in enumerate(batch.deliveries):
            self._waiting[next(self._tags)] = (batch, place)
            properties = BasicProperties(
                content_type=delivery.content_type,
                content_encoding=delivery.content_encoding,
                delivery_mode=pika.DeliveryMode.Persistent.value,
                message_id=delivery.message_id,
                type=delivery.event_type,
                headers=dict(delivery.headers),
            )
            self._channel.basic_publish(
                delivery.exchange,
                delivery.routing_key,
                delivery.body,
                properties,
                mandatory=delivery.mandatory,
            )

    def _on_return(self, _channel: Any, _method: Any, properties: Any, _body: bytes) -> None:
        # The broker sends the return before the confirm of the same message.
        self._returns.note(properties.message_id)

    def _on_confirm(self, frame: Any) -> None:
        method = frame.method
        tag = method.delivery_tag
        # They are in the order of their tags.
        together = itertools.takewhile(lambda known: known <= tag, self._waiting)
        tags = list(together) if method.multiple else [tag]
        outcome = CONFIRMED if isinstance(method, pika.spec.Basic.Ack) else REFUSED
        for known in tags:
            batch, place = self._waiting.pop(known)
            message_id = batch.deliveries[place].message_id
            batch.settle(place, RETURNED if self._returns.take(message_id) else outcome)

    def _hang_up(self) -> None:
        if self._connection.is_open:
            try:
                self._connection.close()
            except AMQPError:
                self._stop()
        elif self._connection.is_closed:
            self._stop()

    def _stop(self) -> None:
        self.is_open = False
        waiting, self._waiting = self._waiting, {}
        for batch, _ in waiting.values():
            batch.done.set()
        self._ready.set()
        self._connection.ioloop.stop()
