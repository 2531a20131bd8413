"""A short part of the families' fault run; the long one is `make faults-notifications`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from rich.console import Console
from tests.faults.families import suite
from tests.faults.families.account import Balance


@pytest.mark.timeout(500)
def test_cases_1_2_3_and_28_whoever_dies_and_whatever_is_lost_each_family_is_told_once(
    tmp_path: Path,
) -> None:
    plan = suite.Plan(seed=3, messages=120, kills=4, forged=20)

    result = suite.run(plan, tmp_path / "run")

    suite.show(result, Console(file=sys.stdout, width=140))
    assert result.is_good, result.problems or result.balance
    assert result.died.total() == plan.kills


def test_a_family_that_was_not_told_or_told_twice_is_red() -> None:
    even = suite.Result(balance=Balance(believed={"sent": 2}), families=1)  # type: ignore[arg-type]  # as a Counter

    assert even.is_good
    assert not suite.Result(balance=Balance(believed={"sent": 1}), families=1).is_good  # type: ignore[arg-type]
    even.balance.doubled["sms"] += 1
    assert not even.is_good
