"""The packaged rules for hearings, and what is refused of a district's."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.outbox import UnitOfWork
from chassis.policy import PolicyError
from defenses.domain.hearings.outcomes import Compensation, OutcomeRule, Rescoring, Scale
from defenses.entrypoints.hearings import DistrictOutcomeRules
from defenses.entrypoints.policies import read_policies


def packaged() -> dict[str, Any]:
    """The packaged version, as its file has it."""
    path = Path(read_policies.__code__.co_filename).parents[1] / "policy" / "outcome.json"
    [version] = json.loads(path.read_text())
    assert isinstance(version, dict)
    return version


def rules(directory: str) -> DistrictOutcomeRules:
    reader: Any = SimpleNamespace(policies=read_policies(SimpleNamespace(policy_dir=directory)))
    return DistrictOutcomeRules(reader, UnitOfWork(district="jcps", cause="test"))


def with_changes(tmp_path: Path, *versions: dict[str, Any]) -> DistrictOutcomeRules:
    (tmp_path / "jcps").mkdir()
    (tmp_path / "jcps" / "outcome.json").write_text(json.dumps(versions))
    return rules(str(tmp_path))


def test_the_packaged_rule_is_whole() -> None:
    rule: OutcomeRule = rules("").current()

    assert len(rule.indicators) == 5
    assert (rule.cut, rule.floor, rule.compensation, rule.apart, rule.quorum) == (2.5, 2, None, 2, 2)
    assert (rule.plan_within, rule.redefense_within) == (5, 20)
    assert not rule.calibration_required
    assert not rule.release_at_once
    assert rule.rescoring == Rescoring(rate=0.05, split=True)
    assert date(2026, 12, 24) in rule.no_school


def test_a_district_has_its_own_and_hearings_keep_theirs(tmp_path: Path) -> None:
    first = {**packaged(), "version": "a", "effective": "2020-07-01"}
    second = {
        **first,
        "version": "b",
        "effective": "2021-07-01",
        "scale": {"lowest": 0, "highest": 5},
        "compensation": {"max_indicators": 1, "mean_at_least": 3},
    }

    found = with_changes(tmp_path, first, second)

    assert found.current().compensation == Compensation(max_indicators=1, mean_at_least=3)
    assert (found.current().scale, found.of_version("a").scale) == (Scale(0, 5), Scale(1, 4))
    with pytest.raises(PolicyError, match="has no version c"):
        found.of_version("c")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"indicators": ["claim", "claim"]}, "names an indicator twice"),
        ({"floor": 3}, "is above the cut"),
        ({"cut": 4.5}, "is not on the scale"),
        ({"scale": {"lowest": 4, "highest": 1}}, "is not above the lowest"),
        ({"rescoring": {"rate": 2, "split": True}}, "rate"),
        ({"quorum": 0}, "quorum"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_wrong_rule_stops_the_start_and_says_why(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    with pytest.raises(PolicyError, match=reason):
        with_changes(tmp_path, {**packaged(), **change})
