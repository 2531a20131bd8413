"""Makes the examples importable for the tests beside them, and gives each test its own."""

import pytest
from tests.unit.notifications.notification_digests import Household
from tests.unit.notifications.notification_examples import (
    Examples,
    PlainRenderer,
    ScriptedGateway,
    World,
)
from tests.unit.notifications.notification_reach import TEXTS_IN_RESERVE, WatchedService


@pytest.fixture
def make() -> Examples:
    return Examples()


@pytest.fixture
def world(make: Examples) -> World:
    return World(make)


@pytest.fixture
def renderer() -> PlainRenderer:
    return PlainRenderer()


@pytest.fixture
def gateway() -> ScriptedGateway:
    return ScriptedGateway()


@pytest.fixture
def watched(make: Examples) -> WatchedService:
    return WatchedService(make)


@pytest.fixture
def thrifty(make: Examples) -> WatchedService:
    """A service of a district that uses texts only where email does not reach."""
    return WatchedService(make, TEXTS_IN_RESERVE)


@pytest.fixture
def household(make: Examples) -> Household:
    return Household(make)
