"""What operators do with parked messages: look, replay, discard. Plain pika; safe to kill and to repeat.

Whatever is fetched and not acknowledged goes back to its place when the channel closes, however that
happens. Meanwhile others do not see it: two operators at once share the messages between them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pika
from pika.exceptions import AMQPError, ChannelClosedByBroker

from chassis import parking
from chassis.confirms import CONFIRMED, RETURNED, UNKNOWN, PipelinedPublisher
from chassis.delivery import Delivery
from chassis.errors import TransientError

#: How often a message was replayed, and by which run; a run never replays its own failures again.
REPLAYS = "x-backpack-replays"
RUN = "x-backpack-replay-run"

_TIMEOUT_S = 10

#: What a replay publishes at once at most; after a kill, so much may be there twice. Not more, because the
#: broker holds acknowledgements to a quorum queue back once 32 are under way, and drops those when the
#: channel closes (`quorum_commands_soft_limit`; seen with 100: 67 of the last batch came back).
_BATCH = 25
_BATCH_BYTES = 4_000_000


class NoSuchQueueError(LookupError):
    """The broker has no queue of this name."""


@dataclass(frozen=True)
class Parked:
    """One parked message.

    Attributes:
        queue: the handler's queue that it failed in; empty if the broker dead-lettered it by itself.
        attempts: how often it was tried.
        replays: how often it was replayed before.
        event_type, event_id: of the envelope; empty if the body is no event.
    """

    delivery_tag: int
    queue: str
    reason: str
    exception: str
    detail: str
    attempts: int
    replays: int
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
        died_at = death.get("time")
        return cls(
            delivery_tag=delivery_tag,
            queue=str(death.get("queue") or headers.get(parking.QUEUE) or ""),
            reason=str(death.get("reason") or headers.get(parking.REASON) or "unknown"),
            exception=str(headers.get(parking.EXCEPTION, "")),
            detail=str(headers.get(parking.DETAIL, "")),
            attempts=parking.attempts_before(headers),
            replays=_count(headers.get(REPLAYS)),
            first_failed_at=_time(headers.get(parking.FIRST_FAILED_AT) or died_at),
            last_failed_at=_time(died_at or headers.get(parking.LAST_FAILED_AT)),
            event_type=str(envelope.get("type", "")),
            event_id=str(envelope.get("id") or properties.message_id or ""),
            body=body,
            properties=properties,
        )


@dataclass(frozen=True)
class Selection:
    """Which parked messages are meant; None means any.

    Attributes:
        queue: the failing queue, or the handler's name at its end: `on_artifact_scored` or
            `defenses.on_artifact_scored`.
        older_than, newer_than: least and most time since the last failure; a message that does not tell
            its time is neither.
    """

    queue: str | None = None
    event_type: str | None = None
    reason: str | None = None
    event_id: str | None = None
    older_than: timedelta | None = None
    newer_than: timedelta | None = None

    def has(self, message: Parked, now: datetime) -> bool:
        """Whether a message is meant."""
        return (
            (self.queue is None or f"--{message.queue}".endswith((f"--{self.queue}", f".{self.queue}")))
            and self.event_type in (None, message.event_type)
            and self.reason in (None, message.reason)
            and self.event_id in (None, message.event_id)
            and self._has_age(message.last_failed_at, now)
        )

    def _has_age(self, failed_at: datetime | None, now: datetime) -> bool:
        if failed_at is None:
            return self.older_than is None and self.newer_than is None
        age = now - failed_at
        return (self.older_than is None or age >= self.older_than) and (
            self.newer_than is None or age <= self.newer_than
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

    def depth(self) -> int:
        """Return how many messages are parked and not in somebody's hands."""
        with self._channel() as channel:
            return self._depth(channel)

    def count(self, selection: Selection) -> int:
        """Return how many messages are meant."""
        now = datetime.now(UTC)
        with self._channel() as channel:
            return sum(selection.has(message, now) for message in self._each(channel))

    def replay(self, selection: Selection, *, run: str, progress: Callable[[], None]) -> tuple[int, int]:
        """Hand messages back to the queue that they failed in, as they were, with their attempts forgotten.

        Copies are confirmed before the parked ones are acknowledged: a kill in between leaves both, with
        the same id, and the handler's memory absorbs it.

        Returns:
            How many were replayed, and how many stayed because their queue is unknown or gone.

        Raises:
            TransientError: if the broker goes away or does not confirm; what it did not confirm is parked.
            NoSuchQueueError: if there is no such parking queue.
        """
        now = datetime.now(UTC)
        replayed = stayed = 0
        publisher = PipelinedPublisher(self._url, confirm_timeout_s=_TIMEOUT_S)
        try:
            with self._channel() as channel:
                meant = (
                    message
                    for message in self._each(channel)
                    if (message.properties.headers or {}).get(RUN) != run and selection.has(message, now)
                )
                for batch in _batches(meant):
                    gone = _publish_again(publisher, batch, run)
                    for message in batch:
                        if message.delivery_tag in gone:
                            channel.basic_ack(message.delivery_tag)
                        progress()
                    replayed += len(gone)
                    stayed += len(batch) - len(gone)
        finally:
            publisher.close()
        return replayed, stayed

    def discard(self, selection: Selection, *, before: Callable[[Parked], None]) -> int:
        """Throw messages away for good, `before` each of which you are told; returns how many."""
        now = datetime.now(UTC)
        discarded = 0
        with self._channel() as channel:
            for message in self._each(channel):
                if selection.has(message, now):
                    before(message)
                    channel.basic_ack(message.delivery_tag)
                    discarded += 1
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


def _batches(messages: Iterable[Parked]) -> Iterator[list[Parked]]:
    """Put messages together for one round of confirms, few enough to fit into memory."""
    batch: list[Parked] = []
    size_bytes = 0
    for message in messages:
        batch.append(message)
        size_bytes += len(message.body)
        if len(batch) >= _BATCH or size_bytes >= _BATCH_BYTES:
            yield batch
            batch, size_bytes = [], 0
    if batch:
        yield batch


def _publish_again(publisher: PipelinedPublisher, batch: Sequence[Parked], run: str) -> set[int]:
    """Publish copies; returns the delivery tags of those that the broker has safely in their queues."""
    able = [message for message in batch if message.queue]
    deliveries = [_copy(message, run) for message in able]
    outcomes = publisher.publish(deliveries)
    if UNKNOWN in outcomes:
        raise TransientError("the broker did not confirm in time; repeat, nothing is lost")
    # A return names a message by its id, which two of a batch may share; neither of them is sure then.
    returned = {
        each.message_id for each, outcome in zip(deliveries, outcomes, strict=True) if outcome == RETURNED
    }
    return {
        message.delivery_tag
        for message, each, outcome in zip(able, deliveries, outcomes, strict=True)
        if outcome == CONFIRMED and each.message_id not in returned
    }


def _copy(message: Parked, run: str) -> Delivery:
    headers = message.properties.headers or {}
    kept = {name: value for name, value in headers.items() if not name.startswith(parking.LIFE_PREFIXES)}
    return Delivery(
        "",
        message.queue,
        message.body,
        message.properties.message_id or "",
        message.properties.content_type or "application/octet-stream",
        message.properties.type or message.event_type,
        {**kept, RUN: run, REPLAYS: message.replays + 1},
        content_encoding=message.properties.content_encoding,
    )


def _envelope(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _time(value: Any) -> datetime | None:
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
    # A time without its zone cannot be compared with now; we write none.
    return found if found is None or found.tzinfo else None


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int) else 0
