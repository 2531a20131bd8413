"""The district's rubrics: writing a version, putting it in force, and bringing rubrics in from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Protocol

from contracts.artifacts import GRADES
from contracts.base import Fact
from contracts.envelope import derived_id
from scoring.domain import rubrics as domain
from scoring.domain.rubrics import (
    CriterionRef,
    Crosswalk,
    Fault,
    Framework,
    InvalidFrameworkError,
    Names,
    NoVersionError,
    Rubric,
    RubricVersion,
    VersionIsFixedError,
    WrongDayError,
)

#: A version as it is now to what it becomes; None for no change.
Decide = Callable[[RubricVersion | None], tuple[RubricVersion, Sequence[Fact]] | None]


class Rubrics(Protocol):
    """The district's rubrics, as tasks need them."""

    def current(self, at: datetime) -> Sequence[Rubric]:
        """Return the rubrics in force at a time, one for each skill and band."""
        ...

    def of_version(self, version: str) -> Sequence[Rubric]:
        """Return the rubrics of one published version."""
        ...


class Library(Protocol):
    """Every version of the district's rubrics, those in its files and those written over the API."""

    def in_force(self, at: datetime) -> RubricVersion:
        """Return the version in force at a time."""
        ...

    def find(self, version: str) -> RubricVersion | None:
        """Return a version, be it a draft."""
        ...

    def is_filed(self, version: str) -> bool:
        """Whether a version stands in a file, where the API cannot change it."""
        ...


class Versions(Protocol):
    """The versions that are written over the API."""

    def change(self, aggregate_id: str, decide: Decide) -> RubricVersion | None:
        """Change one version and return it as it is now."""
        ...

    def select(self) -> Sequence[RubricVersion]:
        """Return all of them."""
        ...


@dataclass(frozen=True, kw_only=True)
class Writing:
    """Somebody writes a version.

    Attributes:
        district: the tenant.
        at: when.
        by: who.
        library, versions: where versions are found and kept.
    """

    district: str
    at: datetime
    by: str
    library: Library
    versions: Versions


def version_id_of(district: str, version: str) -> str:
    """Return the id of a version that is written over the API."""
    return derived_id("scoring", "rubric version", district, version)


def list_rubrics(
    *, at: datetime, version: str | None, skill_id: str | None, grade: str | None, rubrics: Rubrics
) -> list[Rubric]:
    """Return the rubrics in force, or those of one version, for a skill or a grade if one is named."""
    known = rubrics.current(at) if version is None else rubrics.of_version(version)
    return [
        each
        for each in known
        if (skill_id is None or each.skill_id == skill_id) and (grade is None or grade in each.grades)
    ]


def show_version(version: str, *, library: Library) -> RubricVersion:
    """Return a version, be it a draft.

    Raises:
        NoVersionError: if there is none of that name.
    """
    found = library.find(version)
    if found is None:
        raise NoVersionError(f"there is no version {version} of the rubrics")
    return found


def draft_version(framework: Framework, here: Writing) -> RubricVersion:
    """Keep a framework as a draft, in place of what the draft said before.

    Raises:
        InvalidFrameworkError: naming all that is wrong; nothing is kept then.
        VersionIsFixedError: if the version is published, or stands in the district's files.
    """
    faults = [*domain.framework_faults(framework, grades=GRADES), *_reference_faults(framework, here.library)]
    if faults:
        raise InvalidFrameworkError(faults)
    if here.library.is_filed(framework.version):
        raise VersionIsFixedError(f"version {framework.version} stands in the district's files")
    drafted = here.versions.change(
        version_id_of(here.district, framework.version),
        lambda current: (domain.draft(current, framework, at=here.at, by=here.by), ()),
    )
    assert drafted is not None
    return drafted


def set_crosswalks(
    version: str,
    crosswalks: Sequence[Crosswalk],
    here: Writing,
) -> RubricVersion:
    """Say what the criteria of earlier versions have become in a draft.

    Raises:
        NoVersionError: if there is no such version.
        InvalidFrameworkError: if a crosswalk leads from or to what does not exist, or round in a circle.
        VersionIsFixedError: if the version is published.
    """
    current = show_version(version, library=here.library)
    framework = replace(current.framework, crosswalks=tuple(crosswalks))
    return draft_version(framework, here)


