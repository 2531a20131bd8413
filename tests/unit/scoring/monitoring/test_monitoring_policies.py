"""What districts may write about monitoring and equity, and what they may not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import scoring
from chassis.policy import PolicyError
from scoring.entrypoints.policies import read_policies

PACKAGED = Path(scoring.__file__).parent / "policy"
ON = date(2026, 11, 22)

Change = Callable[[dict[str, Any]], None]


def _district(tmp_path: Path, name: str, change: Change) -> SimpleNamespace:
    versions = json.loads((PACKAGED / f"{name}.json").read_text())
    change(versions[0])
    folder = tmp_path / "jcps"
    folder.mkdir()
    (folder / f"{name}.json").write_text(json.dumps(versions))
    return SimpleNamespace(policy_dir=str(tmp_path))


def test_the_packaged_numbers_are_those_of_the_reference() -> None:
    policies = read_policies(SimpleNamespace(policy_dir=""))
    monitoring = policies.current("monitoring", district="jcps", on=ON)
    equity = policies.current("equity", district="jcps", on=ON)
    limits = monitoring.thresholds

    assert (limits.pairs_least, limits.exact_least, limits.adjacent_least) == (30, 0.5, 0.95)
    assert (limits.kappa_least, limits.smd_most, limits.dsm_most) == (0.7, 0.15, 0.1)
    assert (limits.infit_least, limits.infit_most, limits.severity_most, limits.z_most) == (0.5, 1.5, 0.5, 2)
    assert monitoring.night.limit == timedelta(minutes=20)
    assert (equity.students_least, equity.edge) == (10, 0.05)
    assert [each.grouping_id for each in equity.groupings] == ["grade_band", "home_language"]


def test_a_district_may_group_its_students_otherwise(tmp_path: Path) -> None:
    def change(version: dict[str, Any]) -> None:
        version["groupings"] = [
            {"id": "lang", "by": "home_language", "groups": [{"id": "spanish", "values": ["ES"]}]}
        ]

    policies = read_policies(_district(tmp_path, "equity", change))
    [grouping] = policies.current("equity", district="jcps", on=ON).groupings

    assert grouping.group_of("5", "es-MX") == "spanish"


def _set(*path: str | int, to: Any) -> Change:
    def change(version: dict[str, Any]) -> None:
        place: Any = version
        for each in path[:-1]:
            place = place[each]
        place[path[-1]] = to

    return change


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("monitoring", _set("scale", to={"lowest": 4, "highest": 4})),
        ("monitoring", _set("night", "time_zone", to="Louisville")),
        ("monitoring", _set("agreement", "exact_least", to=1.5)),
        ("equity", _set("students_least", to=4)),
        ("equity", _set("groupings", 0, "groups", 0, "values", to=["13"])),
        ("equity", _set("groupings", 0, "groups", 1, "id", to="K-5")),
        ("equity", _set("groupings", 0, "groups", 0, "id", to="all")),
        ("equity", _set("groupings", 0, "by", to="race")),
    ],
)
def test_a_wrong_number_or_name_stops_the_start(tmp_path: Path, name: str, change: Change) -> None:
    with pytest.raises(PolicyError):
        read_policies(_district(tmp_path, name, change))
