"""Dramatiq: threads, confirmed publishing, quorum queues, of its middleware only the retries."""

from __future__ import annotations

from typing import Any

import dramatiq
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.middleware import Retries
from pymongo import MongoClient

from messaging import job
from messaging.workers import store


class QuorumBroker(RabbitmqBroker):
    """Dramatiq has no option for queue arguments; this does nothing else."""

    def _build_queue_arguments(self, queue_name: str) -> dict[str, Any]:
        return dict(job.ARGUMENTS)


broker = QuorumBroker(url=store.AMQP_URL, confirm_delivery=True, middleware=[Retries()])
dramatiq.set_broker(broker)

_client: MongoClient[dict[str, Any]] = MongoClient(
    store.MONGO_URL, maxPoolSize=store.CONCURRENCY, connect=False
)
_things = _client[store.DATABASE][job.THINGS]


@dramatiq.actor(queue_name=job.QUEUE)
def on_thing_happened(told: dict[str, Any]) -> None:
    """Record it."""
    said = store.effect(_things, told)
    broker.enqueue(dramatiq.Message(job.FOLLOW_UPS, "on_thing_recorded", (said,), {}, {}))
