"""The packaged rules for milestones, and wrong ones."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.policy import PolicyError
from contracts.artifacts import GRADES
from defenses.domain.milestones.policy import MilestonePolicy
from defenses.entrypoints.policies import read_policies

ONE: dict[str, Any] = {
    "version": "1",
    "effective": "2026-07-01",
    "bands": [{"grades": ["4"], "forms": ["talk"], "due": "05-15"}],
    "forms": {"talk": {"names": {"en": "Talk"}, "has_levels": False}},
    "skills": ["innovator"],
    "lowest_level": 1,
    "highest_level": 4,
}


def test_every_grade_between_the_defenses_has_a_milestone_by_the_middle_of_may() -> None:
    found = read_policies(SimpleNamespace(policy_dir=""))
    policy: MilestonePolicy = found.current("milestones", district="jcps", on=date(2026, 9, 1))

    due = {grade: policy.due_on(grade, "2026-27", year_starts=(7, 1)) for grade in GRADES}
    assert {grade for grade, day in due.items() if day is None} == {"5", "8", "12"}
    assert set(due.values()) == {None, date(2027, 5, 15)}
    assert set(policy.forms) == {"mini-defense", "student-led-conference", "exhibition-of-learning"}
    assert [form.form_id for form in policy.forms.values() if form.has_levels] == ["mini-defense"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"bands": [*ONE["bands"], *ONE["bands"]]}, "grade 4 is in two of them"),
        ({"bands": [{"grades": ["4"], "forms": ["play"], "due": "05-15"}]}, "play is none of the forms"),
        ({"bands": [{"grades": ["13"], "forms": ["talk"], "due": "05-15"}]}, "bands"),
        ({"bands": [{"grades": ["4"], "forms": ["talk"], "due": "02-29"}]}, "due"),
        ({"highest_level": 1}, "it is not above lowest_level"),
        ({"forms": {"talk": {"names": {}, "has_levels": False}}}, "names"),
    ],
)
def test_a_wrong_policy_stops_the_start_and_is_named(
    tmp_path: Path, changes: dict[str, Any], fault: str
) -> None:
    folder = tmp_path / "jcps"
    folder.mkdir()
    (folder / "milestones.json").write_text(json.dumps([{**ONE, **changes}]))

    with pytest.raises(PolicyError, match=fault):
        read_policies(SimpleNamespace(policy_dir=str(tmp_path)))


def test_a_district_has_its_own_forms(tmp_path: Path) -> None:
    folder = tmp_path / "jcps"
    folder.mkdir()
    (folder / "milestones.json").write_text(json.dumps([ONE]))
    found = read_policies(SimpleNamespace(policy_dir=str(tmp_path)))
    policy: MilestonePolicy = found.current("milestones", district="jcps", on=date(2026, 9, 1))

    assert policy.forms["talk"].names == {"en": "Talk"}
    assert policy.band("K") is None
