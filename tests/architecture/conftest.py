from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from chassis.service import Service

_ROOT = Path(__file__).parents[2]
_SERVICES = sorted(path.parent.name for path in _ROOT.glob("services/*/pyproject.toml"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `service_name` once a service."""
    if "service_name" in metafunc.fixturenames:
        metafunc.parametrize("service_name", _SERVICES)


@pytest.fixture(scope="session")
def root() -> Path:
    """Give the checkout."""
    return _ROOT


@pytest.fixture(scope="session")
def service_names() -> list[str]:
    """Give the names of all services."""
    return _SERVICES


@pytest.fixture(scope="session")
def load_service() -> Callable[[str], type[Service]]:
    """Give a service's class by its name, as the `backpack` command finds it."""

    def load(name: str) -> type[Service]:
        [entry] = entry_points(group="backpack.services", name=name)
        found: type[Service] = entry.load()
        assert issubclass(found, Service)
        return found

    return load


@pytest.fixture
def service(service_name: str, load_service: Callable[[str], type[Service]]) -> type[Service]:
    """Give the class of the service at hand."""
    return load_service(service_name)


@pytest.fixture
def sources(service_name: str) -> Path:
    """Give the package folder of the service at hand."""
    return Path(importlib.import_module(service_name).__path__[0])
