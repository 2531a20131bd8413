"""The real broker, store, mail sink and SMS simulator, each started once a session, when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from stack import broker as brokers
from stack import testing


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[testing.BrokerAddress]:
    with testing.running_broker(tmp_path_factory.mktemp("broker")) as address:
        yield address


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[testing.StoreAddress]:
    with testing.running_store(tmp_path_factory.mktemp("store")) as address:
        yield address


@pytest.fixture(scope="session")
def mail_sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[testing.MailSink]:
    with testing.running_mail_sink(tmp_path_factory.mktemp("mail")) as sink:
        yield sink


@pytest.fixture(scope="session")
def sms_simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[testing.SmsSimulator]:
    with testing.running_sms(tmp_path_factory.mktemp("sms")) as simulator:
        yield simulator


@pytest.fixture
def vhost(broker: testing.BrokerAddress) -> Iterator[str]:
    """Give one test its own virtual host, as an AMQP address."""
    name = f"test-{uuid4().hex}"
    yield brokers.add_vhost(broker.node, name)
    brokers.remove_vhost(broker.node, name)


@pytest.fixture
def mongo_url(store: testing.StoreAddress) -> str:
    return store.mongo_url


@pytest.fixture
def database() -> str:
    """Give one test a database of its own; the whole store is thrown away at the end."""
    return f"test_{uuid4().hex}"


@pytest.fixture
def service(
    vhost: str, mongo_url: str, database: str, tmp_path: Path
) -> Iterator[Callable[..., testing.ServiceAddress]]:
    """Start services by name, `service("scoring", PREFETCH="1")`, on the test's vhost; stop them at its end.

    Each has a database of its own, `<database>_<name>`.
    """
    with ExitStack() as running:

        def start(name: str, **variables: str) -> testing.ServiceAddress:
            return running.enter_context(
                testing.running_service(
                    name,
                    tmp_path,
                    amqp_url=vhost,
                    mongo_url=mongo_url,
                    database=f"{database}_{name}",
                    extra_env=variables,
                )
            )

        yield start


@pytest.fixture
def relay(
    vhost: str, mongo_url: str, database: str, tmp_path: Path
) -> Iterator[Callable[..., testing.RelayAddress]]:
    """Start the relay of a service by its name, beside what `service` started; stop it at the test's end."""
    with ExitStack() as running:

        def start(name: str, **variables: str) -> testing.RelayAddress:
            return running.enter_context(
                testing.running_relay(
                    name,
                    tmp_path,
                    amqp_url=vhost,
                    mongo_url=mongo_url,
                    database=f"{database}_{name}",
                    extra_env=variables,
                )
            )

        yield start
