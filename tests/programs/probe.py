"""A producer of things, and an observer of what became of them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pika

from contracts.envelope import CONTENT_TYPE, Envelope, derived_id, seal
from ledger.events import THING_HAPPENED, ThingHappened
from stack import testing

QUEUE = "evt-probe-probe.thing.happened.v1--ledger.on_thing_happened"
PARKING = "ledger.parking"


def eventually(condition: Callable[[], Any], *, timeout_s: float = 20.0) -> Any:
    """Wait until a condition gives something true, and return that."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = condition()
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


@dataclass
class Probe:
    """A producer of things and an observer of what became of them."""

    amqp_url: str
    database: Any
    _connection: Any = field(default=None)

    @property
    def channel(self) -> Any:
        """A channel in confirm mode."""
        if self._connection is None or not self._connection.is_open:
            self._connection = pika.BlockingConnection(pika.URLParameters(self.amqp_url))
            self._channel = self._connection.channel()
            self._channel.confirm_delivery()
        return self._channel

    def envelope(self, thing_id: str, behaviour: str = "ok", *, version: int = 1) -> Envelope:
        data = ThingHappened(thing_id=thing_id, behaviour=behaviour)
        subject = (derived_id("thing", thing_id), version)
        return seal(THING_HAPPENED, data, subject=subject, district="jcps", time=datetime.now(UTC))

    def tell(self, thing_id: str, behaviour: str = "ok", *, version: int = 1, times: int = 1) -> Envelope:
        envelope = self.envelope(thing_id, behaviour, version=version)
        for _ in range(times):
            self.tell_raw(envelope.to_bytes(), message_id=envelope.id)
        return envelope

    def tell_raw(
        self,
        body: bytes,
        *,
        message_id: str | None = None,
        content_type: str = CONTENT_TYPE,
        content_encoding: str | None = None,
        headers: dict[str, Any] | None = None,
    ) -> None:
        properties = pika.BasicProperties(
            content_type=content_type,
            content_encoding=content_encoding,
            delivery_mode=2,
            message_id=message_id,
            headers=headers,
        )
        self.channel.basic_publish(
            THING_HAPPENED.exchange, THING_HAPPENED.type, body, properties, mandatory=True
        )

    def park(self, envelope: Envelope, headers: dict[str, Any]) -> None:
        """Put an event into parking, as the chassis does."""
        properties = pika.BasicProperties(
            content_type=CONTENT_TYPE, delivery_mode=2, message_id=envelope.id, headers=headers
        )
        self.channel.basic_publish("", PARKING, envelope.to_bytes(), properties, mandatory=True)

    def effect(self, thing_id: str) -> int:
        """Return how often a thing was recorded."""
        return self._times("effects", thing_id)

    def echo(self, thing_id: str) -> int:
        """Return what the ledger heard itself say about it."""
        return self._times("echoes", thing_id)

    def _times(self, collection: str, thing_id: str) -> int:
        raw = self.database[collection].find_one({"_id": thing_id})
        return 0 if raw is None else int(raw["times"])

    def depth(self, queue: str = QUEUE) -> int:
        count: int = self.channel.queue_declare(queue, passive=True).method.message_count
        return count

    def parked(self) -> list[tuple[dict[str, Any], bytes]]:
        """Take everything out of parking: headers and body."""
        taken: list[tuple[dict[str, Any], bytes]] = []
        while True:
            method, properties, body = self.channel.basic_get(PARKING, auto_ack=True)
            if method is None:
                return taken
            headers = dict(properties.headers or {})
            # The parking queue's own count of this very fetch.
            headers.pop("x-delivery-count", None)
            taken.append((headers, body))

    def wait_parked(self, count: int = 1) -> list[tuple[dict[str, Any], bytes]]:
        found: list[tuple[dict[str, Any], bytes]] = []

        def enough() -> bool:
            found.extend(self.parked())
            return len(found) >= count

        assert eventually(enough)
        return found

    def close(self) -> None:
        if self._connection is not None and self._connection.is_open:
            self._connection.close()


def logged(address: testing.ServiceAddress, event: str) -> list[dict[str, Any]]:
    """Return the service's log records of one kind."""
    lines = address.log.read_text().splitlines()
    records = [json.loads(line) for line in lines if line.startswith("{")]
    return [record for record in records if record.get("event") == event]
