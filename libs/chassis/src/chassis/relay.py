"""The relay: publishes what HTTP calls and timers have left pending. Plain threads and pika, no eventlet.

Several may run. Each claims aggregates under a lease on the store's clock, publishes their events oldest
first, and marks what was confirmed. A crash in between publishes again, with the same ids.
"""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog
from prometheus_client import Counter, Gauge
from pymongo import UpdateMany, UpdateOne

from chassis import metrics
from chassis.confirms import CONFIRMED, PipelinedPublisher
from chassis.delivery import Delivery, PublishError
from chassis.errors import TransientError
from chassis.logs import origin
from chassis.mongo import translated
from chassis.mongo.aggregates import stored_events
from chassis.mongo.documents import NO_LEASE

log = structlog.get_logger()

PAUSE_SECONDS = Gauge(
    "relay_pause_seconds", "Pause before the relay's next try; 0 unless broker or store is away."
)
FAILED_STEPS = Counter("relay_failed_steps_total", "Steps that the broker or the store broke.", ("error",))

#: The first and the longest pause while the broker or the store is away; events wait that much longer.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 10.0

#: Least time between two looks at how much is waiting.
_MEASURE_EVERY_S = 1.0


@dataclass(frozen=True)
class RelayLimits:
    """How the relay works.

    Attributes:
        batch: aggregates that are claimed at once.
        lease_s: how long a claim holds; longer than a publish may wait.
        idle_s: the longest pause between two looks when there is nothing to do.
    """

    batch: int
    lease_s: float
    idle_s: float


class Outbox:
    """The pending aggregates of one collection."""

    def __init__(self, collection: Any, owner: str, limits: RelayLimits) -> None:
        self.name = str(collection.name)
        self._collection = collection
        self._owner = owner
        self._limits = limits

    def claim(self) -> list[dict[str, Any]]:
        """Return pending aggregates, which are ours until the lease ends."""
        now = self._server_now()
        free = {"pending": True, "leased_until": {"$lte": now}}
        found = self._collection.find(free, {"_id": 1}).sort("changed_at").limit(self._limits.batch)
        ids = [raw["_id"] for raw in found]
        if not ids:
            return []
        until = now + timedelta(seconds=self._limits.lease_s)
        lease = {"$set": {"leased_by": self._owner, "leased_until": until}}
        self._collection.update_many({"_id": {"$in": ids}, "leased_until": {"$lte": now}}, lease)
        ours = {"_id": {"$in": ids}, "leased_by": self._owner, "pending": True}
        return list(self._collection.find(ours, {"version": 1, "handled": 1}))

    def settle(self, claimed: Sequence[dict[str, Any]], stuck: set[str]) -> None:
        """Mark what was published and give the leases back.

        An aggregate that was changed meanwhile keeps its mark: its new events are looked for next time, and
        what is published twice has the same id. One that is stuck keeps its lease, as a pause.
        """
        done: list[Any] = [
            UpdateOne(
                {"_id": raw["_id"], "version": raw["version"], "leased_by": self._owner},
                {"$set": {"handled": [_said(entry) for entry in raw["handled"]], "pending": False}},
            )
            for raw in claimed
            if raw["_id"] not in stuck
        ]
        free = [raw["_id"] for raw in claimed if raw["_id"] not in stuck]
        if done:
            self._collection.bulk_write([*done, self._release(free)], ordered=True)

    def give_back(self, claimed: Sequence[dict[str, Any]]) -> None:
        """Give leases back with everything pending as it was."""
        self._collection.bulk_write([self._release([raw["_id"] for raw in claimed])], ordered=True)

    def _release(self, ids: Sequence[str]) -> Any:
        give_back = {"$set": {"leased_until": NO_LEASE}, "$unset": {"leased_by": ""}}
        return UpdateMany({"_id": {"$in": ids}, "leased_by": self._owner}, give_back)

    def measure(self) -> None:
        """Show how much is waiting, and for how long."""
        waiting = {"pending": True}
        metrics.OUTBOX_PENDING.labels(self.name).set(self._collection.count_documents(waiting))
        oldest = self._collection.find_one(waiting, {"changed_at": 1}, sort=[("changed_at", 1)])
        age_s = 0.0 if oldest is None else (self._server_now() - oldest["changed_at"]).total_seconds()
        metrics.OUTBOX_OLDEST_SECONDS.labels(self.name).set(max(age_s, 0.0))

    def _server_now(self) -> datetime:
        now: datetime = self._collection.database.command("hello")["localTime"]
        # A command's answer is decoded without time zones; the store speaks UTC.
        return now.replace(tzinfo=UTC)


