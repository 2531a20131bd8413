"""The ledger, a small service that behaves badly on demand, as a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient

from probe import Probe
from stack import broker as brokers
from stack import testing

PROGRAMS = Path(__file__).parents[2] / "programs"

#: Steps of whole seconds, so that the ladder is climbed in a test's time.
QUICK = {"RETRY_DELAYS_S": "1,2", "PYTHONPATH": str(PROGRAMS)}


StartLedger = Callable[..., Any]


@pytest.fixture(scope="module")
def amqp_url(broker: testing.BrokerAddress) -> Iterator[str]:
    """Give one module's tests a virtual host; tests do not share things, so they may share a ledger."""
    name = f"chassis-{uuid4().hex}"
    yield brokers.add_vhost(broker.node, name)
    brokers.remove_vhost(broker.node, name)


@pytest.fixture(scope="module")
def ledger_database() -> str:
    return f"test_{uuid4().hex}"


@pytest.fixture(scope="module")
def probe(amqp_url: str, store: testing.StoreAddress, ledger_database: str) -> Iterator[Probe]:
    with MongoClient[dict[str, Any]](store.mongo_url, tz_aware=True) as client:
        found = Probe(amqp_url, client[ledger_database])
        yield found
        found.close()


@pytest.fixture(scope="module")
def start_ledger(
    tmp_path_factory: pytest.TempPathFactory, amqp_url: str, store: testing.StoreAddress, ledger_database: str
) -> StartLedger:
    def start(*, ready: str = "/readyz", **extra_env: str) -> Any:
        return testing.running_service(
            "ledger",
            tmp_path_factory.mktemp("ledger"),
            amqp_url=amqp_url,
            mongo_url=store.mongo_url,
            database=ledger_database,
            extra_env={**QUICK, **extra_env},
            ready=ready,
        )

    return start


@pytest.fixture(scope="module")
def ledger(start_ledger: StartLedger) -> Iterator[testing.ServiceAddress]:
    with start_ledger() as address:
        yield address


@pytest.fixture
def thing() -> str:
    """Name a thing of which no other test has heard."""
    return uuid4().hex
