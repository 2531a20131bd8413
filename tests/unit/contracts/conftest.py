from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_GOLDEN = Path(__file__).parents[3] / "libs" / "contracts" / "golden"


@pytest.fixture(scope="session")
def golden() -> Callable[[str], dict[str, Any]]:
    """Give the golden envelope of an event type as a JSON object of the test's own."""

    def load(event_type: str) -> dict[str, Any]:
        wire: dict[str, Any] = json.loads((_GOLDEN / f"{event_type}.json").read_text(encoding="utf-8"))
        return wire

    return load
