"""What operators do with parked messages: look, replay, discard. Plain pika; safe to kill and to repeat."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker, UnroutableError

from chassis import parking
from chassis.errors import TransientError

#: How often a message was replayed, and by which run; a run never replays its own failures again.
REPLAYS = "x-backpack-replays"
RUN = "x-backpack-replay-run"

_TIMEOUT_S = 10


class NoSuchQueueError(LookupError):
    """The broker has no queue of this name."""


@dataclass(frozen=True)
class Parked:
    """One parked message.

    Attributes:
        queue: the handler's queue that it failed in; empty if the broker dead-lettered it by itself.
        attempts: how often it was tried.
        event_type, event_id: of the envelope; empty if the body is no event.
    """

    delivery_tag: int
    queue: str
    reason: str
    exception: str
    detail: str
    attempts: int
    first_failed_at: datetime | None
    last_failed_at: datetime | None
    event_type: str
    event_id: str
    body: bytes
    properties: pika.BasicProperties

    @classmethod
    def of(cls, delivery_tag: int, properties: pika.BasicProperties, body: bytes) -> Parked:
        """Read a message as it lies in parking."""
        headers = properties.headers or {}
        envelope = _envelope(body)
        # Our own copies never carry x-death: with it, the broker's crash guard brought the message here.
        death = (headers.get("x-death") or [{}])[0]
        return cls(
            delivery_tag=delivery_tag,
            queue=str(death.get("queue") or headers.get(parking.QUEUE) or ""),
            reason=str(death.get("reason") or headers.get(parking.REASON) or "unknown"),
            exception=str(headers.get(parking.EXCEPTION, "")),
            detail=str(headers.get(parking.DETAIL, "")),
            attempts=parking.attempts_before(headers),
            first_failed_at=_time(headers.get(parking.FIRST_FAILED_AT)),
            last_failed_at=_time(headers.get(parking.LAST_FAILED_AT)),
            event_type=str(envelope.get("type", "")),
            event_id=str(envelope.get("id") or properties.message_id or ""),
            body=body,
            properties=properties,
        )


@dataclass(frozen=True)
class Selection:
    """Which parked messages are meant; None means any.

    Attributes:
        queue: the failing queue, or the end of its name, such as `on_artifact_scored`.
        older_than: least time since the last failure.
    """

    queue: str | None = None
    event_type: str | None = None
    reason: str | None = None
    event_id: str | None = None
    older_than: timedelta | None = None

    def has(self, message: Parked, now: datetime) -> bool:
        """Whether a message is meant."""
        return (
            (self.queue is None or message.queue.endswith(self.queue))
            and self.event_type in (None, message.event_type)
            and self.reason in (None, message.reason)
            and self.event_id in (None, message.event_id)
            and (self.older_than is None or _age(message, now) >= self.older_than)
        )


class ParkingLot:
    """The parking queue of one service."""

    def __init__(self, amqp_url: str, name: str) -> None:
        self._url = amqp_url
        self._name = name

    def look(self, selection: Selection, *, limit: int) -> list[Parked]:
        """Return messages without taking them out; they go back when the channel closes."""
        now = datetime.now(UTC)
        with self._channel() as channel:
            meant = (message for message in self._each(channel) if selection.has(message, now))
            return [message for message, _ in zip(meant, range(limit), strict=False)]

    def replay(self, selection: Selection, *, run: str, progress: Callable[[], None]) -> tuple[int, int]:
        """Hand messages back to the queue that they failed in, as they were, with their attempts forgotten.

        A copy is confirmed before the parked one is acknowledged: a kill in between leaves both, with the
        same id, and the handler's memory absorbs it.

        Returns:
            How many were replayed, and how many stayed because their queue is unknown or gone.
        """
        now = datetime.now(UTC)
        replayed = stayed = 0
        with self._channel() as channel:
            channel.confirm_delivery()
            for message in self._each(channel):
                headers = message.properties.headers or {}
                if headers.get(RUN) == run or not selection.has(message, now):
                    continue
                if _publish_again(channel, message, run):
                    channel.basic_ack(message.delivery_tag)
                    replayed += 1
                else:
                    stayed += 1
                progress()
        return replayed, stayed

    def discard(self, selection: Selection, *, progress: Callable[[], None]) -> int:
        """Throw messages away for good; returns how many."""
        now = datetime.now(UTC)
        discarded = 0
        with self._channel() as channel:
            for message in self._each(channel):
                if selection.has(message, now):
                    channel.basic_ack(message.delivery_tag)
                    discarded += 1
                    progress()
        return discarded

    def _each(self, channel: Any) -> Iterator[Parked]:
        """Yield what is parked now; what comes meanwhile is for the next time."""
        for _ in range(self._depth(channel)):
            method, properties, body = channel.basic_get(self._name)
            if method is None:
                return
            yield Parked.of(method.delivery_tag, properties, body)

    def _depth(self, channel: Any) -> int:
        return int(channel.queue_declare(self._name, passive=True).method.message_count)

    @contextmanager
    def _channel(self) -> Iterator[Any]:
        parameters = pika.URLParameters(self._url)
        parameters.socket_timeout = parameters.blocked_connection_timeout = _TIMEOUT_S
        try:
            with pika.BlockingConnection(parameters) as connection:
                yield connection.channel()
        except ChannelClosedByBroker as error:
            raise NoSuchQueueError(f"the broker has no queue {self._name}") from error
        except (AMQPError, OSError) as error:
            raise TransientError(f"the broker: {type(error).__name__}") from error


def _publish_again(channel: Any, message: Parked, run: str) -> bool:
    if not message.queue:
        return False
    headers = message.properties.headers or {}
    kept = {name: value for name, value in headers.items() if not _is_ours(name)}
    properties = pika.BasicProperties(
        content_type=message.properties.content_type,
        delivery_mode=pika.DeliveryMode.Persistent.value,
        message_id=message.properties.message_id,
        type=message.properties.type,
        headers={**kept, RUN: run, REPLAYS: int(headers.get(REPLAYS, 0)) + 1},
    )
    try:
        channel.basic_publish("", message.queue, message.body, properties, mandatory=True)
    except UnroutableError:
        return False
    return True


def _is_ours(header: str) -> bool:
    return header.startswith(("x-backpack-", "x-first-death-", "x-death", "x-delivery-count"))


def _envelope(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _time(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None


def _age(message: Parked, now: datetime) -> timedelta:
    return now - (message.last_failed_at or now)