def draft_from_case(
    package: Mapping[str, Any],
    version: str,
    here: Writing,
) -> RubricVersion:
    """Read a CASE package as a draft; crosswalks may lead from any version of the district.

    Raises:
        InvalidFrameworkError: naming each place in the package; nothing is kept then.
        VersionIsFixedError: as `draft_version` does.
    """
    others = [each.framework for each in (here.library.in_force(here.at), *here.versions.select())]
    known: Mapping[str, tuple[str, CriterionRef]] = names_of(here.district).criteria(
        each for each in others if each.version != version
    )
    framework = domain.from_case(package, version=version, known=known)
    return draft_version(framework, here)


def draft_from_table(
    text: str,
    version: str,
    title: str,
    here: Writing,
) -> RubricVersion:
    """Read a table (CSV) as a draft without crosswalks.

    Raises:
        InvalidFrameworkError: naming rows and columns; nothing is kept then.
        VersionIsFixedError: as `draft_version` does.
    """
    framework = domain.from_table(text, version=version, title=title)
    return draft_version(framework, here)


def publish_version(
    version: str,
    effective: date,
    here: Writing,
) -> RubricVersion:
    """Put a draft in force from a day on.

    Raises:
        NoVersionError: if there is no such draft.
        InvalidFrameworkError: if a skill has no rubric in some grade, or if a crosswalk has come to dangle.
        VersionIsFixedError: if it is published already.
        WrongDayError: if the day is not after today, or another version comes into force on it.
    """
    framework = show_version(version, library=here.library).framework
    faults = [*domain.coverage_faults(framework, grades=GRADES), *_reference_faults(framework, here.library)]
    if faults:
        raise InvalidFrameworkError(faults)
    if any(each.effective == effective and each.version != version for each in here.versions.select()):
        raise WrongDayError(f"another version comes into force on {effective.isoformat()}")
    return _changed(
        version,
        lambda current: domain.publish(current, effective, at=here.at, by=here.by),
        here,
    )


def recall_version(version: str, here: Writing) -> RubricVersion:
    """Make a published version a draft again, while it is not in force.

    Raises:
        NoVersionError: if there is none of that name that was written over the API.
        VersionIsFixedError: if it is in force, or no more than a draft.
    """
    return _changed(version, lambda current: domain.recall(current, at=here.at, by=here.by), here)


def case_package(version: str, *, district: str, at: datetime, library: Library) -> dict[str, Any]:
    """Return a version as a CASE 1.1 package.

    Raises:
        NoVersionError: if there is none of that name.
    """
    return domain.to_case(show_version(version, library=library), names=names_of(district), at=at)


def carry_over(levels: Mapping[CriterionRef, int], *, old: str, new: str, library: Library) -> domain.Carried:
    """Say levels of an old version in the terms of a later one; no score is changed by it.

    Raises:
        NoVersionError: if there is no such later version.
        NoWayError: if no crosswalk leads from the one to the other.
    """
    latest = show_version(new, library=library).framework
    ways = domain.ways_of({**_earlier(latest, library), new: latest})
    return domain.carry_over(levels, domain.way_between(ways, old=old, new=new))


def names_of(district: str) -> Names:
    """Return how a district's things are called in CASE."""
    return Names(publisher=district, identify=derived_id)


def _changed(version: str, change: Callable[[RubricVersion], RubricVersion], here: Writing) -> RubricVersion:
    def decide(current: RubricVersion | None) -> tuple[RubricVersion, Sequence[Fact]]:
        if current is None:
            raise NoVersionError(f"no version {version} was written over the API")
        return change(current), ()

    changed = here.versions.change(version_id_of(here.district, version), decide)
    assert changed is not None
    return changed


def _reference_faults(framework: Framework, library: Library) -> Iterable[Fault]:
    return domain.reference_faults(framework, _earlier(framework, library))


def _earlier(framework: Framework, library: Library) -> dict[str, Framework]:
    """Return the versions that a framework's crosswalks lead back to, directly or through others."""
    found: dict[str, Framework] = {}
    wanted = [each.from_version for each in framework.crosswalks]
    while wanted:
        version = wanted.pop()
        known = None if version in {*found, framework.version} else library.find(version)
        if known is not None:
            found[version] = known.framework
            wanted.extend(each.from_version for each in known.framework.crosswalks)
    return found
