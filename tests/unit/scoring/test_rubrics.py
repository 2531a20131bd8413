"""Rubrics, and whether a scorer's levels fit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest
from tests.unit.scoring.scoring_examples import NINE, RUBRIC, levels

from scoring.domain.rubrics import (
    CriterionLevel,
    LevelsDoNotFitError,
    NoRubricError,
    Rubric,
    check_levels,
    rubric_for,
    rubric_of_id,
)
from scoring.use_cases.rubrics import list_rubrics


class Shelf:
    """One rubric in force, none of any other version."""

    def current(self, at: datetime) -> Sequence[Rubric]:
        return [RUBRIC] if at == NINE else []

    def of_version(self, version: str) -> Sequence[Rubric]:
        return [RUBRIC] if version == RUBRIC.version else []


@pytest.mark.parametrize(
    ("version", "skill_id", "grade", "found"),
    [
        (None, None, None, [RUBRIC]),
        ("2026.1", RUBRIC.skill_id, "5", [RUBRIC]),
        ("2020.1", None, None, []),
        (None, "sewing", None, []),
        (None, None, "8", []),
    ],
)
def test_lists_the_rubrics_in_force_or_of_a_version(
    version: str | None, skill_id: str | None, grade: str | None, found: list[Rubric]
) -> None:
    assert list_rubrics(at=NINE, version=version, skill_id=skill_id, grade=grade, rubrics=Shelf()) == found


def test_finds_the_rubric_of_a_skill_and_grade() -> None:
    assert rubric_for([RUBRIC], skill_id="effective-communicator", grade="5") is RUBRIC
    with pytest.raises(NoRubricError, match="effective-communicator in grade 8"):
        rubric_for([RUBRIC], skill_id="effective-communicator", grade="8")
    with pytest.raises(NoRubricError, match="sewing in grade 5"):
        rubric_for([RUBRIC], skill_id="sewing", grade="5")


def test_finds_a_rubric_by_its_id() -> None:
    assert rubric_of_id([RUBRIC], "effective-communicator-k-5") is RUBRIC
    with pytest.raises(NoRubricError, match="there is no rubric sewing"):
        rubric_of_id([RUBRIC], "sewing")


def test_takes_one_known_level_for_each_criterion_in_any_order() -> None:
    check_levels(RUBRIC, levels(4, 1))
    check_levels(RUBRIC, levels(4, 1)[::-1])


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        (levels(4, 5), "levels.1.level", "level 5 is none of 1, 2, 3, 4"),
        (levels(4, 1)[:1], "levels", "these criteria lack a level: craft"),
        (
            [*levels(4, 1), *levels(4, 1)[:1]],
            "levels.2.criterion_id",
            "criterion message is not in the rubric, or has its level already",
        ),
        (
            [CriterionLevel(criterion_id="seam", level=1, feedback="")],
            "levels.0.criterion_id",
            "criterion seam is not in the rubric, or has its level already",
        ),
    ],
)
def test_names_the_field_that_does_not_fit(given: list[CriterionLevel], field: str, reason: str) -> None:
    with pytest.raises(LevelsDoNotFitError) as caught:
        check_levels(RUBRIC, given)

    assert (caught.value.field, str(caught.value)) == (field, reason)
