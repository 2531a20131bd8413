"""Reading a CASE 1.1 package: all of it becomes a framework, or none of it and every fault is named."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from scoring.domain.rubrics.case.hierarchy import Hierarchy
from scoring.domain.rubrics.case.naming import RELATIONS, to_grade
from scoring.domain.rubrics.case.shape import shape_faults
from scoring.domain.rubrics.crosswalk import CriterionRef, Crosswalk, Link
from scoring.domain.rubrics.framework import Fault, Framework, InvalidFrameworkError, Skill
from scoring.domain.rubrics.rubric import Criterion, Descriptor, Rubric

Json = Mapping[str, Any]

#: Criteria of other versions, as (version, criterion) by the identifier that CASE knows them by.
Known = Mapping[str, tuple[str, CriterionRef]]


def from_case(package: Json, *, version: str, known: Known) -> Framework:
    """Read a framework from a CFPackage.

    Each CFRubric becomes a rubric. The items that its criteria refer to say for which grades it is, and the
    item on top of them in the hierarchy is its skill. Associations from criteria of other versions become
    crosswalks. Whatever else a package may hold is passed over.

    Args:
        package: as JSON was read.
        version: the name of the version that it becomes, whatever the package calls itself.
        known: the criteria that a crosswalk may lead from.

    Raises:
        InvalidFrameworkError: naming each place, if the package has another shape or CASE version, if
            something refers to what it does not hold, or if its hierarchy goes round in a circle.
    """
    _refuse(shape_faults(package))
    _refuse(_repeated_identifiers(package))
    hierarchy = Hierarchy(package)
    _refuse(hierarchy.faults())
    return _Reader(package, version, hierarchy).framework(known)


class _Reader:
    """Reads a package whose shape, identifiers and hierarchy are in order."""

    def __init__(self, package: Json, version: str, hierarchy: Hierarchy) -> None:
        self._package = package
        self._version = version
        self._hierarchy = hierarchy
        self._faults: list[Fault] = []
        self._skills: dict[str, Skill] = {}
        #: The criterion that each item stands for.
        self._criteria: dict[str, CriterionRef] = {}

    def framework(self, known: Known) -> Framework:
        rubrics = [
            self._rubric(f"CFRubrics.{place}", given)
            for place, given in enumerate(self._package.get("CFRubrics") or ())
        ]
        crosswalks = self._crosswalks(known)
        _refuse(self._faults)
        return Framework(
            version=self._version,
            title=self._package["CFDocument"]["title"],
            skills=tuple(self._skills.values()),
            rubrics=tuple(rubrics),
            crosswalks=crosswalks,
        )

    def _rubric(self, where: str, given: Json) -> Rubric:
        criteria = _in_order(given.get("CFRubricCriteria") or ())
        tops, levels = set(), set()
        for place, criterion in criteria:
            item = self._hierarchy.items.get(criterion["CFItemURI"]["identifier"])
            if item is None:
                self._fault(f"{where}.CFRubricCriteria.{place}.CFItemURI", "the package has no such item")
                continue
            tops.add(self._hierarchy.top_of(item["identifier"]))
            levels.add(tuple(item.get("educationLevel") or ()))
        if len(tops) > 1:
            self._fault(f"{where}.CFRubricCriteria", "its criteria are of several skills")
        if len(levels) > 1:
            self._fault(f"{where}.CFRubricCriteria", "its criteria are for different education levels")
        skill_id = self._skill(self._hierarchy.items[min(tops)]) if tops else ""
        grades = tuple(to_grade(each) for each in (min(levels) if levels else ()))
        band = _own(given, "band") or _band(grades)
        rubric_id = _own(given, "rubric_id") or _slug(f"{skill_id}-{band}")
        return Rubric(
            rubric_id=rubric_id,
            version=self._version,
            title=given.get("title") or f"{skill_id}, grades {band}",
            skill_id=skill_id,
            band=band,
            grades=grades,
            criteria=tuple(
                self._criterion(f"{where}.CFRubricCriteria.{place}", criterion, rubric_id)
                for place, criterion in criteria
            ),
        )

    def _criterion(self, where: str, given: Json, rubric_id: str) -> Criterion:
        item = self._hierarchy.items.get(given["CFItemURI"]["identifier"], {})
        name = given.get("description") or item.get("fullStatement", "")
        # An item that is a skill itself may stand behind several criteria, so its code names none of them.
        code = item.get("humanCodingScheme") if self._hierarchy.parent_of(item.get("identifier")) else None
        criterion_id = _slug(code or name)
        if item:
            self._criteria.setdefault(item["identifier"], CriterionRef(rubric_id, criterion_id))
        descriptors = []
        for place, level in _in_order(given.get("CFRubricCriterionLevels") or ()):
            if level["score"] != int(level["score"]):
                self._fault(f"{where}.CFRubricCriterionLevels.{place}.score", "it must be a whole number")
            descriptors.append(Descriptor(level=int(level["score"]), text=level["description"]))
        return Criterion(
            criterion_id=criterion_id,
            name=name,
            descriptors=tuple(sorted(descriptors, key=lambda each: each.level)),
        )

    def _skill(self, item: Json) -> str:
        statement = item["fullStatement"]
        name = item.get("abbreviatedStatement") or statement
        skill_id = _slug(item.get("humanCodingScheme") or name)
        self._skills.setdefault(skill_id, Skill(skill_id=skill_id, name=name, statement=statement))
        return skill_id

    def _crosswalks(self, known: Known) -> tuple[Crosswalk, ...]:
        links: dict[str, list[Link]] = {}
        for place, given in enumerate(self._package.get("CFAssociations") or ()):
            relation = RELATIONS.get(given["associationType"])
            origin = given["originNodeURI"]["identifier"]
            if relation is None or origin in self._hierarchy.items:
                continue
            new = self._criteria.get(given["destinationNodeURI"]["identifier"])
            if new is None:
                self._fault(f"CFAssociations.{place}.destinationNodeURI", "it is no criterion of the package")
            elif origin not in known:
                self._fault(
                    f"CFAssociations.{place}.originNodeURI",
                    "it is neither in the package nor a criterion of a version that is known",
                )
            else:
                version, old = known[origin]
                links.setdefault(version, []).append(Link(old=old, new=new, relation=relation))
        return tuple(Crosswalk(from_version=version, links=tuple(found)) for version, found in links.items())

    def _fault(self, field: str, reason: str) -> None:
        self._faults.append(Fault(field, reason))


def _refuse(found: Iterator[Fault] | Sequence[Fault]) -> None:
    faults = tuple(found)
    if faults:
        raise InvalidFrameworkError(faults)


def _repeated_identifiers(package: Json) -> Iterator[Fault]:
    first: dict[str, str] = {}
    for where, given in _things(package):
        known = first.setdefault(given["identifier"], where)
        if known != where:
            yield Fault(f"{where}.identifier", f"{known} has it already")


def _things(package: Json) -> Iterator[tuple[str, Json]]:
    """Yield everything that has an identifier of its own, with its place."""
    yield "CFDocument", package["CFDocument"]
    for name in ("CFItems", "CFAssociations", "CFRubrics"):
        for place, given in enumerate(package.get(name) or ()):
            yield f"{name}.{place}", given
    for place, rubric in enumerate(package.get("CFRubrics") or ()):
        for number, criterion in enumerate(rubric.get("CFRubricCriteria") or ()):
            where = f"CFRubrics.{place}.CFRubricCriteria.{number}"
            yield where, criterion
            for level_place, level in enumerate(criterion.get("CFRubricCriterionLevels") or ()):
                yield f"{where}.CFRubricCriterionLevels.{level_place}", level


def _in_order(given: Sequence[Json]) -> list[tuple[int, Json]]:
    """Return (place, thing), ordered by what the things say of their position, else as they stand."""
    return sorted(enumerate(given), key=lambda each: (each[1].get("position") or 0, each[0]))


def _own(rubric: Json, name: str) -> str:
    """Return what our own extension says of a rubric, if it has one."""
    ours = (rubric.get("extensions") or {}).get("backpack")
    value = ours.get(name) if isinstance(ours, dict) else None
    return value if isinstance(value, str) else ""


def _band(grades: Sequence[str]) -> str:
    return f"{grades[0]}-{grades[-1]}" if len(grades) > 1 else "".join(grades)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:100]
