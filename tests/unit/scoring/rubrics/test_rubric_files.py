"""The rubrics that come with the platform, those of a district's file, and those in force on a day."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.unit.scoring.rubrics.rubric_examples import GRADES, MONDAY, framework

from chassis.outbox import UnitOfWork
from chassis.policy import PolicyError
from scoring.domain.rubrics import (
    NoRubricError,
    RubricVersion,
    VersionState,
    coverage_faults,
    from_table,
    rubric_for,
    to_table,
)
from scoring.entrypoints.library import DistrictRubrics
from scoring.entrypoints.policies import read_policies
from scoring.repository import RubricShelf, RubricVersions
from scoring.repository.rubrics import SHELF_AGE_S

SKILLS = {
    "prepared-resilient-learner",
    "globally-culturally-competent-citizen",
    "emerging-innovator",
    "effective-communicator",
    "productive-collaborator",
}


class Stored:
    """Stands for the store behind a shelf, and counts how often it is asked."""

    def __init__(self) -> None:
        self.versions: list[RubricVersion] = []
        self.asked = 0
        self.time_s = 100.0
        self.shelf = Shelf(self)

    def library(self, policy_dir: str = "", district: str = "jcps") -> DistrictRubrics:
        policies = read_policies(SimpleNamespace(policy_dir=policy_dir))
        return DistrictRubrics(policies, self.shelf, district)

    def publish(self, version: str, effective: date) -> None:
        self.versions.append(
            RubricVersion(framework=framework(version), state=VersionState.PUBLISHED, effective=effective)
        )


class Versions:
    """Stands for the repository of one district."""

    def __init__(self, stored: Stored, work: UnitOfWork) -> None:
        self._stored = stored
        self.work = work

    def select(self, *, state: str) -> list[RubricVersion]:
        assert state == "published"
        self._stored.asked += 1
        return list(self._stored.versions)


class Shelf(RubricShelf):
    """A shelf over what is not a database."""

    def __init__(self, stored: Stored) -> None:
        super().__init__(clock=lambda: stored.time_s)
        self._stored = stored

    def published(self, versions: RubricVersions, *, anew: bool = False) -> Sequence[RubricVersion]:
        standing_in: Any = Versions(self._stored, versions.work)
        return super().published(standing_in, anew=anew)


@pytest.fixture
def stored() -> Stored:
    return Stored()


def test_every_skill_has_one_rubric_in_every_grade(stored: Stored) -> None:
    found = stored.library().in_force(MONDAY).framework

    assert {each.skill_id for each in found.skills} == SKILLS
    assert list(coverage_faults(found, grades=GRADES)) == []
    for skill_id in SKILLS:
        bands = [rubric_for(found.rubrics, skill_id=skill_id, grade=grade).band for grade in GRADES]
        assert bands == ["K-5"] * 6 + ["6-8"] * 3 + ["9-12"] * 4


def test_every_criterion_describes_four_levels_in_words_of_its_own(stored: Stored) -> None:
    criteria = [each for rubric in stored.library().current(MONDAY) for each in rubric.criteria]

    assert {each.levels for each in criteria} == {(1, 2, 3, 4)}
    texts = [descriptor.text for criterion in criteria for descriptor in criterion.descriptors]
    assert len(texts) == len(set(texts)) == 240


def test_what_comes_with_the_platform_goes_through_a_table_and_back(stored: Stored) -> None:
    found = stored.library().in_force(MONDAY).framework

    assert from_table(to_table(found), version=found.version, title=found.title) == found


def test_a_district_file_replaces_what_comes_with_the_platform(stored: Stored, tmp_path: Path) -> None:
    _write(tmp_path, _file())

    assert stored.library(str(tmp_path)).in_force(MONDAY).framework == framework("2026.7")
    assert stored.library(str(tmp_path), "oldham").in_force(MONDAY).version == "2026.1"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"skills": []}, "skills: it is empty"),
        ({"title": 1}, "Not a valid string"),
        ({"crosswalks": []}, "Unknown field"),
    ],
)
def test_a_wrong_file_stops_the_start(tmp_path: Path, change: dict[str, Any], reason: str) -> None:
    _write(tmp_path, {**_file(), **change})

    with pytest.raises(PolicyError, match=reason):
        read_policies(SimpleNamespace(policy_dir=str(tmp_path)))


def test_a_version_written_over_the_api_takes_over_on_its_day(stored: Stored) -> None:
    stored.publish("2027.1", date(2027, 7, 1))
    library = stored.library()

    before = library.in_force(_at(date(2027, 6, 30)))
    after = library.in_force(_at(date(2027, 7, 1)))

    assert (before.version, after.version) == ("2026.1", "2027.1")
    assert library.current(_at(date(2027, 7, 1))) == framework("2027.1").rubrics


def test_a_task_finds_its_version_long_after_another_one_took_over(stored: Stored) -> None:
    stored.publish("2027.1", date(2027, 7, 1))
    stored.publish("2028.1", date(2028, 7, 1))
    library = stored.library()

    assert library.of_version("2027.1") == framework("2027.1").rubrics
    assert library.of_version("2026.1")[0].version == "2026.1"
    with pytest.raises(NoRubricError, match="no version 1999 of the rubrics"):
        library.of_version("1999")


def test_the_shelf_is_filled_again_when_it_is_old_or_lacks_what_is_asked_for(stored: Stored) -> None:
    library = stored.library()
    library.current(MONDAY)
    library.current(MONDAY)
    assert stored.asked == 1

    stored.publish("2027.1", date(2027, 7, 1))
    assert library.of_version("2027.1") == framework("2027.1").rubrics
    assert stored.asked == 2

    stored.time_s += SHELF_AGE_S + 1
    library.current(MONDAY)
    assert stored.asked == 3


def test_a_version_in_a_file_is_found_and_known_as_such(stored: Stored) -> None:
    library = stored.library()

    assert library.is_filed("2026.1")
    assert not library.is_filed("2027.1")
    found = library.find("2026.1")
    assert found is not None
    assert found.in_force_by(date(2026, 7, 1))


def _at(day: date) -> datetime:
    return MONDAY + timedelta(days=(day - MONDAY.date()).days)


def _file() -> dict[str, Any]:
    whole = framework("2026.7")
    return {
        "version": whole.version,
        "effective": "2026-01-01",
        "title": whole.title,
        "skills": [vars(each) for each in whole.skills],
        "rubrics": [
            {
                **{name: value for name, value in vars(rubric).items() if name != "version"},
                "criteria": [
                    {**vars(each), "descriptors": [vars(level) for level in each.descriptors]}
                    for each in rubric.criteria
                ],
            }
            for rubric in (replace(each) for each in whole.rubrics)
        ],
    }


def _write(policy_dir: Path, version: dict[str, Any]) -> None:
    folder = policy_dir / "jcps"
    folder.mkdir()
    (folder / "rubrics.json").write_text(json.dumps([version]))
