"""The limit: py-amqp and pymongo in batches, with nothing between them. Nobody would write services so."""

from __future__ import annotations

import json
import signal
import sys
from typing import Any

from pymongo import InsertOne, MongoClient, UpdateOne

from messaging import job
from messaging.pipeline import Outgoing, Pipeline
from messaging.workers import store

BATCH = store.CONCURRENCY
#: A batch that does not fill goes out after this time.
LINGER_S = 0.002


class Limit:
    """Takes a batch of messages, writes all documents, says all follow-ups and acknowledges, each at once."""

    def __init__(self) -> None:
        self._client: MongoClient[dict[str, Any]] = MongoClient(store.MONGO_URL)
        self._things = self._client[store.DATABASE][job.THINGS]
        self._consuming = Pipeline(store.AMQP_URL)
        self._publishing = Pipeline(store.AMQP_URL)
        self._taken: list[Any] = []

    def run(self) -> None:
        """Work until killed."""
        channel = self._consuming.channel
        channel.basic_qos(0, 2 * BATCH, a_global=False)
        channel.basic_consume(job.QUEUE, callback=self._take)
        while True:
            try:
                self._consuming.connection.drain_events(timeout=LINGER_S if self._taken else 1)
            except TimeoutError:
                self._flush()

    def _take(self, message: Any) -> None:
        self._taken.append(message)
        if len(self._taken) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        if not self._taken:
            return
        told = [json.loads(message.body) for message in self._taken]
        follow_ups = self._inserted(told) if store.JOB == job.INSERT else self._updated(told)
        outgoing = [Outgoing(job.encoded(each), {"content_type": "application/json"}) for each in follow_ups]
        self._publishing.publish(job.FOLLOW_UPS_EXCHANGE, job.FOLLOW_UP, outgoing)
        self._consuming.channel.basic_ack(self._taken[-1].delivery_tag, multiple=True)
        self._taken = []

    def _inserted(self, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self._things.bulk_write([InsertOne(job.document(each)) for each in told], ordered=False)
        return [job.follow_up(each, 1) for each in told]

    def _updated(self, told: list[dict[str, Any]]) -> list[dict[str, Any]]:
        ids = [each["data"]["thing_id"] for each in told]
        versions = {found["_id"]: found["version"] for found in self._things.find({"_id": {"$in": ids}})}
        operations = [
            UpdateOne(
                {"_id": thing_id, "version": versions[thing_id]}, store.change(each, versions[thing_id])
            )
            for thing_id, each in zip(ids, told, strict=True)
        ]
        if self._things.bulk_write(operations, ordered=False).matched_count != len(told):
            raise store.VersionConflictError
        return [job.follow_up(each, versions[each["data"]["thing_id"]] + 1) for each in told]


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Limit().run()