class Relay:
    """Publishes the outboxes of one service until it is stopped."""

    def __init__(
        self, collections: Iterable[Any], publisher: PipelinedPublisher, limits: RelayLimits
    ) -> None:
        owner = str(uuid4())
        self._outboxes = [Outbox(collection, owner, limits) for collection in collections]
        self._publisher = publisher
        self._limits = limits
        self._stopping = threading.Event()
        self._measure_at = 0.0

    def run(self) -> None:
        """Work until `stop`; errors of broker and store are waited out, with growing pauses."""
        pause_s = self._limits.idle_s
        failures = 0
        while not self._stopping.wait(pause_s):
            try:
                published = self.step()
            except TransientError as error:
                failures += 1
                pause_s = outage_pause_s(failures)
                log.warning("relay_waits", **origin(error), detail=str(error), pause_s=round(pause_s, 1))
                FAILED_STEPS.labels(type(error).__name__).inc()
                PAUSE_SECONDS.set(pause_s)
            else:
                if failures:
                    failures, pause_s = 0, 0.0
                    PAUSE_SECONDS.set(0)
                # Somebody who has just written will often write again.
                pause_s = 0.0 if published else min(self._limits.idle_s, max(pause_s * 2, 0.02))
        self._publisher.close()

    def stop(self) -> None:
        """Finish the step at hand, then end."""
        self._stopping.set()

    def step(self) -> int:
        """Look once at every outbox.

        Returns:
            How many events were confirmed.

        Raises:
            TransientError: if the broker or the store cannot be reached. Leases are given back if the store
                takes that, and run out by themselves if not.
        """
        published = 0
        # Also while there is much to do, or the broker is away: that is when somebody looks.
        due = time.monotonic() >= self._measure_at
        if due:
            self._measure_at = time.monotonic() + _MEASURE_EVERY_S
        for outbox in self._outboxes:
            with translated():
                if due:
                    outbox.measure()
                claimed = outbox.claim()
            if not claimed:
                continue
            try:
                stuck, confirmed = self._publish(outbox, claimed)
            except PublishError:
                # Else they would wait for the end of their lease once the broker is back.
                with translated():
                    outbox.give_back(claimed)
                raise
            published += confirmed
            with translated():
                outbox.settle(claimed, stuck)
        return published

    def _publish(self, outbox: Outbox, claimed: Sequence[dict[str, Any]]) -> tuple[set[str], int]:
        """Publish wave by wave, an event an aggregate each, so that one that fails blocks only its own."""
        waiting = {raw["_id"]: _unsaid(raw) for raw in claimed}
        stuck: set[str] = set()
        confirmed = 0
        while wave := [(each, events.pop(0)) for each, events in waiting.items() if events]:
            try:
                outcomes = self._publisher.publish([delivery for _, delivery in wave])
            except PublishError:
                metrics.OUTBOX_PUBLISHED.labels(outbox.name, "unreachable").inc(len(wave))
                raise
            for (aggregate_id, delivery), outcome in zip(wave, outcomes, strict=True):
                metrics.OUTBOX_PUBLISHED.labels(outbox.name, outcome).inc()
                if outcome == CONFIRMED:
                    confirmed += 1
                    continue
                log.warning(
                    "event_stuck",
                    event_type=delivery.event_type,
                    event_id=delivery.message_id,
                    outcome=outcome,
                )
                stuck.add(aggregate_id)
                waiting[aggregate_id].clear()
        return stuck, confirmed


def outage_pause_s(failures: int) -> float:
    """Return the pause after so many failures in a row: it doubles up to 10 s.

    It is drawn from its upper half, so that many relays do not come back at the same moment.
    """
    longest_s: float = min(_FIRST_PAUSE_S * 2 ** min(failures - 1, 10), _LONGEST_PAUSE_S)
    return longest_s * random.uniform(0.5, 1)  # noqa: S311 - no secret


def run(relay: Relay) -> None:
    """Run a relay in the main thread until SIGTERM or SIGINT."""
    for received in (signal.SIGTERM, signal.SIGINT):
        signal.signal(received, lambda *_: relay.stop())
    log.info("relay_started")
    relay.run()
    log.info("relay_stopped")


def _unsaid(raw: dict[str, Any]) -> list[Delivery]:
    entries = [entry for entry in raw["handled"] if entry.get("pending")]
    return [Delivery.of(event) for entry in entries for event in stored_events(entry)]


def _said(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "pending"}
