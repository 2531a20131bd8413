"""The defenses service as a process, what other services tell it, and its callers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from tests.integration.defenses.defenses_world import Caller, World

from stack.testing import ServiceAddress


@pytest.fixture
def defenses(service: Callable[..., ServiceAddress], fast_policy: Path) -> ServiceAddress:
    return service("defenses", POLICY_DIR=str(fast_policy), PLANNER_LEASE_S="2")


@pytest.fixture
def fast_policy(tmp_path: Path) -> Path:
    """A district that searches for a second only, and where nobody is placed unless somebody asks for it."""
    [changes] = json.loads((files("defenses") / "policy" / "changes.json").read_text())
    folder = tmp_path / "policy" / "jcps"
    folder.mkdir(parents=True)
    (folder / "season.json").write_text(
        """[{"version": "1", "effective": "2020-07-01", "year_starts": "07-01",
             "search": {"seconds": 2, "workers": 2, "gap": 0.2},
             "weights": {"unscheduled": 1000, "block": 1, "over_target": 3, "move": 2}}]"""
    )
    (folder / "changes.json").write_text(json.dumps([{**changes, "late": None}]))
    return folder.parent


@pytest.fixture
def world(defenses: ServiceAddress, vhost: str) -> Iterator[World]:
    found = World(vhost)
    yield found
    found.close()


@pytest.fixture
def caller(defenses: ServiceAddress) -> Callable[..., Caller]:
    def called(role: str, students: list[str] | None = None, district: str = "jcps") -> Caller:
        return Caller(defenses.url, defenses.token("somebody", role, students, district))

    return called
