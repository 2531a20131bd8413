"""The real broker, store, mail sink and SMS simulator, each started once a session, when first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from stack import broker as brokers
from stack import testing

if TYPE_CHECKING:
    from collections.abc import Iterator


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
