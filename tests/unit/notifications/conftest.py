"""Makes the examples importable for the tests beside them, and gives each test its own."""

import pytest
from tests.unit.notifications.notification_examples import (
    Examples,
    PlainRenderer,
    ScriptedGateway,
    World,
)


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
