"""Outbox, relay and inbox on a model: the chassis' own code on a store and a broker in memory.

Hypothesis looks for an order of writes, deliveries, crashes and lost replies after which the ledger is wrong.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from tests.faults.model_broker import PARKING, FaultyPublisher, Handlers, MemoryBroker
from tests.faults.model_store import Clock, Crash, Faults, MemoryCollection

from chassis import parking
from chassis.delivery import Delivery
from chassis.errors import TransientError
from chassis.mongo import collection as grouping
from chassis.outage import OUTAGE
from chassis.outbox import Outgoing, UnitOfWork
from chassis.relay import Relay, RelayLimits
from contracts.envelope import derived_id, seal
from ledger.documents import EchoDocument, EffectDocument, HearingDocument
from ledger.entrypoints import Effects, record
from ledger.events import THING_HAPPENED, ThingHappened

LEASE_S = 10
THINGS = ("a", "b")
LIMITS = RelayLimits(batch=10, lease_s=LEASE_S, idle_s=0)

things = st.sampled_from(THINGS)
places = st.integers(0, 50)
handler_faults = st.sampled_from(
    (
        "",
        "crash before commit",
        "crash after commit",
        "crash before publish",
        "crash after publish",
        "crash before ack",
        "crash after ack",
        "store away",
        "reply lost",
        "broker away",
        "confirm lost",
    )
)
writer_faults = st.sampled_from(("", "crash before commit", "crash after commit", "reply lost"))
relay_faults = st.sampled_from(
    (
        "",
        "crash claim",
        "crash before publish",
        "crash after publish",
        "crash before commit",
        "crash after commit",
        "store away",
        "reply lost",
        "broker away",
        "confirm lost",
        "refused",
    )
)


class Ledger(RuleBasedStateMachine):
    """Two things, two relays, handlers, HTTP, and everything that can happen between them."""

    def __init__(self) -> None:
        super().__init__()
        self.clock, self.faults = Clock(), Faults()
        self.collections = {
            document: MemoryCollection(document._meta["collection"], self.clock, self.faults)
            for document in (EffectDocument, EchoDocument, HearingDocument)
        }
        self.patches = pytest.MonkeyPatch()
        self.connected = dict(self.collections)
        for document in self.collections:
            self.patches.setattr(document, "_get_collection", lambda which=document: self.connected[which])
        # The model's store fails once at a time, so it answers whoever asks whether it is away.
        self.patches.setattr(OUTAGE, "_answers", lambda: True)
        self.broker = MemoryBroker()
        self.handlers = Handlers(self.broker, self.faults)
        self.relays = [self._relay(), self._relay()]
        self.told: Counter[str] = Counter()
        self.versions: Counter[str] = Counter()

    def _relay(self) -> Relay:
        publisher: Any = FaultyPublisher(self.broker, self.faults)
        return Relay([self.collections[EffectDocument]], publisher, LIMITS)

    def teardown(self) -> None:
        try:
            self.quiescence()
        finally:
            self.patches.undo()
            grouping._grouped.clear()

    @rule(
        thing=things, fault=st.sampled_from(("", "crash before commit", "crash after commit", "reply lost"))
    )
    def write_by_http(self, thing: str, fault: str) -> None:
        """A caller insists, with the same key."""
        self.told[thing] += 1
        key = f"{thing}-{self.told[thing]}"
        self.faults.at = fault
        with suppress(Crash, TransientError):
            self._post(thing, key)
        self.faults.at = ""
        self._post(thing, key)

    def _post(self, thing: str, key: str) -> None:
        record(Effects(UnitOfWork(district="jcps", cause=key, now=self.clock.now)), thing)

    @rule(thing=things, times=st.integers(1, 3))
    def tell(self, thing: str, times: int) -> None:
        """A producer tells an event, and perhaps tells it again."""
        self.told[thing] += 1
        data = ThingHappened(thing_id=thing, behaviour="ok")
        subject = (derived_id("thing", thing), self.told[thing])
        event = seal(THING_HAPPENED, data, subject=subject, district="jcps", time=datetime.now(UTC))
        for _ in range(times):
            self.broker.route(Delivery.of(Outgoing.of(event)))

    @precondition(lambda self: self._waiting())
    @rule(queue=places, place=places, fault=handler_faults)
    def deliver(self, queue: int, place: int, fault: str) -> None:
        """Any waiting message is handed out, in any order."""
        waiting = self._waiting()
        self._deliver(waiting[queue % len(waiting)], place, fault)

    @precondition(lambda self: self._waiting())
    @rule(queue=places, place=places, thing=things)
    def deliver_while_others_write(self, queue: int, place: int, thing: str) -> None:
        """Somebody else writes between a handler's read and its write."""
        self._write_meanwhile(thing)
        waiting = self._waiting()
        self._deliver(waiting[queue % len(waiting)], place, "")
        self.faults.let_others_in()

    def _write_meanwhile(self, thing: str) -> None:
        self.told[thing] += 1
        key = f"{thing}-{self.told[thing]}"

        def write() -> None:
            # In another process, so not in this one's group.
            ours = self.connected
            self.connected = {which: found.seen_by_others() for which, found in ours.items()}
            self._post(thing, key)
            self.connected = ours

        self.faults.interlude = write

    @precondition(lambda self: self._waiting())
    @rule(queue=places, place=places)
    def duplicate(self, queue: int, place: int) -> None:
        """The broker hands a message out once more, after it was handled."""
        waiting = self._waiting()
        messages = self.broker.queues[waiting[queue % len(waiting)]]
        again = messages[place % len(messages)]
        self._deliver(waiting[queue % len(waiting)], place, "")
        messages.append(again)

    @rule(which=st.integers(0, 1), fault=relay_faults)
    def step_relay(self, which: int, fault: str) -> None:
        self._step(which, fault)

    @rule(which=st.integers(0, 1), late=st.booleans())
    def overtake_relay(self, which: int, late: bool) -> None:
        """A relay stands still beyond its lease, before it publishes, while the other one works."""

        def others() -> None:
            if late:
                self.clock.pass_by(LEASE_S + 1)
            self.relays[1 - which].step()

        self.faults.interlude = others
        self._step(which, "")
        self.faults.interlude = None

    @rule(which=st.integers(0, 1), thing=things)
    def write_while_relay_publishes(self, which: int, thing: str) -> None:
        self._write_meanwhile(thing)
        self._step(which, "")
        self.faults.let_others_in()

    @rule()
    def let_leases_run_out(self) -> None:
        self.clock.pass_by(LEASE_S + 1)

    @rule()
    def replay(self) -> None:
        """An operator replays what was parked because its ladder was too short."""
        for message in self.broker.queues[PARKING]:
            assert message.headers[parking.REASON] == "retries_exhausted"
            queue = message.headers[parking.QUEUE]
            kept = {name: value for name, value in message.headers.items() if "backpack" not in name}
            message.headers = kept
            self.broker.queues[queue].append(message)
        self.broker.queues[PARKING].clear()

    @invariant()
    def nothing_is_doubled_and_no_copy_goes_back(self) -> None:
        for thing, raw in self.collections[EffectDocument].documents.items():
            causes = [entry["cause"] for entry in raw["handled"]]
            assert len(causes) == len(set(causes)) == raw["times"] == raw["version"] <= self.told[thing]
        for thing, raw in self.collections[EchoDocument].documents.items():
            assert self.versions[thing] <= raw["source_version"] == raw["times"] <= self.told[thing]
            self.versions[thing] = raw["source_version"]

    def quiescence(self) -> None:
        """After all faults: nothing lost, nothing doubled, the newest copy, and nothing left over."""
        while self._waiting() or self._pending() or self.broker.queues[PARKING]:
            self.replay()
            for queue in self._waiting():
                self._deliver(queue, 0, "")
            self.let_leases_run_out()
            self._step(0, "")
        told = {thing: count for thing, count in self.told.items() if count}
        for document in (EffectDocument, HearingDocument, EchoDocument):
            found = self.collections[document].documents.items()
            assert {thing: raw["times"] for thing, raw in found} == told
        self.nothing_is_doubled_and_no_copy_goes_back()

    def _waiting(self) -> list[str]:
        return [queue for queue in self.handlers.queues if self.broker.queues[queue]]

    def _pending(self) -> int:
        return self.collections[EffectDocument].count_documents({"pending": True})

    def _deliver(self, queue: str, place: int, fault: str) -> None:
        self.faults.at = fault
        try:
            self.handlers.deliver(queue, place)
        except Crash:
            self.handlers = Handlers(self.broker, self.faults)
        finally:
            self.faults.at = ""

    def _step(self, which: int, fault: str) -> None:
        self.faults.at = fault
        try:
            self.relays[which].step()
        except Crash:
            self.relays[which] = self._relay()
        except TransientError:
            pass
        finally:
            self.faults.at = ""


TestLedger = Ledger.TestCase
TestLedger.settings = settings(
    max_examples=120,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
