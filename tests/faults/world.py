"""Everything that a run consists of, and what all faults do with it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from pymongo import MongoClient
from tests.faults.account import Account, Balance
from tests.faults.fleet import DATABASE, Fleet
from tests.faults.load import Load
from tests.faults.parked import Parking
from tests.faults.servers import BrokerServer, Proxy, StoreServer

_SETTLE_S = 120.0

log = structlog.get_logger()


class World:
    """A broker, a store, a wire between, the ledger's processes, and load."""

    def __init__(self, directory: Path, seed: int, *, services: int = 2, twice: bool = False) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a seeded run
        #: The number of the fault that goes on, from 1.
        self.fault = 0
        self._closing: list[Callable[[], None]] = []
        try:
            self._build(directory, seed, services=services, twice=twice)
        except BaseException:
            self.close()
            raise

    def _build(self, directory: Path, seed: int, *, services: int, twice: bool) -> None:
        self.broker = self._closed_later(BrokerServer(_folder(directory / "broker")))
        self.store = self._closed_later(StoreServer(_folder(directory / "store")), "kill")
        self.proxy = self._closed_later(Proxy(self.broker, self.store))
        always = {"DELIVER_TWICE": "1"} if twice else {}
        self.fleet = self._closed_later(
            Fleet(_folder(directory / "fleet"), self.broker, self.store, self.proxy, always)
        )
        self.fleet.launch(services=services)
        self.client = self._closed_later(MongoClient[dict[str, Any]](self.store.mongo_url, tz_aware=True))
        self.effects = self.client[DATABASE]["effects"]
        self.account = Account(self.client[DATABASE])
        self.parking = Parking(self.broker.amqp_url, seed)
        self.load = self._closed_later(
            Load(self.account, self.fleet, self.broker.amqp_url, seed, twice=twice)
        )

    def _closed_later(self, part: Any, method: str = "close") -> Any:
        self._closing.append(getattr(part, method))
        return part

    def close(self) -> None:
        """End everything, the last first."""
        while self._closing:
            self._closing.pop()()

    def begin(self, fault: int, budget: int) -> None:
        """Note that the next fault begins, during which so many events may be told in all."""
        self.fault = self.load.fault = fault
        self.load.budget = budget

    def flow(self, count: int, *, timeout_s: float = 10.0) -> None:
        """Let so many more events be told and accepted, or wait as long as that may take."""
        target = self.account.told + count
        wait_for(lambda: self.account.told >= target, timeout_s)

    def endure(self, seconds: float) -> None:
        """Let a fault last, while the load goes on."""
        time.sleep(seconds)

    def heal(self) -> None:
        """Bring back whatever is missing."""
        self.broker.start()
        self.store.start()
        for route in ("broker", "store"):
            self.proxy.behave(route, "open")
        self.fleet.heal()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Stop the load and wait until every queue is empty, for what would lose messages otherwise."""
        with self.load.paused():
            assert wait_for(self.is_empty, _SETTLE_S), f"queues do not empty: {self.depths()}"
            yield

    def is_empty(self) -> bool:
        return not any(self.depths().values()) and not self.account.pending()

    def depths(self) -> dict[str, int]:
        """Return the queues that hold something, parking apart."""
        found = self.broker.messages()
        return {name: count for name, count in found.items() if count and not name.endswith(".parking")}

    def settle(self, names: list[str], *, whole: bool = False) -> Balance:
        """Bring everything to rest and compare what was told with what became of it.

        Returns:
            The balance, which is even unless something is wrong: what is missing is waited for.
        """
        self.heal()
        deadline = time.monotonic() + _SETTLE_S
        while True:
            self._miss_nobody()
            rested = self.load.pause()
            if not wait_for(self.is_empty, 10):
                log.info("queues_are_not_empty_yet", **self.depths(), pending=self.account.pending())
            self.parking.settle()
            if self.is_empty():
                balance = self.account.balance(names, whole=whole)
                done = rested and balance.is_even and not self.parking.missing()
                if done or time.monotonic() > deadline:
                    return balance
            elif time.monotonic() > deadline:
                return self.account.balance(names, whole=whole)
            time.sleep(0.5)

    def _miss_nobody(self) -> None:
        """Bring back who died although nothing was done to it, which is a finding."""
        for each in self.fleet.dead():
            status = None if each.process is None else each.process.returncode
            self.load.surprises.append(f"{each.name} ended by itself with status {status}")
            log.error("ended_by_itself", name=each.name, status=status)
        self.fleet.heal()


def wait_for(condition: Callable[[], Any], timeout_s: float) -> bool:
    """Wait for a condition; False if it does not come true in time, or cannot be asked for."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
