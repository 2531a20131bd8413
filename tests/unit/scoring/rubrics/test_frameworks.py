"""What a framework must be before anybody is scored by it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.scoring.rubrics.rubric_examples import GRADES, framework

from scoring.domain.rubrics import (
    Criterion,
    CriterionLevel,
    Descriptor,
    Framework,
    InvalidFrameworkError,
    LevelsDoNotFitError,
    NoRubricError,
    Rubric,
    check_levels,
    coverage_faults,
    framework_faults,
    rubric_for,
    rubric_of_id,
)

WHOLE = framework()
LOWER, UPPER = WHOLE.rubrics
SKILL = WHOLE.skills[0]
MESSAGE = LOWER.criteria[0]


def _with(rubric: Rubric) -> Framework:
    return replace(WHOLE, rubrics=(rubric, UPPER))


def _judging(criterion: Criterion) -> Framework:
    return _with(replace(LOWER, criteria=(criterion,)))


def _levels(*levels: int) -> Framework:
    return _judging(replace(MESSAGE, descriptors=tuple(Descriptor(level=each, text="x") for each in levels)))


def test_a_whole_framework_has_no_fault() -> None:
    assert [*framework_faults(WHOLE, grades=GRADES), *coverage_faults(WHOLE, grades=GRADES)] == []


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        (replace(WHOLE, version="2027 1"), "version", "letters, digits, dots and dashes"),
        (replace(WHOLE, title=" "), "title", "not only spaces"),
        (replace(WHOLE, skills=()), "skills", "it is empty"),
        (replace(WHOLE, skills=()), "rubrics.0.skill_id", "there is no skill communicator"),
        (replace(WHOLE, skills=(SKILL, SKILL)), "skills.1.skill_id", "stands at skills.0 already"),
        (replace(WHOLE, skills=(SKILL, replace(SKILL, skill_id="Ü"))), "skills.1.skill_id", "of a-z"),
        (replace(WHOLE, skills=(replace(SKILL, name=""),)), "skills.0.name", "1 to 1000"),
        (replace(WHOLE, skills=(replace(SKILL, statement="x" * 1001),)), "skills.0.statement", "1 to 1000"),
        (replace(WHOLE, rubrics=()), "rubrics", "it is empty"),
        (_with(replace(LOWER, rubric_id=UPPER.rubric_id)), "rubrics.1.rubric_id", "stands at rubrics.0"),
        (_with(replace(LOWER, rubric_id="")), "rubrics.0.rubric_id", "of a-z"),
        (_with(replace(LOWER, title="")), "rubrics.0.title", "1 to 1000"),
        (_with(replace(LOWER, band="")), "rubrics.0.band", "1 to 1000"),
        (_with(replace(LOWER, grades=())), "rubrics.0.grades", "it is empty"),
        (_with(replace(LOWER, grades=("K", "13"))), "rubrics.0.grades.1", "13 is none of K, 1"),
        (_with(replace(LOWER, grades=("K", "6"))), "rubrics.1.grades", "rubrics.0 is the rubric of"),
        (_with(replace(LOWER, criteria=())), "rubrics.0.criteria", "it is empty"),
        (
            _with(replace(LOWER, criteria=(MESSAGE, MESSAGE))),
            "rubrics.0.criteria.1.criterion_id",
            "message stands at rubrics.0.criteria.0 already",
        ),
        (_judging(replace(MESSAGE, criterion_id="A b")), "rubrics.0.criteria.0.criterion_id", "of a-z"),
        (_judging(replace(MESSAGE, name="\t")), "rubrics.0.criteria.0.name", "not only spaces"),
        (_levels(1, 4), "rubrics.0.criteria.0.descriptors", "level 2, 3 is missing"),
        (_levels(), "rubrics.0.criteria.0.descriptors", "level 1, 2, 3, 4 is missing"),
        (_levels(1, 2, 2, 3, 4), "rubrics.0.criteria.0.descriptors", "each once and the lowest first"),
        (_levels(4, 3, 2, 1), "rubrics.0.criteria.0.descriptors", "each once and the lowest first"),
        (_levels(0, 1, 2, 3, 4), "rubrics.0.criteria.0.descriptors", "the levels are 1, 2, 3 and 4"),
        (
            _judging(replace(MESSAGE, descriptors=(replace(MESSAGE.descriptors[0], text=""),))),
            "rubrics.0.criteria.0.descriptors.0.text",
            "1 to 1000",
        ),
    ],
)
def test_a_fault_says_where_it_is_and_why(wrong: Framework, field: str, reason: str) -> None:
    faults = {each.field: each.reason for each in framework_faults(wrong, grades=GRADES)}

    assert reason in faults[field]


def test_a_skill_needs_a_rubric_in_every_grade() -> None:
    [fault] = coverage_faults(replace(WHOLE, rubrics=(LOWER,)), grades=GRADES)

    assert fault.field == "skills.0"
    assert fault.reason == "communicator has no rubric in grade 6, 7, 8, 9, 10, 11, 12"


def test_an_error_says_all_faults() -> None:
    error = InvalidFrameworkError(framework_faults(replace(WHOLE, title="", rubrics=()), grades=GRADES))

    assert [each.field for each in error.faults] == ["title", "rubrics"]
    assert str(error).startswith("title: it must be")


def test_a_rubric_is_found_by_skill_and_grade_or_by_its_id() -> None:
    assert rubric_for(WHOLE.rubrics, skill_id="communicator", grade="7") is UPPER
    assert rubric_of_id(WHOLE.rubrics, "communicator-k-5") is LOWER
    with pytest.raises(NoRubricError, match="no rubric for skill innovator in grade 7"):
        rubric_for(WHOLE.rubrics, skill_id="innovator", grade="7")
    with pytest.raises(NoRubricError, match="there is no rubric x"):
        rubric_of_id(WHOLE.rubrics, "x")


@pytest.mark.parametrize(
    ("given", "field", "reason"),
    [
        ({"message": 5, "craft": 1}, "levels.0.level", "level 5 is none of 1, 2, 3, 4"),
        ({"message": 1}, "levels", "these criteria lack a level: craft"),
        ({"message": 1, "length": 1}, "levels.1.criterion_id", "criterion length is not in the rubric"),
    ],
)
def test_levels_that_do_not_fit_are_refused_with_their_place(
    given: dict[str, int], field: str, reason: str
) -> None:
    levels = [CriterionLevel(criterion_id=name, level=level, feedback="") for name, level in given.items()]

    with pytest.raises(LevelsDoNotFitError, match=reason) as refused:
        check_levels(LOWER, levels)
    assert refused.value.field == field


def test_a_criterion_has_one_level() -> None:
    twice = [CriterionLevel(criterion_id="message", level=3, feedback="")] * 2

    with pytest.raises(LevelsDoNotFitError, match="or has its level already"):
        check_levels(LOWER, twice)
