"""A framework: one version of all of a district's skills and rubrics, and what may be wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scoring.domain.rubrics.crosswalk import Crosswalk
from scoring.domain.rubrics.rubric import Criterion, Rubric

#: The scale of every criterion: comparing scorers and schools takes one scale for all.
LEVELS = (1, 2, 3, 4)

_ID = re.compile(r"[a-z0-9-]{1,100}")
_ID_REASON = "it must be 1 to 100 of a-z, 0-9 and -"
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,49}")
_MOST_TEXT = 1000


@dataclass(frozen=True, kw_only=True)
class Skill:
    """One of the skills that students show; `statement` says what it means."""

    skill_id: str
    name: str
    statement: str


@dataclass(frozen=True, kw_only=True)
class Framework:
    """One version of a district's skills and rubrics.

    Attributes:
        version: the name of the version, which every rubric in it carries too.
        crosswalks: from the criteria of earlier versions to this one's, one for each of those versions.
    """

    version: str
    title: str
    skills: tuple[Skill, ...]
    rubrics: tuple[Rubric, ...]
    crosswalks: tuple[Crosswalk, ...]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; `field` is its path in what was given, such as `rubrics.0.criteria.2`."""

    field: str
    reason: str


class InvalidFrameworkError(ValueError):
    """A framework cannot be taken, and nothing of it was; `faults` says what is wrong at which place."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.field}: {fault.reason}" for fault in self.faults))


def framework_faults(framework: Framework, *, grades: Sequence[str]) -> Iterator[Fault]:
    """Find everything that is wrong with a framework in itself, whatever other versions there are.

    Args:
        framework: as it was given.
        grades: every grade that there is, lowest first.
    """
    if not _VERSION.fullmatch(framework.version):
        yield Fault("version", "it must be 1 to 50 letters, digits, dots and dashes, such as 2027.1")
    yield from _text_faults("title", framework.title)
    yield from _skill_faults(framework.skills)
    skill_ids = {skill.skill_id for skill in framework.skills}
    if not framework.rubrics:
        yield Fault("rubrics", "it is empty")
    yield from _repeated("rubrics", "rubric_id", [each.rubric_id for each in framework.rubrics])
    for place, rubric in enumerate(framework.rubrics):
        where = f"rubrics.{place}"
        if rubric.skill_id not in skill_ids:
            yield Fault(f"{where}.skill_id", f"there is no skill {rubric.skill_id}")
        yield from _rubric_faults(where, rubric, grades)
    yield from _overlaps(framework.rubrics)


def coverage_faults(framework: Framework, *, grades: Sequence[str]) -> Iterator[Fault]:
    """Find the grades in which a skill has no rubric: nothing uploaded there could be read."""
    for place, skill in enumerate(framework.skills):
        covered = {
            grade for each in framework.rubrics if each.skill_id == skill.skill_id for grade in each.grades
        }
        missing = [grade for grade in grades if grade not in covered]
        if missing:
            yield Fault(f"skills.{place}", f"{skill.skill_id} has no rubric in grade {', '.join(missing)}")


def _skill_faults(skills: Sequence[Skill]) -> Iterator[Fault]:
    if not skills:
        yield Fault("skills", "it is empty")
    yield from _repeated("skills", "skill_id", [each.skill_id for each in skills])
    for place, skill in enumerate(skills):
        yield from _id_faults(f"skills.{place}.skill_id", skill.skill_id)
        yield from _text_faults(f"skills.{place}.name", skill.name)
        yield from _text_faults(f"skills.{place}.statement", skill.statement)


def _rubric_faults(where: str, rubric: Rubric, grades: Sequence[str]) -> Iterator[Fault]:
    yield from _id_faults(f"{where}.rubric_id", rubric.rubric_id)
    yield from _text_faults(f"{where}.title", rubric.title)
    yield from _text_faults(f"{where}.band", rubric.band)
    if not rubric.grades:
        yield Fault(f"{where}.grades", "it is empty")
    for place, grade in enumerate(rubric.grades):
        if grade not in grades:
            yield Fault(f"{where}.grades.{place}", f"{grade} is none of {', '.join(grades)}")
    if not rubric.criteria:
        yield Fault(f"{where}.criteria", "it is empty")
    criterion_ids = [each.criterion_id for each in rubric.criteria]
    yield from _repeated(f"{where}.criteria", "criterion_id", criterion_ids)
    for place, criterion in enumerate(rubric.criteria):
        yield from _criterion_faults(f"{where}.criteria.{place}", criterion)


def _criterion_faults(where: str, criterion: Criterion) -> Iterator[Fault]:
    yield from _id_faults(f"{where}.criterion_id", criterion.criterion_id)
    yield from _text_faults(f"{where}.name", criterion.name)
    missing = [level for level in LEVELS if level not in criterion.levels]
    if missing:
        yield Fault(f"{where}.descriptors", f"level {', '.join(map(str, missing))} is missing")
    elif criterion.levels != LEVELS:
        yield Fault(f"{where}.descriptors", "the levels are 1, 2, 3 and 4, each once and the lowest first")
    for place, descriptor in enumerate(criterion.descriptors):
        yield from _text_faults(f"{where}.descriptors.{place}.text", descriptor.text)


def _overlaps(rubrics: Sequence[Rubric]) -> Iterator[Fault]:
    """Find rubrics of one skill that share a grade: nobody could say which one to read with."""
    taken: dict[tuple[str, str], int] = {}
    for place, rubric in enumerate(rubrics):
        for grade in dict.fromkeys(rubric.grades):
            first = taken.setdefault((rubric.skill_id, grade), place)
            if first != place:
                yield Fault(
                    f"rubrics.{place}.grades",
                    f"rubrics.{first} is the rubric of {rubric.skill_id} in grade {grade} already",
                )


def _repeated(where: str, name: str, ids: Sequence[str]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for place, each in enumerate(ids):
        if first.setdefault(each, place) != place:
            yield Fault(f"{where}.{place}.{name}", f"{each} stands at {where}.{first[each]} already")


def _id_faults(field: str, value: str) -> Iterator[Fault]:
    if not _ID.fullmatch(value):
        yield Fault(field, _ID_REASON)


def _text_faults(field: str, value: str) -> Iterator[Fault]:
    if not value.strip() or len(value) > _MOST_TEXT:
        yield Fault(field, f"it must be 1 to {_MOST_TEXT} characters, and not only spaces")
