"""Publishing from inside a service: one connection of its own, mandatory, with pipelined confirms.

nameko's publisher waits without limit when the broker raises an alarm, does not see unroutable events, and
confirms one message at a time. Here every wait is bounded and many handlers share one confirming channel.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import amqp
import eventlet
import structlog
from amqp import spec
from amqp.exceptions import AMQPError
from amqp.method_framing import frame_writer
from eventlet.semaphore import Semaphore
from kombu.utils.url import parse_url

from chassis.bells import Bell, ring
from chassis.delivery import Delivery, PublishError, Returns, UnroutableError
from chassis.frames import is_plain, publishing
from chassis.metrics import BROKER_BLOCKED, PUBLISHED
from chassis.wire import Cork, read_ahead

log = structlog.get_logger()

_HEARTBEAT_S = 20
_PERSISTENT = 2

#: Looked up once a type: finding a metric by its labels costs more than counting.
_published = cache(PUBLISHED.labels)


class ConfirmingPublisher:
    """Publishes and waits for the broker's confirms, at most `confirm_timeout_s` seconds.

    One greenthread reads confirms, and ends a connection on which they do not come; publishers write whole
    frames and never wait for it.
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
        try:
            outcomes = self._connected().send(deliveries).wait()
        except (AMQPError, OSError) as error:
            self.close()
            raise PublishError(f"the broker: {type(error).__name__}") from error
        for delivery, outcome in zip(deliveries, outcomes, strict=True):
            self._settle(delivery, outcome)

    def close(self) -> None:
        """Close the connection; the next publish opens another."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _connected(self) -> _Link:
        link = self._link
        return link if link is not None and link.usable else self._connect()

    def _connect(self) -> _Link:
        timeout = eventlet.Timeout(self._timeout_s)
        try:
            with self._lock:
                if self._link is None or not self._link.usable:
                    self._link = _Link(self._url, self._timeout_s)
                return self._link
        except eventlet.Timeout as fired:
            if fired is not timeout:
                raise
            raise PublishError(f"the broker cannot be reached within {self._timeout_s} s") from fired
        finally:
            timeout.cancel()

    @staticmethod
    def _settle(delivery: Delivery, outcome: str) -> None:
        _published(delivery.event_type, outcome).inc()
        if outcome == "returned":
            raise UnroutableError(
                f"no queue is bound for {delivery.routing_key} on {delivery.exchange or 'default'}"
            )
        if outcome != "confirmed":
            raise PublishError(f"the broker did not take {delivery.message_id}: {outcome}")


class _Sent:
    """One caller's messages on their way, and what became of them."""

    __slots__ = ("_done", "_open", "_outcomes", "deadline")

    def __init__(self, count: int, deadline: float) -> None:
        self.deadline = deadline
        self._open = count
        self._outcomes = ["lost"] * count
        self._done = Bell()

    def wait(self) -> list[str]:
        """Return what became of each, once all is known."""
        if self._open:
            self._done.wait()
        return self._outcomes

    def note(self, place: int, outcome: str) -> list[Bell]:
        """Note what became of one; returns the bell to ring if it was the last."""
        self._outcomes[place] = outcome
        self._open -= 1
        return [] if self._open else [self._done]


