"""Load that runs through all faults: a producer of events and a caller over HTTP. Both insist."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from uuid import UUID

import pika
import requests
from pika.exceptions import AMQPError
from tests.faults.account import Account
from tests.faults.fleet import Fleet

from chassis.confirms import CONFIRMED, PipelinedPublisher
from chassis.delivery import Delivery, PublishError
from chassis.outbox import Outgoing
from contracts.envelope import derived_id, seal
from ledger.events import THING_HAPPENED, ThingHappened
from probe import QUEUE
from stack.http import direct_session

_BATCH = 50
#: Events of one thing; its document remembers all of them.
_EVENTS_OF_A_THING = 6
#: Messages that may wait in the ledger's queue before the producer waits too.
_BACKLOG = 1500
#: Once the events of a fault are told, a little goes on being told until the fault is over.
_TRICKLE_S = 0.25
_AGAIN_S = 0.2
#: One in so many events fails the first time in each process, or leaks a time-out, or comes three times.
_TROUBLE = 100


class Load:
    """What both have in common: when to speak, and during which fault.

    Attributes:
        fault: the number of the fault that is going on.
        budget: how many events may be told by now without holding back.
        surprises: HTTP answers that are neither a success nor "try again later".
    """

    def __init__(self, account: Account, fleet: Fleet, amqp_url: str, seed: int, *, twice: bool) -> None:
        self.account, self.fleet, self.amqp_url = account, fleet, amqp_url
        self.fault, self.budget = 0, 0
        self.copies = 2 if twice else 1
        self.seed = seed
        self.surprises: list[str] = []
        self._may_speak = threading.Event()
        self._over = threading.Event()
        self._speakers: list[_Speaker] = [_Producer(self), _Caller(self)]
        for each in self._speakers:
            each.start()

    def run(self) -> None:
        self._may_speak.set()

    def pause(self, *, timeout_s: float = 60.0) -> bool:
        """Stop telling; True once everything that was begun is confirmed."""
        self._may_speak.clear()
        deadline = time.monotonic() + timeout_s
        while any(each.speaks for each in self._speakers) and time.monotonic() < deadline:
            time.sleep(0.02)
        return not any(each.speaks for each in self._speakers)

    @contextmanager
    def paused(self) -> Iterator[None]:
        assert self.pause(), "the load does not come to rest"
        try:
            yield
        finally:
            self.run()

    def close(self) -> None:
        self._over.set()
        self._may_speak.set()
        for each in self._speakers:
            each.join(10)

    def wait_for_turn(self, speaker: _Speaker) -> bool:
        """Wait until something may be told; False when all is over."""
        speaker.speaks = False
        while True:
            self._may_speak.wait()
            # Say so before looking again, so that whoever pauses either is seen or sees us.
            speaker.speaks = True
            if self._may_speak.is_set():
                return not self._over.is_set()
            speaker.speaks = False

    def is_over(self) -> bool:
        return self._over.is_set()


class _Speaker(threading.Thread):
    def __init__(self, load: Load) -> None:
        super().__init__(name=type(self).__name__, daemon=True)
        self.load = load
        self.speaks = False
        self.random = random.Random(f"{load.seed}-{type(self).__name__}")  # noqa: S311 - a seeded run

    def run(self) -> None:
        try:
            while self.load.wait_for_turn(self):
                self.tell()
        finally:
            self.close()

    def tell(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        pass


class _Producer(_Speaker):
    """Publishes batches of events, and publishes again what was not confirmed."""

    def __init__(self, load: Load) -> None:
        super().__init__(load)
        self._publisher = PipelinedPublisher(load.amqp_url, confirm_timeout_s=3)
        self._connection: pika.BlockingConnection | None = None
        self._next = 0

    def close(self) -> None:
        self._publisher.close()
        if self._connection is not None and self._connection.is_open:
            # It may have been cut long ago, and learns of it only now.
            with suppress(AMQPError, OSError):
                self._connection.close()

    def tell(self) -> None:
        load = self.load
        fault, trickles = load.fault, load.account.told >= load.budget
        size = 5 if trickles else _BATCH
        waiting = [self._delivery(fault) for _ in range(size)]
        copies = [each for each in waiting for _ in range(self._copies())]
        self.random.shuffle(copies)
        self._insist(copies)
        load.account.confirm(size, fault)
        load._over.wait(_TRICKLE_S if trickles else 0)
        while not trickles and self._backlog() > _BACKLOG and load._may_speak.is_set() and not load.is_over():
            load._over.wait(0.1)

    def _delivery(self, fault: int) -> Delivery:
        # Neighbours are of different things: twenty things are told in turns.
        turn, place = divmod(self._next, 20)
        thing_id = f"p{fault}-{turn // _EVENTS_OF_A_THING}-{place}"
        self._next += 1
        behaviour = {0: "later", 1: "leaks"}.get(self.random.randrange(_TROUBLE), "ok")
        data = ThingHappened(thing_id=thing_id, behaviour=behaviour)
        subject = (derived_id("thing", thing_id), self._next)
        envelope = seal(THING_HAPPENED, data, subject=subject, district="jcps", time=datetime.now(UTC))
        self.load.account.tell(thing_id, envelope.id, fault)
        return Delivery.of(Outgoing.of(envelope))

    def _copies(self) -> int:
        return 3 if self.random.randrange(_TROUBLE) == 0 else self.load.copies

    def _insist(self, waiting: list[Delivery]) -> None:
        while waiting and not self.load.is_over():
            try:
                outcomes = self._publisher.publish(waiting)
            except PublishError:
                time.sleep(_AGAIN_S)
                continue
            waiting = [each for each, said in zip(waiting, outcomes, strict=True) if said != CONFIRMED]
            if waiting:
                time.sleep(_AGAIN_S)

    def _backlog(self) -> int:
        try:
            if self._connection is None or not self._connection.is_open:
                self._connection = pika.BlockingConnection(pika.URLParameters(self.load.amqp_url))
            with self._connection.channel() as channel:
                return int(channel.queue_declare(QUEUE, passive=True).method.message_count)
        except (AMQPError, OSError):
            self._connection = None
            return 0


class _Caller(_Speaker):
    """Calls over HTTP, and calls again with the same key until it is told that it is done."""

    _next = 0

    def tell(self) -> None:
        load = self.load
        fault = load.fault
        thing_id = f"h{fault}-{self._next // 3}"
        self._next += 1
        key = str(UUID(int=self.random.getrandbits(128)))
        load.account.tell(thing_id, f"portal:POST:/v1/effects:{key}", fault)
        while not load.is_over():
            with suppress(requests.RequestException):
                if self._call(thing_id, key):
                    load.account.confirm(1, fault)
                    break
            time.sleep(_AGAIN_S)
        load._over.wait(_TRICKLE_S if load.account.told >= load.budget else 0.02)

    def _call(self, thing_id: str, key: str) -> bool:
        service = self.random.choice(self.load.fleet.services)
        headers = {"Authorization": f"Bearer {self.load.fleet.token()}", "Idempotency-Key": key}
        with direct_session() as session:
            answer = session.post(
                f"{service.url}/v1/effects", json={"thing_id": thing_id}, headers=headers, timeout=10
            )
        if answer.status_code not in (201, 503):
            self.load.surprises.append(f"{thing_id}: {answer.status_code} {answer.text[:200]}")
        return answer.status_code == 201
