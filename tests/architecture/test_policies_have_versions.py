"""A district's rules are versioned data: each file is a list of versions, and one is in force."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

POLICIES = sorted(Path(__file__).parents[2].glob("services/*/src/*/policy/*.json"))
#: Before the district's first season with the platform.
FIRST_DAY = date(2026, 7, 1)


@pytest.fixture(params=POLICIES, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def versions(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads(request.param.read_text(encoding="utf-8"))
    return loaded


def test_there_are_policies() -> None:
    assert POLICIES


def test_every_version_has_its_own_name_and_its_first_day(versions: list[dict[str, Any]]) -> None:
    names = [version["version"] for version in versions]
    starts = [date.fromisoformat(version["effective"]) for version in versions]

    assert len(set(names)) == len(names) > 0
    assert len(set(starts)) == len(starts)


def test_a_version_is_in_force_from_the_first_season_on(versions: list[dict[str, Any]]) -> None:
    assert min(date.fromisoformat(version["effective"]) for version in versions) <= FIRST_DAY
