"""The connection to the document store, and its errors in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import mongoengine
from pymongo import MongoClient
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)

from chassis.errors import StoreUnavailableError

_TRANSIENT = (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)


def connect(url: str, database: str) -> MongoClient[dict[str, Any]]:
    """Connect mongoengine's default alias; the URL carries the write concern.

    Args:
        url: such as `mongodb://host:27017/?w=majority&journal=true`.
        database: the service's own.
    """
    client: MongoClient[dict[str, Any]] = mongoengine.connect(
        database,
        host=url,
        tz_aware=True,
        uuidRepresentation="standard",
        serverSelectionTimeoutMS=5_000,
        connectTimeoutMS=5_000,
        socketTimeoutMS=20_000,
        waitQueueTimeoutMS=10_000,
        maxPoolSize=50,
    )
    return client


def disconnect() -> None:
    """Close the connection, and let every document forget it.

    mongoengine finds documents by the name of their class, which two services may share.
    """
    mongoengine.disconnect_all()
    classes = [mongoengine.Document]
    while classes:
        document = classes.pop()
        classes.extend(document.__subclasses__())
        document._collection = None  # noqa: SLF001 - what mongoengine does to those it finds


def ping() -> None:
    """Ask the store whether it answers, and takes what we write.

    Raises:
        StoreUnavailableError: if it does not; a secondary that is left after a failover answers, but takes
            nothing.
    """
    with translated():
        told = mongoengine.get_connection().admin.command("hello")
    if not told["isWritablePrimary"]:
        raise StoreUnavailableError("the document store: this node takes no writes")


def answers() -> bool:
    """Tell whether the store answers."""
    try:
        ping()
    except StoreUnavailableError:
        return False
    return True


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors that may pass by themselves into StoreUnavailableError."""
    try:
        yield
    except _TRANSIENT as error:
        raise StoreUnavailableError(f"the document store: {type(error).__name__}") from error
