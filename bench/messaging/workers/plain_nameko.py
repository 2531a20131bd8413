"""Plain nameko: `event_handler` and `EventDispatcher`, with the options that a careful team would set."""

from __future__ import annotations

import eventlet

eventlet.monkey_patch()

import signal  # noqa: E402 - after patching
from typing import Any  # noqa: E402 - after patching

from kombu import pools  # noqa: E402 - after patching
from kombu.entity import Queue  # noqa: E402 - after patching
from nameko.events import EventDispatcher, EventHandler  # noqa: E402 - after patching
from nameko.extensions import DependencyProvider  # noqa: E402 - after patching
from nameko.runners import ServiceRunner  # noqa: E402 - after patching
from pymongo import MongoClient  # noqa: E402 - after patching

from messaging import job  # noqa: E402 - after patching
from messaging.workers import store  # noqa: E402 - after patching

# A dispatch holds a connection until it is confirmed; the default of 10 would limit the workers to that.
pools.set_limit(store.CONCURRENCY)


class Things(DependencyProvider):
    """The collection."""

    def setup(self) -> None:
        client: MongoClient[dict[str, Any]] = MongoClient(store.MONGO_URL, maxPoolSize=store.CONCURRENCY)
        self.things = client[store.DATABASE][job.THINGS]

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self.things


class QuorumEventHandler(EventHandler):
    """nameko cannot give a handler's queue arguments; this does nothing else."""

    queue: Any

    def setup(self) -> None:
        super().setup()
        self.queue = Queue(
            self.queue.name,
            exchange=self.queue.exchange,
            routing_key=self.event_type,
            durable=True,
            queue_arguments=job.ARGUMENTS,
        )


class RecorderService:
    """Records things."""

    name = job.SERVICE
    things = Things()
    dispatch = EventDispatcher(mandatory=True)

    @QuorumEventHandler.decorator("bench", job.EVENT, requeue_on_error=True)
    def on_thing_happened(self, told: dict[str, Any]) -> None:
        """Record it."""
        self.dispatch(job.FOLLOW_UP, store.effect(self.things, told))


if __name__ == "__main__":
    runner = ServiceRunner({"AMQP_URI": store.AMQP_URL, "max_workers": store.CONCURRENCY})
    runner.add_service(RecorderService)
    signal.signal(signal.SIGTERM, lambda *_: eventlet.spawn_n(runner.stop))
    runner.start()
    runner.wait()
