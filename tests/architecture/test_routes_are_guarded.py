"""Every route says who may use it, what it takes and what it gives; what is public is listed here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chassis.auth import PUBLIC, Permission, Role
from chassis.http import PageQuerySchema, Route
from chassis.openapi import describe
from chassis.service import Service

#: Served by every service itself, without a token and without anybody's data.
OF_EVERY_SERVICE = {"/livez", "/readyz", "/metrics", "/openapi.json"}
#: Callers who prove themselves by a signature, or a secret in the path. Think twice before a line is added.
SIGNED = {
    ("defenses", "GET", "/v1/calendars/<district>/<feed_id>/<secret>.ics"),
    ("notifications", "GET", "/webhooks/unsubscribe"),
    ("notifications", "POST", "/webhooks/unsubscribe"),
    ("notifications", "POST", "/webhooks/email/events"),
    ("notifications", "GET", "/v1/family-calendars/<district>/<guardian_id>/<secret>.ics"),
    ("notifications", "POST", "/webhooks/sms/inbound"),
    ("notifications", "POST", "/webhooks/sms/status"),
}


@pytest.fixture
def routes(service: type[Service]) -> list[Route]:
    return [route for _, route in service.routes()]


def test_every_route_has_a_permission_and_only_public_ones_need_no_role(routes: list[Route]) -> None:
    for route in routes:
        assert isinstance(route.permission, Permission), route.path
        assert route.permission is PUBLIC or (route.permission.name and route.permission.roles), route.path


def test_nothing_else_is_public(service_name: str, routes: list[Route]) -> None:
    public = {(service_name, route.method, route.path) for route in routes if route.permission is PUBLIC}

    ours = {(service_name, "GET", path) for path in OF_EVERY_SERVICE}
    assert public - ours == {signed for signed in SIGNED if signed[0] == service_name}
    assert ours <= public


def test_a_permission_means_the_same_wherever_it_is_asked(
    service_names: list[str], load_service: Callable[[str], type[Service]]
) -> None:
    roles: dict[str, set[frozenset[Role]]] = defaultdict(set)
    for name in service_names:
        for _, route in load_service(name).routes():
            roles[route.permission.name].add(route.permission.roles)

    assert {name: found for name, found in roles.items() if len(found) > 1} == {}


def test_no_path_is_served_by_two_services(
    service_names: list[str], load_service: Callable[[str], type[Service]]
) -> None:
    serving: dict[str, set[str]] = defaultdict(set)
    for name in service_names:
        for _, route in load_service(name).routes():
            serving[route.path].add(name)

    twice = {path: names for path, names in serving.items() if len(names) > 1}
    assert set(twice) == OF_EVERY_SERVICE


def test_no_route_is_declared_twice(routes: list[Route]) -> None:
    declared = [(route.method, route.path) for route in routes]

    assert sorted(set(declared)) == sorted(declared)


def test_every_path_is_versioned_or_a_webhook(routes: list[Route]) -> None:
    paths = {route.path for route in routes} - OF_EVERY_SERVICE

    assert [path for path in sorted(paths) if not path.startswith(("/v1/", "/webhooks/"))] == []


def test_reads_are_gets_without_a_body_and_lists_are_pages(routes: list[Route]) -> None:
    for route in routes:
        assert route.method in {"GET", "POST", "PUT", "DELETE"}, route.path
        if route.method == "GET":
            assert route.body is None, route.path
        if route.returns is not None and "next_cursor" in route.returns().fields:
            assert route.query is not None, route.path
            assert issubclass(route.query, PageQuerySchema), route.path


def test_every_write_takes_an_idempotency_key_but_for_webhooks(service: type[Service]) -> None:
    document = describe(service.title, [route for _, route in service.routes()])

    without = [
        (method, path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method != "get"
        and not path.startswith("/webhooks/")
        and "Idempotency-Key" not in {each["name"] for each in operation["parameters"]}
    ]
    assert without == []


def test_every_route_says_in_a_sentence_what_it_does(routes: list[Route]) -> None:
    assert [route.path for route in routes if not route.summary.endswith(".")] == []


def test_the_services_description_is_valid_openapi_3_1(service: type[Service]) -> None:
    document = describe(service.title, [route for _, route in service.routes()])

    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")
