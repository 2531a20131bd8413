"""The base of every service: settings, collaborators, health, metrics and its own description."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from nameko.extensions import DependencyProvider
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.wrappers import Response

from chassis import openapi
from chassis.auth import PUBLIC
from chassis.health import Health, HealthProvider
from chassis.http import Call, Route, RouteHandler, route
from chassis.messaging import ContractHandler
from chassis.outbox import UnitOfWork
from chassis.settings import ChassisSettings, ChassisSettingsSchema
from contracts.base import Contract

Built = TypeVar("Built")


class _Provided(DependencyProvider):
    """Builds a collaborator once a process and gives it to every call."""

    def __init__(self, build: Callable[[Any], Any]) -> None:
        self.build = build
        self.built: Any = None

    def setup(self) -> None:
        """Build it, before anything is served."""
        self.built = self.build(self.container.config["SETTINGS"])

    def get_dependency(self, worker_ctx: Any) -> Any:
        """Give it."""
        return self.built


def provides(build: Callable[[Any], Built]) -> Built:
    """Declare a collaborator of a service, built once from its settings."""
    provided: Any = _Provided(build)
    return provided  # type: ignore[no-any-return]  # nameko puts what was built in its place


class Service:
    """What every service serves besides its own.

    Attributes:
        name: the service's name, its queues' prefix.
        title: how the OpenAPI document calls it.
        settings_schema: the environment that it needs.
        problems: domain errors with the HTTP status that they become; an unlisted one is a 500.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    settings_schema: ClassVar[type[ChassisSettingsSchema]] = ChassisSettingsSchema
    problems: ClassVar[Mapping[type[BaseException], int]] = {}

    settings: Any = _Provided(lambda settings: settings)
    health: Health = HealthProvider()

    def work_for(self, district: str, cause: str) -> UnitOfWork:
        """Return the unit of work of a timer; the relay publishes what it leads to."""
        return UnitOfWork(district=district, cause=f"timer:{cause}", repeats=False)

    @classmethod
    def handlers(cls) -> list[tuple[Contract[Any], str]]:
        """Return the contract and method of each event handler."""
        return [
            (entrypoint.contract, method)
            for method, entrypoint in _entrypoints(cls)
            if isinstance(entrypoint, ContractHandler)
        ]

    @classmethod
    def routes(cls) -> list[tuple[str, Route]]:
        """Return the method name and route of each HTTP entrypoint."""
        return [
            (method, entrypoint.route)
            for method, entrypoint in _entrypoints(cls)
            if isinstance(entrypoint, RouteHandler)
        ]

    @route("GET", "/livez", permission=PUBLIC)
    def say_alive(self, call: Call) -> Response:
        """Say that the process runs."""
        return _json({"status": "alive"}, 200)

    @route("GET", "/readyz", permission=PUBLIC)
    def say_ready(self, call: Call) -> Response:
        """Say whether the process can do its work, and if not, what is missing."""
        missing = self.health.missing()
        return _json(
            {"status": "not ready" if missing else "ready", "missing": missing}, 503 if missing else 200
        )

    @route("GET", "/metrics", permission=PUBLIC, produces="text/plain")
    def show_metrics(self, call: Call) -> Response:
        """Show the process's metrics for Prometheus."""
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    @route("GET", "/openapi.json", permission=PUBLIC)
    def show_openapi(self, call: Call) -> Response:
        """Show this description."""
        return _json(openapi.describe(self.title, [found for _, found in self.routes()]), 200)


def _entrypoints(service: type[Service]) -> list[tuple[str, Any]]:
    methods = inspect.getmembers(service, inspect.isfunction)
    return [(name, found) for name, method in methods for found in getattr(method, "nameko_entrypoints", ())]


def _json(document: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(document), status=status, content_type="application/json")


__all__ = ["ChassisSettings", "Service", "provides"]
