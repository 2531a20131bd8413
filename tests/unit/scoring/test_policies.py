"""The rubrics and the routing that a district gets by default, and what a wrong file says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.policy import Policies, PolicyError
from contracts.artifacts import GRADES
from scoring.domain import NoRubricError, rubric_for
from scoring.repository import POLICIES, DistrictRouting, DistrictRubrics

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SKILLS = {
    "prepared-resilient-learner",
    "globally-culturally-competent-citizen",
    "emerging-innovator",
    "effective-communicator",
    "productive-collaborator",
}


def test_every_skill_has_one_rubric_in_every_grade() -> None:
    rubrics = DistrictRubrics(Policies("scoring", POLICIES), "jcps").current(NOW)

    assert {each.skill_id for each in rubrics} == SKILLS
    for skill_id in SKILLS:
        bands = [rubric_for(rubrics, skill_id=skill_id, grade=grade).band for grade in GRADES]
        assert bands == ["K-5"] * 6 + ["6-8"] * 3 + ["9-12"] * 4


def test_every_criterion_describes_four_levels_in_words_of_its_own() -> None:
    rubrics = DistrictRubrics(Policies("scoring", POLICIES), "jcps").current(NOW)

    criteria = [criterion for rubric in rubrics for criterion in rubric.criteria]
    assert {criterion.levels for criterion in criteria} == {(1, 2, 3, 4)}
    texts = [descriptor.text for criterion in criteria for descriptor in criterion.descriptors]
    assert len(texts) == len(set(texts)) == 240


def test_an_unknown_version_is_no_rubric() -> None:
    rubrics = DistrictRubrics(Policies("scoring", POLICIES), "jcps")

    assert rubrics.of_version("2026.1") == rubrics.current(NOW)
    with pytest.raises(NoRubricError, match="no version 1999 of the rubrics"):
        rubrics.of_version("1999")


def test_a_district_says_who_reads(tmp_path: Path) -> None:
    version = {"version": "1", "effective": "2026-01-01", "roles": ["principal"]}
    _write(tmp_path / "oldham" / "routing.json", [version])
    policies = Policies("scoring", POLICIES, str(tmp_path))

    assert DistrictRouting(policies, "oldham").roles(NOW) == {"principal"}
    assert DistrictRouting(policies, "jcps").roles(NOW) == {"teacher", "counselor"}


def test_a_wrong_rubric_stops_the_start(tmp_path: Path) -> None:
    scale = [{"level": 1, "text": "some"}, {"level": 2, "text": "more"}]
    criterion = {"criterion_id": "a", "name": "A", "descriptors": scale}
    rubric = {
        "rubric_id": "x",
        "title": "X",
        "skill_id": "x",
        "band": "all",
        "grades": ["5"],
        "criteria": [criterion],
    }
    wrong: list[tuple[list[dict[str, Any]], str]] = [
        ([{**rubric, "criteria": [{**criterion, "descriptors": scale[::-1]}]}], "levels must rise"),
        ([{**rubric, "criteria": [criterion, criterion]}], "a criterion stands twice"),
        ([rubric, rubric], "has two rubrics"),
    ]
    for number, (rubrics, reason) in enumerate(wrong):
        folder = tmp_path / str(number)
        _write(
            folder / "jcps" / "rubrics.json",
            [{"version": "1", "effective": "2026-01-01", "rubrics": rubrics}],
        )
        with pytest.raises(PolicyError, match=reason):
            Policies("scoring", POLICIES, str(folder))


def _write(path: Path, versions: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(versions))
