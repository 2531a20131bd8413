"""A running notifications service between a real broker, store, mail relay and SMS provider."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import pytest
from tests.integration.notifications.notifications_season import Season

from stack import broker as brokers
from stack import testing

#: More than there are tests: each has a district of its own, and a service reads policies when it starts.
DISTRICTS = 100


@dataclass(frozen=True)
class Running:
    """The service, the virtual host that it listens on, and districts in which changes settle at once."""

    service: testing.ServiceAddress
    amqp_url: str
    districts: Iterator[str]


def _districts(policies: Path) -> list[str]:
    """Write a policy for each district, and return their names."""
    packaged = json.loads((files("notifications") / "policy" / "delivery.json").read_text())
    for version in packaged:
        version["waiting"]["settle_s"] = 0
    names = [f"district-{uuid4().hex[:12]}" for _ in range(DISTRICTS)]
    for name in names:
        (policies / name).mkdir()
        (policies / name / "delivery.json").write_text(json.dumps(packaged))
    return names


@pytest.fixture(scope="session")
def running(
    broker: testing.BrokerAddress,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    sms_simulator: testing.SmsSimulator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Running]:
    """Start the service once for all tests."""
    policies = tmp_path_factory.mktemp("policies")
    districts = _districts(policies)
    vhost = f"notifications-{uuid4().hex}"
    amqp_url = brokers.add_vhost(broker.node, vhost)
    with testing.running_service(
        "notifications",
        tmp_path_factory.mktemp("notifications"),
        amqp_url=amqp_url,
        mongo_url=store.mongo_url,
        database=f"test_{uuid4().hex}",
        extra_env={
            **mail_sink.environment,
            **sms_simulator.environment,
            "POLICY_DIR": str(policies),
        },
    ) as service:
        yield Running(service, amqp_url, iter(districts))
    brokers.remove_vhost(broker.node, vhost)


@pytest.fixture
def season(
    running: Running,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    sms_simulator: testing.SmsSimulator,
) -> Iterator[Season]:
    around = Season(
        running.service,
        running.amqp_url,
        store.mongo_url,
        mail_sink,
        sms_simulator,
        district=next(running.districts),
    )
    yield around
    around.close()
