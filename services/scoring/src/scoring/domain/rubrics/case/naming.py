"""What things are called in CASE: an identifier for each thing of each version, the same every time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scoring.domain.rubrics.crosswalk import CriterionRef, Relation
from scoring.domain.rubrics.framework import Framework

CASE_VERSION = "1.1"

#: How a crosswalk's relations are said in CASE, from the old criterion to the new one.
ASSOCIATION_TYPES: Mapping[Relation, str] = {
    Relation.SAME: "exactMatchOf",
    Relation.REPLACED: "replacedBy",
    Relation.RELATED: "isRelatedTo",
}
RELATIONS: Mapping[str, Relation] = {said: relation for relation, said in ASSOCIATION_TYPES.items()}

CHILD_OF = "isChildOf"

_KINDERGARTEN, _KINDERGARTEN_IN_CEDS = "K", "KG"


@dataclass(frozen=True, kw_only=True)
class Names:
    """Derives identifiers.

    Attributes:
        publisher: the district, in whose name the framework is published.
        identify: parts to the UUID that they always give.
    """

    publisher: str
    identify: Callable[..., str]

    def of(self, version: str, kind: str, *keys: object) -> str:
        """Return the identifier of a thing of a version."""
        return self.identify("case", self.publisher, version, kind, *keys)

    def criterion(self, version: str, ref: CriterionRef) -> str:
        """Return the identifier of the item that stands for a criterion."""
        return self.of(version, "criterion", ref.rubric_id, ref.criterion_id)

    def criteria(self, frameworks: Iterable[Framework]) -> dict[str, tuple[str, CriterionRef]]:
        """Return (version, criterion) of each criterion of some frameworks, by its identifier."""
        return {
            self.criterion(framework.version, ref): (framework.version, ref)
            for framework in frameworks
            for rubric in framework.rubrics
            for criterion in rubric.criteria
            for ref in [CriterionRef(rubric.rubric_id, criterion.criterion_id)]
        }


def link(title: str, identifier: str) -> dict[str, Any]:
    """Return a LinkURI."""
    return {"title": title, "identifier": identifier, "uri": uri_of(identifier)}


def uri_of(identifier: str) -> str:
    """Return the URI of an identifier: it names the thing, and does not say where to fetch it."""
    return f"urn:uuid:{identifier}"


def to_education_level(grade: str) -> str:
    """Return a grade as CEDS codes it: KG, 01 to 12."""
    return _KINDERGARTEN_IN_CEDS if grade == _KINDERGARTEN else grade.zfill(2)


def to_grade(education_level: str) -> str:
    """Return the grade of a CEDS code, or of a grade as we write it; anything else stays as it is."""
    return _KINDERGARTEN if education_level == _KINDERGARTEN_IN_CEDS else education_level.removeprefix("0")