class _Link:
    """One connection and channel in confirm mode, with the reader of its confirms."""

    def __init__(self, amqp_url: str, timeout_s: float) -> None:
        self._tags = itertools.count(1)
        self._timeout_s = timeout_s
        #: By tag, in whose order the broker confirms: id, whose, and which of theirs.
        self._waiting: dict[int, tuple[str, _Sent, int]] = {}
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
            frame_writer=self._cork_up,
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

    def send(self, deliveries: Sequence[Delivery]) -> _Sent:
        """Write messages; each outcome will be `confirmed`, `returned`, `nacked` or `lost`."""
        sent = _Sent(len(deliveries), time.monotonic() + self._timeout_s)
        for place, delivery in enumerate(deliveries):
            # The broker counts what it receives, so a tag is taken only for what is really written next.
            self._waiting[next(self._tags)] = (delivery.message_id, sent, place)
            self._write(delivery)
        return sent

    def _write(self, delivery: Delivery) -> None:
        if self._channel.connection is not None and is_plain(delivery, self._connection.frame_max):
            self._connection.bytes_sent += 1
            self._cork.write(publishing(delivery, self._channel.channel_id))
            return
        message = amqp.Message(
            delivery.body,
            content_type=delivery.content_type,
            delivery_mode=_PERSISTENT,
            message_id=delivery.message_id,
            type=delivery.event_type,
            application_headers=dict(delivery.headers),
            **({"content_encoding": delivery.content_encoding} if delivery.content_encoding else {}),
        )
        # Not basic_publish, which reads from the socket first: the reader alone may read.
        self._channel.send_method(
            spec.Basic.Publish,
            "Bssbb",
            (0, delivery.exchange, delivery.routing_key, delivery.mandatory, False),
            message,
        )

    def close(self) -> None:
        """Give up the connection; whoever waits learns that the outcome is unknown."""
        self._alive = False
        waiting, self._waiting = self._waiting, {}
        self._note(waiting.values(), "lost")
        BROKER_BLOCKED.set(0)
        # A polite close waits for the broker, which may be what is gone.
        self._connection.collect()

    def _cork_up(self, connection: Any, transport: Any) -> Any:
        """Return the connection's frame writer."""
        self._cork = Cork(transport, on_error=self._on_send_error)
        return frame_writer(connection, self._cork)

    def _on_send_error(self, error: OSError) -> None:
        log.warning("publisher_connection_lost", error=type(error).__name__)
        self.close()

    def _read(self) -> None:
        try:
            while self._alive:
                try:
                    self._connection.drain_events(timeout=min(1, self._timeout_s / 4))
                except TimeoutError:
                    self._connection.heartbeat_tick()
                self._give_up_if_late()
        except (AMQPError, OSError) as error:
            if self._alive:
                log.warning("publisher_connection_lost", error=type(error).__name__)
        finally:
            if self._alive:
                self.close()

    def _give_up_if_late(self) -> None:
        """End a connection that may be half open; those who wait publish again, on the next one."""
        oldest = next(iter(self._waiting.values()), None)
        if oldest is not None and oldest[1].deadline < time.monotonic():
            log.warning("publisher_connection_silent", timeout_s=self._timeout_s)
            self.close()

    def _on_ack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001 - py-amqp's signature
        bells: list[Bell] = []
        for message_id, sent, place in self._take(delivery_tag, multiple=multiple):
            bells += sent.note(place, "returned" if self._returns.take(message_id) else "confirmed")
        ring(bells)
        self._close_if_done()

    def _on_nack(self, delivery_tag: int, multiple: bool) -> None:  # noqa: FBT001 - py-amqp's signature
        self._refused = True
        self._note(self._take(delivery_tag, multiple=multiple), "nacked")
        self._close_if_done()

    @staticmethod
    def _note(taken: Iterable[tuple[str, _Sent, int]], outcome: str) -> None:
        ring([bell for _, sent, place in taken for bell in sent.note(place, outcome)])

    def _close_if_done(self) -> None:
        if self._refused and not self._waiting:
            self.close()

    def _on_return(self, _exception: Exception, _exchange: str, _routing_key: str, message: Any) -> None:
        # The broker sends the return before the confirm of the same message.
        self._returns.note(message.properties["message_id"])

    def _take(self, delivery_tag: int, *, multiple: bool) -> list[tuple[str, _Sent, int]]:
        if not multiple:
            return [self._waiting.pop(delivery_tag)] if delivery_tag in self._waiting else []
        # They are in the order of their tags; those that the broker has not got to yet need no look.
        confirmed = list(itertools.takewhile(lambda tag: tag <= delivery_tag, self._waiting))
        return [self._waiting.pop(tag) for tag in confirmed]
