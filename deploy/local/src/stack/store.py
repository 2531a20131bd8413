"""SecantusDB, the embedded document store, as a process of its own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from stack.paths import PROGRAMS
from stack.processes import Command

if TYPE_CHECKING:
    from pathlib import Path

PING_TIMEOUT_MS = 1000

#: At its default limit of 100,000 oplog entries every single write prunes the oplog and takes 20 ms.
OPLOG_ENTRIES = 2000


@dataclass(frozen=True)
class Store:
    """One store.

    Attributes:
        directory: its data and configuration.
        port: on loopback.
    """

    directory: Path
    port: int

    @property
    def mongo_url(self) -> str:
        """Return the address that services connect to: every write is journaled before it is confirmed."""
        return f"mongodb://127.0.0.1:{self.port}/?w=majority&journal=true"

    def command(self) -> Command:
        """Return the command of the store."""
        argv = [
            str(PROGRAMS / "secantusd-py"),
            *("--config", str(self.directory / "secantusd.toml")),
            *("--host", "127.0.0.1", "--port", str(self.port)),
            *("--storage-path", str(self.directory / "data")),
            *("--oplog-max-entries", str(OPLOG_ENTRIES)),
            *("--log-level", "WARNING"),
            "--standalone",
        ]
        environment = {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
        return Command("store", tuple(argv), self.directory, environment)


def write_files(store: Store) -> None:
    """Write an empty configuration, so that the store does not go looking for one in the user's home."""
    store.directory.mkdir(parents=True, exist_ok=True)
    (store.directory / "secantusd.toml").touch()


def answers(store: Store) -> bool:
    """Tell whether the store answers a ping."""
    try:
        with MongoClient[dict[str, object]](
            store.mongo_url,
            serverSelectionTimeoutMS=PING_TIMEOUT_MS,
            connectTimeoutMS=PING_TIMEOUT_MS,
            socketTimeoutMS=PING_TIMEOUT_MS,
        ) as client:
            client.admin.command("ping")
    except PyMongoError:
        return False
    return True
