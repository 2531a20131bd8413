"""A rubric: what a scorer looks for, and whether a scorer's levels fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class NoRubricError(LookupError):
    """The district has no rubric for this skill and grade, or no such version of one."""


class LevelsDoNotFitError(ValueError):
    """A scorer's levels are not what the rubric asks for; `field` says where."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Descriptor:
    """What one level of a criterion looks like."""

    level: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One thing that a scorer judges; its descriptors cover every level of the scale, lowest first."""

    criterion_id: str
    name: str
    descriptors: tuple[Descriptor, ...]

    @property
    def levels(self) -> tuple[int, ...]:
        """The levels that may be given."""
        return tuple(each.level for each in self.descriptors)


@dataclass(frozen=True, kw_only=True)
class Rubric:
    """One version of one rubric; a version is never changed once it is in force.

    Attributes:
        rubric_id: stable over versions; titles change.
        band: the grade band, such as `K-5`.
        grades: the grades of the band.
    """

    rubric_id: str
    version: str
    title: str
    skill_id: str
    band: str
    grades: tuple[str, ...]
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, kw_only=True)
class CriterionLevel:
    """What a scorer says about one criterion."""

    criterion_id: str
    level: int
    feedback: str


def rubric_for(rubrics: Iterable[Rubric], *, skill_id: str, grade: str) -> Rubric:
    """Return the rubric of a skill and the band that a grade is in.

    Raises:
        NoRubricError: if there is none.
    """
    for rubric in rubrics:
        if rubric.skill_id == skill_id and grade in rubric.grades:
            return rubric
    raise NoRubricError(f"there is no rubric for skill {skill_id} in grade {grade}")


def rubric_of_id(rubrics: Iterable[Rubric], rubric_id: str) -> Rubric:
    """Return the rubric of an id.

    Raises:
        NoRubricError: if there is none.
    """
    for rubric in rubrics:
        if rubric.rubric_id == rubric_id:
            return rubric
    raise NoRubricError(f"there is no rubric {rubric_id}")


def check_levels(rubric: Rubric, levels: Sequence[CriterionLevel]) -> None:
    """Make sure that every criterion has exactly one level, and one that the rubric knows.

    Raises:
        LevelsDoNotFitError: naming the first field that is wrong.
    """
    open_criteria = {each.criterion_id: each for each in rubric.criteria}
    for place, given in enumerate(levels):
        criterion = open_criteria.pop(given.criterion_id, None)
        if criterion is None:
            reason = f"criterion {given.criterion_id} is not in the rubric, or has its level already"
            raise LevelsDoNotFitError(f"levels.{place}.criterion_id", reason)
        if given.level not in criterion.levels:
            allowed = ", ".join(map(str, criterion.levels))
            raise LevelsDoNotFitError(f"levels.{place}.level", f"level {given.level} is none of {allowed}")
    if open_criteria:
        raise LevelsDoNotFitError("levels", f"these criteria lack a level: {', '.join(open_criteria)}")
