"""FastStream: asyncio with uvloop, no argument injection, as many handlers at once as are prefetched."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

import uvloop
from faststream import AckPolicy, FastStream
from faststream.rabbit import Channel, ExchangeType, RabbitBroker, RabbitExchange, RabbitQueue
from faststream.rabbit.schemas.queue import QueueType
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

from messaging import job
from messaging.workers import store

broker = RabbitBroker(
    store.AMQP_URL,
    default_channel=Channel(prefetch_count=store.CONCURRENCY, on_return_raises=True),
    apply_types=False,
    logger=None,
)
app = FastStream(broker, logger=None)
_client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(store.MONGO_URL, maxPoolSize=store.CONCURRENCY)
_things = _client[store.DATABASE][job.THINGS]
_follow_ups = RabbitExchange(job.FOLLOW_UPS_EXCHANGE, type=ExchangeType.TOPIC, durable=True)


@broker.subscriber(
    RabbitQueue(
        job.QUEUE, QueueType.QUORUM, durable=True, arguments=dict(job.ARGUMENTS), routing_key=job.EVENT
    ),
    RabbitExchange(job.EVENTS_EXCHANGE, type=ExchangeType.TOPIC, durable=True),
    ack_policy=AckPolicy.NACK_ON_ERROR,
)
async def on_thing_happened(told: dict[str, Any]) -> None:
    """Record it."""
    said = await effect(told)
    await broker.publish(said, exchange=_follow_ups, routing_key=job.FOLLOW_UP, persist=True, mandatory=True)


async def effect(told: dict[str, Any]) -> dict[str, Any]:
    """Insert or update one thing, as `store.effect` does; returns the follow-up."""
    if store.JOB == job.INSERT:
        # Delivered again, the document is there, and only its follow-up may be missing.
        with suppress(DuplicateKeyError):
            await _things.insert_one(job.document(told))
        return job.follow_up(told, 1)
    thing_id = told["data"]["thing_id"]
    found = await _things.find_one({"_id": thing_id})
    if found is None:
        raise LookupError(thing_id)
    version = found["version"]
    done = await _things.update_one({"_id": thing_id, "version": version}, store.change(told, version))
    if not done.matched_count:
        raise store.VersionConflictError
    return job.follow_up(told, version + 1)


if __name__ == "__main__":
    if os.environ.get("LOOP") == "asyncio":
        import asyncio

        asyncio.run(app.run())
    uvloop.run(app.run())
