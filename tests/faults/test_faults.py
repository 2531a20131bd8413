"""A short part of the fault suite, and the rules of the long one, which is `make faults`."""

from __future__ import annotations

import random
import sys
from itertools import islice
from pathlib import Path

import pytest
from rich.console import Console
from tests.faults import suite
from tests.faults.registry import FAULTS

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


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_of_two_hundred_makes_every_fault_and_the_slow_ones_too(seed: int) -> None:
    plan = suite.Plan(seed=seed, faults=200, events=100_000, minutes=40)

    drawn = [each.name for each in islice(suite._draw(plan, random.Random(seed)), plan.faults)]  # noqa: S311 - a seeded run

    assert set(drawn) == set(FAULTS)
    assert all(drawn.count(each.name) <= each.at_most for each in FAULTS.values())


def test_a_fault_that_was_not_made_is_red_unless_it_was_allowed_to_be_missing() -> None:
    result = suite.Result(missing={"relay an hour fast": "libfaketime is missing"})
    excused = suite.Result(missing=result.missing, excused=("relay an hour fast",))

    assert not result.is_good
    assert excused.is_good


def test_a_fault_whose_turn_never_came_is_missing() -> None:
    plan = suite.Plan(seed=1, faults=200, events=1, minutes=0, only=("half-open until it is noticed",))

    assert set(suite._never_came(plan, suite.Result())) == {"half-open until it is noticed"}
