"""A running notifications service between a real broker, store, mail relay and SMS provider."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from tests.integration.notifications.notifications_season import Season

from stack import broker as brokers
from stack import testing

#: More than there are tests: each has a district of its own, and a service reads policies when it starts.
DISTRICTS = 100


@dataclass(frozen=True)
class Running:
    """The service, the virtual host that it listens on, and districts in which changes settle at once.

    In all but `quiet_district` messages go out at any time of the day.
    """

    service: testing.ServiceAddress
    amqp_url: str
    districts: Iterator[str]
    quiet_district: str


def _districts(policies: Path) -> list[str]:
    """Write a policy for each district, and return their names."""
    packaged = json.loads((files("notifications") / "policy" / "delivery.json").read_text())
    hours = json.loads((files("notifications") / "policy" / "hours.json").read_text())
    for version in packaged:
        version["waiting"]["settle_s"] = 0
    for version in hours:
        # Tests run at any time of the day, and what waits would wait for the morning.
        version["quiet"] = {}
    names = [f"district-{uuid4().hex[:12]}" for _ in range(DISTRICTS)]
    for name in names:
        (policies / name).mkdir()
        (policies / name / "delivery.json").write_text(json.dumps(packaged))
        (policies / name / "hours.json").write_text(json.dumps(hours))
    (policies / names[-1] / "hours.json").write_text(json.dumps(_always_quiet(hours)))
    return names


def _always_quiet(hours: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return hours in which texts wait at whatever time of the day a test runs, for some minutes at least."""
    now = datetime.now(ZoneInfo("America/Kentucky/Louisville"))
    clocks = {
        "starts": f"{now - timedelta(hours=1):%H:%M}",
        "ends": f"{now + timedelta(hours=6):%H:%M}",
    }
    return [{**version, "quiet": {"sms": clocks}} for version in hours]


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
        yield Running(service, amqp_url, iter(districts[:-1]), districts[-1])
    brokers.remove_vhost(broker.node, vhost)


@pytest.fixture
def season_in(
    running: Running,
    store: testing.StoreAddress,
    mail_sink: testing.MailSink,
    sms_simulator: testing.SmsSimulator,
) -> Iterator[Callable[[str], Season]]:
    """Return what makes a season in a district."""
    with ExitStack() as made:

        def make(district: str) -> Season:
            around = Season(
                running.service,
                running.amqp_url,
                store.mongo_url,
                mail_sink,
                sms_simulator,
                district=district,
            )
            made.callback(around.close)
            return around

        yield make


@pytest.fixture
def season(running: Running, season_in: Callable[[str], Season]) -> Season:
    return season_in(next(running.districts))


@pytest.fixture
def quiet_season(running: Running, season_in: Callable[[str], Season]) -> Season:
    """Give a season in which it is night: texts wait."""
    return season_in(running.quiet_district)
