"""A running notifications service between a real broker, store, mail relay and SMS provider."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from tests.integration.notifications.notifications_season import Season

from stack import broker as brokers
from stack import testing


@dataclass(frozen=True)
class Running:
    """The service and the virtual host that it listens on."""

    service: testing.ServiceAddress
    amqp_url: str


@pytest.fixture(scope="session")
def running(
    broker: testing.BrokerAddress,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    sms_simulator: testing.SmsSimulator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    """Start the service once for all tests: each has a district of its own."""
    vhost = f"notifications-{uuid4().hex}"
    amqp_url = brokers.add_vhost(broker.node, vhost)
    with testing.running_service(
        "notifications",
        tmp_path_factory.mktemp("notifications"),
        amqp_url=amqp_url,
        mongo_url=store.mongo_url,
        database=f"test_{uuid4().hex}",
        extra_env={**mail_sink.environment, **sms_simulator.environment},
    ) as service:
        yield Running(service, amqp_url)
    brokers.remove_vhost(broker.node, vhost)


@pytest.fixture
def season(
    running: Running,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    sms_simulator: testing.SmsSimulator,
) -> Iterator[Season]:
    around = Season(running.service, running.amqp_url, store.mongo_url, mail_sink, sms_simulator)
    yield around
    around.close()
