"""A district's roster in the artifacts service's database, and the service on top of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from artifacts.commands import roster
from chassis import mongo
from stack.demo.district import demo_shape, generate
from stack.demo.oneroster import write_bundle

Import = Callable[..., Result]


@pytest.fixture(scope="session")
def demo_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    write_bundle(folder, generate(demo_shape()))
    return folder


@pytest.fixture
def roster_import(mongo_url: str, database: str) -> Import:
    """Run `backpack roster import` in this process, on the database of the test's artifacts service."""

    def run(*arguments: Any, district: str = "jcps") -> Result:
        return CliRunner(env={"MONGO_URL": mongo_url, "MONGO_DATABASE": f"{database}_artifacts"}).invoke(
            roster, ["import", *map(str, arguments), "--district", district], catch_exceptions=False
        )

    return run


@pytest.fixture(autouse=True)
def _disconnected() -> Iterator[None]:
    """Let each test connect to its own database."""
    yield
    mongo.disconnect()
