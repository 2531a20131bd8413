"""The packaged policies, and those of a district."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.policy import PolicyError
from defenses.domain.readiness import Compensation, OpportunitySeason, Recency
from defenses.domain.scheduling.instance import PanelRule
from defenses.domain.scheduling.season import PanelPolicy, SeasonPolicy
from defenses.entrypoints.policies import DistrictRules, read_policies

AUTUMN = datetime(2026, 9, 1, tzinfo=UTC)
RULE = {
    "version": "2",
    "effective": "2026-08-01",
    "transitions": {"5": ["5"]},
    "skills": ["innovator"],
    "min_artifacts": 1,
    "counted_artifacts": 1,
    "mean_at_least": 3,
    "criterion_floor": 1,
    "compensation": {"max_skills": 1, "mean_at_least": 2},
}
PANEL = {
    "version": "1",
    "effective": "2026-07-01",
    "panel_size": 1,
    "at_least": {"teacher": 1, "outside": 1},
    "max_per_day": 6,
    "day_cost": {},
    "travel_minutes": 0,
}


def policies(tmp_path: Path, **files: Any) -> Any:
    folder = tmp_path / "jcps"
    folder.mkdir(parents=True)
    for name, versions in files.items():
        (folder / f"{name}.json").write_text(json.dumps(versions))
    return read_policies(SimpleNamespace(policy_dir=str(tmp_path)))


def test_the_packaged_rule_asks_for_two_proficient_artifacts_of_each_skill() -> None:
    found = read_policies(SimpleNamespace(policy_dir=""))

    rules = DistrictRules(found, "jcps", AUTUMN)
    rule = rules.in_force("5")

    assert rule is not None
    assert (rule.min_artifacts, rule.mean_at_least, rule.criterion_floor, len(rule.skills)) == (2, 2.5, 2, 5)
    assert set(rule.transitions) == {*rules.transitions} == {"5", "8", "12"}
    assert rule.recency == Recency(artifacts=1, months=12)
    assert rule.compensation == Compensation(max_skills=1, mean_at_least=2.25)
    assert rule.opportunity == OpportunitySeason(first=(1, 15), last=(6, 30))
    assert rules.in_force("6") is None


def test_the_packaged_panel_and_season_are_whole() -> None:
    found = read_policies(SimpleNamespace(policy_dir=""))
    panel: PanelPolicy = found.current("panel", district="jcps", on=date(2026, 9, 1))
    season: SeasonPolicy = found.current("season", district="jcps", on=date(2026, 9, 1))

    assert panel.rule == PanelRule(panel_size=3, at_least={"teacher": 1, "outside": 1})
    assert panel.travel == timedelta(minutes=30)
    assert (season.year_starts, season.weights.unscheduled) == ((7, 1), 1000)


def test_a_district_has_its_own_rules_and_old_versions_of_them(tmp_path: Path) -> None:
    newer = {**RULE, "version": "3", "effective": "2026-08-15", "compensation": None}
    rules = DistrictRules(policies(tmp_path, readiness=[RULE, newer]), "jcps", AUTUMN)

    [now, kept] = rules.in_force("5"), rules.of_version("2")
    assert now is not None
    assert kept is not None
    assert (now.version, now.compensation) == ("3", None)
    assert (kept.version, kept.compensation) == ("2", Compensation(max_skills=1, mean_at_least=2))
    assert rules.of_version("a version that was dropped") is None


def test_a_version_for_some_cohorts_leaves_the_others_with_the_one_before(tmp_path: Path) -> None:
    both = {"5": ["5"], "8": ["8"]}
    old = {**RULE, "transitions": both}
    cohorts = [
        {"transition": "5", "school_year": "2026-27"},
        {"transition": "8", "school_year": "2027-28"},
    ]
    newer = {**old, "version": "3", "effective": "2026-08-15", "cohorts": cohorts}
    found = policies(tmp_path, readiness=[old, newer])

    def in_force(when: datetime) -> list[str | None]:
        rules = DistrictRules(found, "jcps", when)
        both_rules = [rules.in_force(grade) for grade in ("5", "8")]
        return [rule.version if rule else None for rule in both_rules]

    assert in_force(AUTUMN) == ["3", "2"]
    assert in_force(AUTUMN + timedelta(days=365)) == ["2", "3"]
    assert in_force(datetime(2026, 7, 15, tzinfo=UTC)) == [None, None]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"skills": ["innovator", "innovator"]}, "names a skill twice"),
        ({"opportunity": {"first": "02-30", "last": "06-30"}}, "must be a day of the year"),
        ({"transitions": {}}, "Shorter than minimum length"),
        ({"cohorts": [{"transition": "5", "school_year": "2026"}]}, "String does not match"),
    ],
)
def test_a_rule_that_makes_no_sense_stops_the_start(
    tmp_path: Path, wrong: dict[str, Any], message: str
) -> None:
    with pytest.raises(PolicyError, match=message):
        policies(tmp_path, readiness=[{**RULE, **wrong}])


def test_a_panel_that_needs_more_people_than_it_has_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="asks for more people than a panel has"):
        policies(tmp_path, panel=[PANEL])


def test_rules_are_others_when_another_version_comes_into_force_or_one_is_edited(tmp_path: Path) -> None:
    later = {**RULE, "version": "3", "effective": "2026-10-01", "opportunity": None}
    edited = {**RULE, "mean_at_least": 2}
    found = [
        policies(tmp_path / name, readiness=versions)
        for name, versions in {"one": [RULE, later], "edited": [edited, later]}.items()
    ]

    before, after = DistrictRules(found[0], "jcps", AUTUMN), DistrictRules(found[1], "jcps", AUTUMN)
    october = DistrictRules(found[0], "jcps", AUTUMN + timedelta(days=40))

    assert before.fingerprint == DistrictRules(found[0], "jcps", AUTUMN + timedelta(days=1)).fingerprint
    assert len({before.fingerprint, after.fingerprint, october.fingerprint}) == 3
