"""Health: what a process needs before it can do its work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import eventlet
from nameko.extensions import DependencyProvider

from chassis import mongo
from chassis.consumer import DrainingQueueConsumer
from chassis.errors import TransientError
from chassis.metrics import BROKER_BLOCKED
from chassis.outbox import utc_now

_PING_TIMEOUT_S = 3


class Health:
    """Knows what is missing in one process."""

    def __init__(self, container: Any) -> None:
        self._container = container

    @property
    def draining(self) -> bool:
        """Whether the process is to end: what goes on for long should begin nothing more."""
        return bool(self._container.config.get("DRAINING"))

    def missing(self) -> list[str]:
        """Return what is missing: draining, consumers, broker, store, relay; empty when ready."""
        return [name for name, failing in self._checks().items() if failing]

    def _checks(self) -> dict[str, bool]:
        consumer = self._container.shared_extensions.get(DrainingQueueConsumer)
        return {
            "draining": self.draining,
            "consumers": consumer is not None and not consumer.connected,
            "broker_blocked": bool(BROKER_BLOCKED._value.get()),  # noqa: SLF001 - a gauge has no reader
            "document_store": not _store_answers(),
            "outbox": self._outbox_is_old(),
        }

    def _outbox_is_old(self) -> bool:
        """Whether an event waits for the relay for longer than the limit."""
        config = self._container.config
        try:
            with eventlet.Timeout(_PING_TIMEOUT_S):
                oldest = mongo.oldest_pending(config["DOCUMENTS"])
        except (TransientError, eventlet.Timeout):
            return False  # the store is what is missing then
        limit = timedelta(seconds=config["SETTINGS"].outbox_limit_s)
        return oldest is not None and utc_now() - oldest > limit


def _store_answers() -> bool:
    try:
        with eventlet.Timeout(_PING_TIMEOUT_S):
            return mongo.answers()
    except eventlet.Timeout:
        return False


class HealthProvider(DependencyProvider):
    """Gives a service its health."""

    def get_dependency(self, worker_ctx: Any) -> Health:
        """Give it."""
        return Health(self.container)
