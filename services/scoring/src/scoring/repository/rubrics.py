"""The versions of their rubrics that districts have written themselves."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository
from scoring.documents import RubricVersionDocument
from scoring.domain.rubrics import (
    Change,
    Criterion,
    CriterionRef,
    Crosswalk,
    Descriptor,
    Framework,
    Link,
    Relation,
    Rubric,
    RubricVersion,
    Skill,
    VersionState,
)

#: How old a process's picture of a district's versions may be. A version comes into force a day after it is
#: published at the earliest, so an old picture is never wrong about what is in force.
SHELF_AGE_S = 5.0


class RubricVersions(AggregateRepository[RubricVersion]):
    """Keeps versions, drafts and published ones."""

    document: ClassVar[Any] = RubricVersionDocument

    def to_fields(self, value: RubricVersion) -> dict[str, Any]:
        """Return the document fields of a version."""
        framework = value.framework
        return {
            "name": framework.version,
            "title": framework.title,
            "state": str(value.state),
            "effective": value.effective and value.effective.isoformat(),
            "content": {
                "skills": [asdict(each) for each in framework.skills],
                "rubrics": [asdict(each) for each in framework.rubrics],
                "crosswalks": [asdict(each) for each in framework.crosswalks],
            },
            "history": [asdict(each) for each in value.history],
        }

    def to_value(self, document: Any) -> RubricVersion:
        """Return the version of a document."""
        content = document.content
        return RubricVersion(
            framework=Framework(
                version=document.name,
                title=document.title,
                skills=tuple(Skill(**each) for each in content["skills"]),
                rubrics=tuple(_rubric(each) for each in content["rubrics"]),
                crosswalks=tuple(_crosswalk(each) for each in content["crosswalks"]),
            ),
            state=VersionState(document.state),
            effective=date.fromisoformat(document.effective) if document.effective else None,
            history=tuple(Change(**each) for each in document.history),
        )


class RubricShelf:
    """A process's picture of each district's published versions, so that not every read loads them."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[str, tuple[float, Sequence[RubricVersion]]] = {}

    def published(self, versions: RubricVersions, *, anew: bool = False) -> Sequence[RubricVersion]:
        """Return the district's published versions, as old as SHELF_AGE_S at most, or as they are now."""
        district = versions.work.district
        until, known = self._known.get(district, (0.0, ()))
        if not anew and self._clock() < until:
            return known
        loaded = versions.select(state=str(VersionState.PUBLISHED))
        self._known[district] = (self._clock() + SHELF_AGE_S, loaded)
        return loaded


def _rubric(stored: Mapping[str, Any]) -> Rubric:
    return Rubric(
        **{
            **stored,
            "grades": tuple(stored["grades"]),
            "criteria": tuple(
                Criterion(
                    criterion_id=each["criterion_id"],
                    name=each["name"],
                    descriptors=tuple(Descriptor(**level) for level in each["descriptors"]),
                )
                for each in stored["criteria"]
            ),
        }
    )


def _crosswalk(stored: Mapping[str, Any]) -> Crosswalk:
    return Crosswalk(
        from_version=stored["from_version"],
        links=tuple(
            Link(
                old=CriterionRef(**each["old"]),
                new=CriterionRef(**each["new"]),
                relation=Relation(each["relation"]),
            )
            for each in stored["links"]
        ),
    )
