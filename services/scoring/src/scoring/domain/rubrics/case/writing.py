"""A framework as a CASE 1.1 package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from scoring.domain.rubrics.case.naming import (
    ASSOCIATION_TYPES,
    CASE_VERSION,
    CHILD_OF,
    Names,
    link,
    to_education_level,
    uri_of,
)
from scoring.domain.rubrics.crosswalk import CriterionRef
from scoring.domain.rubrics.framework import Framework
from scoring.domain.rubrics.rubric import Criterion, Rubric
from scoring.domain.rubrics.versions import RubricVersion, VersionState

Json = dict[str, Any]

_STATUS: Mapping[VersionState, str] = {VersionState.DRAFT: "Draft", VersionState.PUBLISHED: "Adopted"}


def to_case(found: RubricVersion, *, names: Names, at: datetime) -> Json:
    """Return a version as a CFPackage: skills and criteria are its items, and each rubric is a CFRubric.

    Args:
        found: which version.
        names: of the district.
        at: when the package is written; the time of a version's last change, if it has one, comes first.
    """
    changed = found.history[-1].at if found.history else at
    return _Writer(found.framework, names, changed.isoformat()).package(found)


class _Writer:
    """Writes one framework."""

    def __init__(self, framework: Framework, names: Names, changed: str) -> None:
        self._framework = framework
        self._names = names
        self._changed = changed

    def package(self, found: RubricVersion) -> Json:
        """Return the whole package."""
        return {
            "CFDocument": self._document(found),
            "CFItems": [*self._skills(), *self._criteria()],
            "CFAssociations": [*self._hierarchy(), *self._crosswalks()],
            "CFRubrics": [self._rubric(rubric) for rubric in self._framework.rubrics],
        }

    def _document(self, found: RubricVersion) -> Json:
        document = self._thing(self._id("document")) | {
            "caseVersion": CASE_VERSION,
            "creator": self._names.publisher,
            "title": self._framework.title,
            "version": self._framework.version,
            "adoptionStatus": _STATUS[found.state],
            "language": "en",
        }
        if found.effective is not None:
            document["statusStartDate"] = found.effective.isoformat()
        return document

    def _skills(self) -> Iterator[Json]:
        for skill in self._framework.skills:
            yield self._thing(self._id("skill", skill.skill_id)) | {
                "fullStatement": skill.statement,
                "abbreviatedStatement": skill.name,
                "humanCodingScheme": skill.skill_id,
                "CFItemType": "Skill",
            }

    def _criteria(self) -> Iterator[Json]:
        for rubric in self._framework.rubrics:
            levels = [to_education_level(grade) for grade in rubric.grades]
            for criterion in rubric.criteria:
                yield self._thing(self._item(rubric, criterion)) | {
                    "fullStatement": criterion.name,
                    "humanCodingScheme": criterion.criterion_id,
                    "CFItemType": "Criterion",
                    "educationLevel": levels,
                }

    def _hierarchy(self) -> Iterator[Json]:
        document = link(self._framework.title, self._id("document"))
        skills = {
            each.skill_id: link(each.name, self._id("skill", each.skill_id))
            for each in self._framework.skills
        }
        for place, skill in enumerate(skills.values(), start=1):
            yield self._association(CHILD_OF, skill, document) | {"sequenceNumber": place}
        for rubric in self._framework.rubrics:
            for place, criterion in enumerate(rubric.criteria, start=1):
                child = link(criterion.name, self._item(rubric, criterion))
                yield self._association(CHILD_OF, child, skills[rubric.skill_id]) | {"sequenceNumber": place}

    def _crosswalks(self) -> Iterator[Json]:
        for crosswalk in self._framework.crosswalks:
            for each in crosswalk.links:
                old = self._names.criterion(crosswalk.from_version, each.old)
                new = self._names.criterion(self._framework.version, each.new)
                yield self._association(
                    ASSOCIATION_TYPES[each.relation],
                    link(f"{each.old.criterion_id} ({crosswalk.from_version})", old),
                    link(f"{each.new.criterion_id} ({self._framework.version})", new),
                )

    def _rubric(self, rubric: Rubric) -> Json:
        identifier = self._id("rubric", rubric.rubric_id)
        return self._thing(identifier) | {
            "title": rubric.title,
            "CFRubricCriteria": [
                self._rubric_criterion(rubric, criterion, place, identifier)
                for place, criterion in enumerate(rubric.criteria, start=1)
            ],
            # CASE has no place for the id that scores name, nor for a band's name.
            "extensions": {"backpack": {"rubric_id": rubric.rubric_id, "band": rubric.band}},
        }

    def _rubric_criterion(self, rubric: Rubric, criterion: Criterion, place: int, rubric_id: str) -> Json:
        identifier = self._id("rubric criterion", rubric.rubric_id, criterion.criterion_id)
        return self._thing(identifier) | {
            "description": criterion.name,
            "CFItemURI": link(criterion.name, self._item(rubric, criterion)),
            "weight": 1.0,
            "position": place,
            "rubricId": rubric_id,
            "CFRubricCriterionLevels": [
                self._thing(self._id("level", rubric.rubric_id, criterion.criterion_id, each.level))
                | {
                    "description": each.text,
                    "quality": f"Level {each.level}",
                    "score": float(each.level),
                    "position": position,
                    "rubricCriterionId": identifier,
                }
                for position, each in enumerate(criterion.descriptors, start=1)
            ],
        }

    def _association(self, kind: str, origin: Json, destination: Json) -> Json:
        identifier = self._id("association", kind, origin["identifier"], destination["identifier"])
        return self._thing(identifier) | {
            "associationType": kind,
            "originNodeURI": origin | {"targetType": "CASE"},
            "destinationNodeURI": destination | {"targetType": "CASE"},
        }

    def _thing(self, identifier: str) -> Json:
        """Return what everything in CASE says of itself."""
        return {
            "identifier": identifier,
            "uri": uri_of(identifier),
            "lastChangeDateTime": self._changed,
        }

    def _item(self, rubric: Rubric, criterion: Criterion) -> str:
        ref = CriterionRef(rubric.rubric_id, criterion.criterion_id)
        return self._names.criterion(self._framework.version, ref)

    def _id(self, kind: str, *keys: object) -> str:
        return self._names.of(self._framework.version, kind, *keys)
