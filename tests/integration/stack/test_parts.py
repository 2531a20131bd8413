"""The broker and the store of the test fixtures are real."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pika
from pymongo import MongoClient

if TYPE_CHECKING:
    from stack.testing import BrokerAddress


def test_gives_each_test_a_virtual_host_of_its_own(vhost: str, broker: BrokerAddress) -> None:
    with pika.BlockingConnection(pika.URLParameters(vhost)) as connection:
        channel = connection.channel()
        channel.queue_declare("only-here", durable=True, arguments={"x-queue-type": "quorum"})
        channel.confirm_delivery()
        channel.basic_publish("", "only-here", b"hello", mandatory=True)
        _, _, body = channel.basic_get("only-here", auto_ack=True)

    assert body == b"hello"
    assert vhost != broker.amqp_url


def test_writes_to_the_store_are_journaled(mongo_url: str, database: str) -> None:
    with MongoClient[dict[str, object]](mongo_url) as client:
        collection = client[database]["things"]
        collection.insert_one({"_id": "one", "size_bytes": 3})
        found = collection.find_one({"_id": "one"})
        concern = collection.write_concern.document

    assert found == {"_id": "one", "size_bytes": 3}
    assert concern == {"w": "majority", "j": True}
