"""Celery: late acknowledgement, confirmed publishing, quorum queues, nothing that is not needed."""

from __future__ import annotations

from typing import Any

from celery import Celery
from kombu import Exchange, Queue
from pymongo import MongoClient

from messaging import job
from messaging.workers import store

app = Celery(job.SERVICE, broker=store.AMQP_URL)
app.conf.update(
    task_queues=[
        Queue(
            job.QUEUE,
            Exchange(job.EVENTS_EXCHANGE, type="topic"),
            routing_key=job.EVENT,
            queue_arguments=job.ARGUMENTS,
        ),
        Queue(
            job.FOLLOW_UPS,
            Exchange(job.FOLLOW_UPS_EXCHANGE, type="topic"),
            routing_key=job.FOLLOW_UP,
            queue_arguments=job.ARGUMENTS,
        ),
    ],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_acks_on_failure_or_timeout=False,
    task_ignore_result=True,
    task_send_sent_event=False,
    worker_send_task_events=False,
    worker_prefetch_multiplier=2,
    broker_transport_options={"confirm_publish": True},
    # A publish holds a connection until it is confirmed; the default of 10 would limit the tasks to that.
    broker_pool_limit=store.CONCURRENCY,
    broker_connection_retry_on_startup=True,
)

_client: MongoClient[dict[str, Any]] = MongoClient(
    store.MONGO_URL, maxPoolSize=store.CONCURRENCY, connect=False
)
_things = _client[store.DATABASE][job.THINGS]


@app.task(name="on_thing_happened")  # type: ignore[untyped-decorator]  # celery publishes no types
def on_thing_happened(told: dict[str, Any]) -> None:
    """Record it."""
    app.send_task("on_thing_recorded", args=[store.effect(_things, told)], queue=job.FOLLOW_UPS)
