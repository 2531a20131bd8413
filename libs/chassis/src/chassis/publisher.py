"""Publishing from inside a service: one connection of its own, mandatory, with pipelined confirms.

nameko's publisher waits without limit when the broker raises an alarm, does not see unroutable events, and
confirms one message at a time. Here every wait is bounded and many handlers share one confirming channel.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from typing import Any

import amqp
import eventlet
import structlog
from amqp import spec
from amqp.exceptions import AMQPError
from eventlet.event import Event
from eventlet.semaphore import Semaphore
from kombu.utils.url import parse_url

from chassis.delivery import Delivery, PublishError, Returns, UnroutableError
from chassis.metrics import BROKER_BLOCKED, PUBLISHED
from chassis.wire import corked, read_ahead

log = structlog.get_logger()

_HEARTBEAT_S = 20
_PERSISTENT = 2

#: Looked up once a type: finding a metric by its labels costs more than counting.
_published = cache(PUBLISHED.labels)


class ConfirmingPublisher:
    """Publishes and waits for the broker's confirms, at most `confirm_timeout_s` seconds.

    One greenthread reads confirms; publishers write under a lock, so that frames never interleave.
    """

    def __init__(self, amqp_url: str, *, confirm_timeout_s: float) -> None:
        self._url = amqp_url
        self._timeout_s = confirm_timeout_s
        self._lock = Semaphore()
        self._link: _Link | None = None

    def publish(self, deliveries: Sequence[Delivery]) -> None:
        """Publish all, then wait until all are confirmed.

        Raises:
            UnroutableError: if one has no queue to go to.
            PublishError: if one was refused, or the outcome is not known in time.
        """
        waits: list[tuple[Delivery, Event]] = []
        timeout = eventlet.Timeout(self._timeout_s)
        try:
            for delivery in deliveries:
                with self._lock:
                    waits.append((delivery, self._connected().send(delivery)))
            for delivery, confirmed in waits:
                self._settle(delivery, confirmed.wait())
        except eventlet.Timeout as fired:
            if fired is not timeout:
                raise
            # It may be half open; whoever else waits on it publishes again on the next one.
            self.close()
            raise PublishError(f"the broker did not confirm within {self._timeout_s} s") from fired
        except (AMQPError, OSError) as error:
            self.close()
            raise PublishError(f"the broker: {type(error).__name__}") from error
        finally:
            timeout.cancel()

    def close(self) -> None:
        """Close the connection; the next publish opens another."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _connected(self) -> _Link:
        if self._link is None or not self._link.usable:
            self._link = _Link(self._url, self._timeout_s)
        return self._link

    @staticmethod
    def _settle(delivery: Delivery, outcome: str) -> None:
        _published(delivery.event_type, outcome).inc()
        if outcome == "returned":
            raise UnroutableError(
                f"no queue is bound for {delivery.routing_key} on {delivery.exchange or 'default'}"
            )
        if outcome != "confirmed":
            raise PublishError(f"the broker did not take {delivery.message_id}: {outcome}")


class _Link:
    """One connection and channel in confirm mode, with the reader of its confirms."""

    def __init__(self, amqp_url: str, timeout_s: float) -> None:
        self._tags = itertools.count(1)
        self._waiting: dict[int, tuple[str, Event]] = {}
        self._returns = Returns()
        self._alive = True
        self._refused = False
        parts = parse_url(amqp_url)
        self._connection = amqp.Connection(
            host=f"{parts['hostname']}:{parts['port'] or 5672}",
            userid=parts["userid"],
            password=parts["password"],
            virtual_host=parts["virtual_host"] or "/",
            ssl=amqp_url.startswith("amqps"),
            connect_timeout=timeout_s,
            heartbeat=_HEARTBEAT_S,
            on_blocked=lambda _reason: BROKER_BLOCKED.set(1),
            on_unblocked=lambda: BROKER_BLOCKED.set(0),
            frame_writer=corked(self._on_send_error),
        )
        self._connection.connect()
        read_ahead(self._connection)
        self._channel = self._connection.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)
        self._reader = eventlet.spawn(self._read)

    @property
    def usable(self) -> bool:
        """Whether to send more on it.

        A full queue goes on refusing a channel that it has refused, even when its limit is lifted (RabbitMQ
        3.10). What is on its way there is still waited for.
        """
        return self._alive and not self._refused

    def send(self, delivery: Delivery) -> Event:
        """Write one message; the event gets `confirmed`, `returned`, `nacked` or `lost`."""
        message = amqp.Message(
            delivery.body,
            content_type=delivery.content_type,
            delivery_mode=_PERSISTENT,
            message_id=delivery.message_id,
            type=delivery.event_type,
            application_headers=dict(delivery.headers),
            **({"content_encoding": delivery.content_encoding} if delivery.content_encoding else {}),
        )
        confirmed = Event()
        # The broker counts what it receives, so the tag is taken only for what is really written next.
        self._waiting[next(self._tags)] = (delivery.message_id, confirmed)
        # Not basic_publish, which reads from the socket first: the reader alone may read.
        self._channel.send_method(
            spec.Basic.Publish,
            "Bssbb",
            (0, delivery.exchange, delivery.routing_key, delivery.mandatory, False),
            message,
        )
        return confirmed

    def close(self) -> None:
        """Give up the connection; whoever waits learns that the outcome is unknown."""
        self._alive = False
        waiting, self._waiting = self._waiting, {}
        for _, confirmed in waiting.values():
            confirmed.send("lost")
        BROKER_BLOCKED.set(0)
        # A polite close waits for the broker, which may be what is gone.
        self._connection.collect()

    def _on_send_error(self, error: OSError) -> None:
        log.warning("publisher_connection_lost", error=type(error).__name__)
        self.close()

    def _read(self) -> None:
        try:
            while self._alive:
                try:
                    self._connection.drain_events(timeout=1)
                except TimeoutError:
                    self._connection.heartbeat_tick()
        except (AMQPError, OSError) as error:
            if self._alive:
                log.warning("publisher_connection_lost", error=type(error).__name__)
                self.close()

    def _on_ack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001 - py-amqp's signature
        for message_id, confirmed in self._take(delivery_tag, multiple=multiple):
            confirmed.send("returned" if self._returns.take(message_id) else "confirmed")
        self._close_if_done()

    def _on_nack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001 - py-amqp's signature
        self._refused = True
        for _, confirmed in self._take(delivery_tag, multiple=multiple):
            confirmed.send("nacked")
        self._close_if_done()

    def _close_if_done(self) -> None:
        if self._refused and not self._waiting:
            self.close()

    def _on_return(self, _exception: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        # The broker sends the return before the confirm of the same message.
        self._returns.note(message.properties["message_id"])

    def _take(self, delivery_tag: int, *, multiple: bool) -> list[tuple[str, Event]]:
        if not multiple:
            return [self._waiting.pop(delivery_tag)] if delivery_tag in self._waiting else []
        # They are in the order of their tags; those that the broker has not got to yet need no look.
        confirmed = list(itertools.takewhile(lambda tag: tag <= delivery_tag, self._waiting))
        return [self._waiting.pop(tag) for tag in confirmed]
