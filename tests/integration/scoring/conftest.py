"""One scoring service and relay for all tests; each test has a district, and so people, of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from tests.integration.scoring.scoring_district import DISTRICTS, KINDS, Caller, District, write_policy

from stack import broker as brokers
from stack import testing

#: Districts are numbered, because their policies must be there before the service starts.
_numbers = count()


@pytest.fixture(scope="session")
def scoring_vhost(broker: testing.BrokerAddress) -> Iterator[str]:
    name = f"test-{uuid4().hex}"
    yield brokers.add_vhost(broker.node, name)
    brokers.remove_vhost(broker.node, name)


@pytest.fixture(scope="session")
def scoring(
    scoring_vhost: str, store: testing.StoreAddress, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[testing.ServiceAddress]:
    place: dict[str, Any] = {
        "amqp_url": scoring_vhost,
        "mongo_url": store.mongo_url,
        "database": f"test_{uuid4().hex}",
    }
    folder = tmp_path_factory.mktemp("scoring")
    policies = tmp_path_factory.mktemp("policies")
    for kind in KINDS:
        for number in range(DISTRICTS):
            write_policy(policies / f"{kind}{number:03}", kind)
    with (
        testing.running_service(
            "scoring", folder, **place, extra_env={"POLICY_DIR": str(policies)}
        ) as service,
        testing.running_relay("scoring", folder, **place),
    ):
        yield service


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> str:
    """The district's rules, one of KINDS; a test asks for others by parametrizing this."""
    return getattr(request, "param", "once")


@pytest.fixture
def district(scoring: testing.ServiceAddress, scoring_vhost: str, kind: str) -> Iterator[District]:
    found = District(scoring_vhost, f"{kind}{next(_numbers):03}")
    yield found
    found.close()


@pytest.fixture
def caller(scoring: testing.ServiceAddress, district: District) -> Callable[..., Caller]:
    """Give somebody of the test's district, by their id without its name."""

    def called(subject: str, role: str, students: list[str] | None = None, of: str = "") -> Caller:
        seen = None if students is None else [district.id(each) for each in students]
        return Caller(scoring.url, scoring.token(district.id(subject), role, seen, of or district.name))

    return called
