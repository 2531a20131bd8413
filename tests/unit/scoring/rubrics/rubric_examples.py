"""A framework of one skill in two bands, and how its parts are called: literals that these tests share."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from chassis.testing import MemoryRepository
from contracts.envelope import derived_id
from scoring.domain.rubrics import (
    Criterion,
    CriterionRef,
    Crosswalk,
    Descriptor,
    Framework,
    Link,
    Names,
    Relation,
    Rubric,
    RubricVersion,
    Skill,
    VersionState,
)

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=UTC)
NEXT_SUMMER = date(2027, 7, 1)
GRADES = ("K", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12")
NAMES = Names(publisher="jcps", identify=derived_id)

MESSAGE = CriterionRef("communicator-k-5", "message")
CRAFT = CriterionRef("communicator-k-5", "craft")
UPPER = CriterionRef("communicator-6-12", "message")


def criterion(criterion_id: str, name: str) -> Criterion:
    return Criterion(
        criterion_id=criterion_id,
        name=name,
        descriptors=tuple(Descriptor(level=each, text=f"{name}, level {each}") for each in (1, 2, 3, 4)),
    )


def framework(version: str = "2027.1", *crosswalks: Crosswalk) -> Framework:
    return Framework(
        version=version,
        title="Backpack of success skills",
        skills=(
            Skill(skill_id="communicator", name="Communicator", statement="I say what I mean, and listen."),
        ),
        rubrics=(
            Rubric(
                rubric_id="communicator-k-5",
                version=version,
                title="Communicator, grades K-5",
                skill_id="communicator",
                band="K-5",
                grades=GRADES[:6],
                criteria=(criterion("message", "Has a message"), criterion("craft", "Uses language well")),
            ),
            Rubric(
                rubric_id="communicator-6-12",
                version=version,
                title="Communicator, grades 6-12",
                skill_id="communicator",
                band="6-12",
                grades=GRADES[6:],
                criteria=(criterion("message", "Has a message for its readers"),),
            ),
        ),
        crosswalks=crosswalks,
    )


def crosswalk(from_version: str, *links: Link) -> Crosswalk:
    return Crosswalk(from_version=from_version, links=links)


def link(old: CriterionRef, new: CriterionRef, relation: Relation = Relation.REPLACED) -> Link:
    return Link(old=old, new=new, relation=relation)


def filed(version: str = "2026.1", effective: date = date(2026, 7, 1)) -> RubricVersion:
    """Return a version as a district's file has it."""
    return RubricVersion(framework=framework(version), state=VersionState.PUBLISHED, effective=effective)


class MemoryLibrary:
    """A district's files and what it wrote over the API."""

    def __init__(self, versions: MemoryRepository[RubricVersion], *files: RubricVersion) -> None:
        self._versions = versions
        self._files: Mapping[str, RubricVersion] = {each.version: each for each in files}

    def in_force(self, at: datetime) -> RubricVersion:
        started = [each for each in self._files.values() if each.in_force_by(at.date())]
        return max(started, key=lambda each: str(each.effective))

    def find(self, version: str) -> RubricVersion | None:
        written = {each.version: each for each in self._versions.values.values()}
        return self._files.get(version) or written.get(version)

    def is_filed(self, version: str) -> bool:
        return version in self._files


def at_path(document: Any, path: str) -> Any:
    """Return what stands at a dotted path of a JSON document."""
    for step in path.split("."):
        with suppress(ValueError):
            document = document[int(step)]
            continue
        document = document[step]
    return document
