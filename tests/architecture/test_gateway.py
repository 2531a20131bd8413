"""The gateway: whatever a service serves can be reached through it, and goes to that service alone."""

from __future__ import annotations

from chassis.service import Service
from stack.gateway import COMMON, PREFIXES


def test_every_route_of_a_service_is_reached_through_the_gateway(service: type[Service]) -> None:
    own = [found.path for _, found in service.routes() if found.path.removeprefix("/") not in COMMON]

    assert [path for path in own if not path.startswith(PREFIXES[service.name])] == []


def test_no_route_goes_to_two_services(service: type[Service]) -> None:
    others = tuple(prefix for name, known in PREFIXES.items() if name != service.name for prefix in known)

    assert [found.path for _, found in service.routes() if found.path.startswith(others)] == []
