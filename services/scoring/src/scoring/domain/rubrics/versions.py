"""The life of a framework's version: a draft, published from a day on, and never edited once in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from scoring.domain.rubrics.crosswalk import CriterionRef, Crosswalk, Ways, cycle_of
from scoring.domain.rubrics.framework import Fault, Framework


class VersionState(StrEnum):
    """Whether a version is still being written."""

    DRAFT = "draft"
    PUBLISHED = "published"


class NoVersionError(LookupError):
    """The district has no such version of its rubrics."""


class VersionIsFixedError(ValueError):
    """The version cannot be changed in this way; the text says why."""


class WrongDayError(ValueError):
    """A version cannot come into force on that day."""

    field = "effective"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What somebody did to a version, and when."""

    at: datetime
    by: str
    what: str


@dataclass(frozen=True, kw_only=True)
class RubricVersion:
    """One version of a district's framework.

    Attributes:
        effective: the first day on which artifacts that arrive are read by it; None while it is a draft.
        history: oldest first; empty for a version that came with the platform or with the district's files.
    """

    framework: Framework
    state: VersionState
    effective: date | None
    history: tuple[Change, ...] = ()

    @property
    def version(self) -> str:
        """The name of the version."""
        return self.framework.version

    def in_force_by(self, day: date) -> bool:
        """Whether it is or was in force on a day: from then on its text is what scores refer to."""
        return self.effective is not None and self.effective <= day


def draft(current: RubricVersion | None, framework: Framework, *, at: datetime, by: str) -> RubricVersion:
    """Return the version with this text, as a draft.

    Raises:
        VersionIsFixedError: if it is published.
    """
    if current is not None and current.state is not VersionState.DRAFT:
        raise VersionIsFixedError(
            f"version {framework.version} is published; a change is a version of its own"
        )
    history = () if current is None else current.history
    change = Change(at=at, by=by, what="drafted")
    return RubricVersion(
        framework=framework, state=VersionState.DRAFT, effective=None, history=(*history, change)
    )


def publish(current: RubricVersion, effective: date, *, at: datetime, by: str) -> RubricVersion:
    """Return the version, published.

    Args:
        current: a draft.
        effective: the first day; a later one than today, so that no score is given by a text that changed
            under its scorer.
        at: now; days are those of UTC, as they are when a version is looked for.
        by: who publishes it.

    Raises:
        VersionIsFixedError: if it is published already.
        WrongDayError: if the day is not after today.
    """
    if current.state is not VersionState.DRAFT:
        raise VersionIsFixedError(f"version {current.version} is published already")
    if effective <= at.date():
        raise WrongDayError("a version comes into force on a later day than today")
    change = Change(at=at, by=by, what=f"published from {effective.isoformat()}")
    return replace(
        current, state=VersionState.PUBLISHED, effective=effective, history=(*current.history, change)
    )


def recall(current: RubricVersion, *, at: datetime, by: str) -> RubricVersion:
    """Return a published version as a draft again, while nothing is read by it yet.

    Raises:
        VersionIsFixedError: if it is in force, or not published.
    """
    if current.state is VersionState.DRAFT:
        raise VersionIsFixedError(f"version {current.version} is not published")
    if current.in_force_by(at.date()):
        raise VersionIsFixedError(f"version {current.version} is in force: scores are bound to it")
    change = Change(at=at, by=by, what="recalled")
    return replace(current, state=VersionState.DRAFT, effective=None, history=(*current.history, change))


def reference_faults(framework: Framework, known: Mapping[str, Framework]) -> Iterator[Fault]:
    """Find crosswalks that lead from or to what does not exist, or round in a circle.

    Args:
        framework: whose crosswalks these are.
        known: every other version that they lead back to, by name, directly or through others.
    """
    first: dict[str, int] = {}
    for place, crosswalk in enumerate(framework.crosswalks):
        where, earlier = f"crosswalks.{place}", crosswalk.from_version
        if first.setdefault(earlier, place) != place:
            yield Fault(f"{where}.from_version", f"crosswalks.{first[earlier]} is from there already")
        if earlier in known:
            yield from _link_faults(where, crosswalk, old=known[earlier], new=framework)
        elif earlier != framework.version:
            yield Fault(f"{where}.from_version", f"there is no version {earlier}")
    circle = cycle_of(ways_of({**known, framework.version: framework}))
    if circle:
        yield Fault("crosswalks", f"they lead round in a circle: {' <- '.join(circle)}")


def _link_faults(where: str, crosswalk: Crosswalk, *, old: Framework, new: Framework) -> Iterator[Fault]:
    theirs, ours = _criteria_of(old), _criteria_of(new)
    first: dict[tuple[CriterionRef, CriterionRef], int] = {}
    for place, link in enumerate(crosswalk.links):
        at = f"{where}.links.{place}"
        if link.old not in theirs:
            yield Fault(f"{at}.old", f"version {old.version} has no {_named(link.old)}")
        if link.new not in ours:
            yield Fault(f"{at}.new", f"version {new.version} has no {_named(link.new)}")
        if first.setdefault((link.old, link.new), place) != place:
            yield Fault(at, f"{where}.links.{first[link.old, link.new]} links the same two already")


def ways_of(frameworks: Mapping[str, Framework]) -> Ways:
    """Return the crosswalks of each version."""
    return {version: framework.crosswalks for version, framework in frameworks.items()}


def _criteria_of(framework: Framework) -> frozenset[CriterionRef]:
    return frozenset(
        CriterionRef(rubric.rubric_id, criterion.criterion_id)
        for rubric in framework.rubrics
        for criterion in rubric.criteria
    )


def _named(ref: CriterionRef) -> str:
    return f"criterion {ref.criterion_id} in a rubric {ref.rubric_id}"
