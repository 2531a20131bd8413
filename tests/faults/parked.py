"""What is parked: poison, which belongs there, and innocents, which come back by `backpack parked replay`."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import time
from collections import Counter
from dataclasses import dataclass

import pika

from chassis.parked import Parked, ParkingLot, Selection
from contracts.envelope import CONTENT_TYPE
from ledger.events import THING_HAPPENED
from probe import PARKING
from stack.paths import PROGRAMS as BIN

#: Reasons for which a good event may be parked: a crash loop took it along, or its ladder was too short.
_INNOCENT = ("delivery_limit", "retries_exhausted")


@dataclass
class Poison:
    """One message that must be parked: its fault's name and number, and how often it was found."""

    name: str
    fault: int
    found: int = 0


class Parking:
    """The ledger's parking queue and what is expected in it."""

    def __init__(self, amqp_url: str, seed: int) -> None:
        self._url = amqp_url
        self._random = random.Random(f"{seed}-parking")  # noqa: S311 - a seeded run
        self._poison: dict[str, Poison] = {}
        #: By number of fault: what was parked and is accounted for.
        self.accounted: Counter[int] = Counter()
        self.replayed = 0
        self.unaccounted: list[str] = []

    def tell(
        self,
        body: bytes,
        name: str,
        fault: int,
        *,
        content_type: str = CONTENT_TYPE,
        content_encoding: str | None = None,
    ) -> None:
        """Publish poison, and insist on it."""
        self._poison[_digest(body)] = Poison(name, fault)
        properties = pika.BasicProperties(
            content_type=content_type,
            content_encoding=content_encoding,
            delivery_mode=2,
            message_id=_digest(body),
        )
        self._publish(body, properties)

    def _publish(self, body: bytes, properties: pika.BasicProperties) -> None:
        for attempt in range(20):
            try:
                with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
                    channel = connection.channel()
                    channel.confirm_delivery()
                    channel.basic_publish(
                        THING_HAPPENED.exchange, THING_HAPPENED.type, body, properties, mandatory=True
                    )
            except (pika.exceptions.AMQPError, OSError):
                if attempt == 19:
                    raise
                time.sleep(0.5)
            else:
                return

    def settle(self) -> None:
        """Take out the poison and replay the innocents; what is neither stays, and is noted."""
        innocents = 0
        with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
            channel = connection.channel()
            depth = channel.queue_declare(PARKING, passive=True).method.message_count
            for _ in range(depth):
                method, properties, body = channel.basic_get(PARKING)
                if method is None:
                    break
                innocents += self._look(channel, Parked.of(method.delivery_tag, properties, body))
        if innocents:
            self._replay()
            self.replayed += innocents

    def _look(self, channel: pika.adapters.blocking_connection.BlockingChannel, message: Parked) -> int:
        """Account for one message; 1 if it is to be replayed."""
        poison = self._poison.get(_digest(message.body))
        if poison is not None:
            channel.basic_ack(message.delivery_tag)
            self.accounted[poison.fault] += poison.found == 0
            poison.found += 1
            return 0
        if message.reason in _INNOCENT:
            return 1
        self.unaccounted.append(f"{message.event_id}: {message.reason} {message.exception} {message.detail}")
        return 0

    def holds(self, event_id: str) -> bool:
        """Whether the broker has given an event up."""
        return bool(ParkingLot(self._url, PARKING).look(Selection(event_id=event_id), limit=1))

    def missing(self) -> Counter[int]:
        """Return, by number of fault, how much poison was told and has not been seen in parking."""
        return Counter(each.fault for each in self._poison.values() if not each.found)

    def _replay(self) -> None:
        """Replay as an operator does; now and then the first try is killed half-way."""
        argv = [str(BIN / "backpack"), "parked", "replay", "ledger", "--amqp-url", self._url]
        variables = {"PATH": os.environ["PATH"]}
        if self._random.random() < 0.3:
            with subprocess.Popen(
                argv, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            ) as tool:
                # About when it has connected and started.
                time.sleep(self._random.uniform(0.8, 1.4))
                tool.kill()
        subprocess.run(argv, env=variables, check=True, capture_output=True, timeout=120)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]
