"""A short part of the fault suite; `make faults` is the long one."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from rich.console import Console
from tests.faults import suite

#: Quick ones, of every kind.
FEW = (
    "killed at after_commit",
    "killed at relay_confirmed",
    "everything of ours killed at once",
    "connections closed by the broker",
    "store killed",
    "store's replies lost after the write",
    "what was said, said three times more",
    "older events after newer ones",
    "poison",
)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("twice", [False, True], ids=["once", "every message twice"])
def test_nothing_is_lost_and_nothing_is_doubled(tmp_path: Path, *, twice: bool) -> None:
    plan = suite.Plan(seed=7 + twice, faults=3, events=300, minutes=2, only=FEW, twice=twice, services=2)

    result = suite.run(plan, tmp_path)

    suite.show(result, Console(file=sys.stdout, width=140))
    assert result.is_good, result.problems or str(result.balance)
    assert len(result.names) == plan.faults
    assert result.told >= plan.events
