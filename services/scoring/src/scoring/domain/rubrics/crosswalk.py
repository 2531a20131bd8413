"""Crosswalks: what the criteria of an earlier version have become, without touching a score given by them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Relation(StrEnum):
    """How a new criterion stands to an old one."""

    #: The same under another name: what was shown then is shown now.
    SAME = "same"
    #: The new one took the old one's place; a level given then still tells of it.
    REPLACED = "replaced"
    #: They touch; no level can be carried from one to the other.
    RELATED = "related"


@dataclass(frozen=True, order=True)
class CriterionRef:
    """One criterion of one rubric of some version."""

    rubric_id: str
    criterion_id: str


@dataclass(frozen=True, kw_only=True)
class Link:
    """What one old criterion has become; `old` is of the earlier version, `new` of the later one."""

    old: CriterionRef
    new: CriterionRef
    relation: Relation


@dataclass(frozen=True, kw_only=True)
class Crosswalk:
    """The way from the criteria of one earlier version to those of the version that it belongs to."""

    from_version: str
    links: tuple[Link, ...]


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What old levels say in the terms of a later version.

    Attributes:
        levels: of each new criterion the old ones that became it, with the level that each had.
        left: old criteria that have become none of the new ones.
    """

    levels: Mapping[CriterionRef, tuple[tuple[CriterionRef, int], ...]]
    left: tuple[CriterionRef, ...]


#: Of each version, its crosswalks from earlier ones.
Ways = Mapping[str, Sequence[Crosswalk]]


class NoWayError(LookupError):
    """No crosswalk leads from the one version to the other."""


def cycle_of(ways: Ways) -> tuple[str, ...]:
    """Return versions that lead to one another in a circle, the first one once more at the end; else nothing.

    Every version's crosswalks are followed once, so this takes the time of the sum of both.
    """
    settled: set[str] = set()
    for start in sorted(ways):
        trail: list[str] = []
        pending = [(start, iter(_sources(ways, start)))]
        while pending:
            version, sources = pending[-1]
            if version not in trail:
                trail.append(version)
            following = next((each for each in sources if each not in settled), None)
            if following is None:
                settled.add(version)
                trail.pop()
                pending.pop()
            elif following in trail:
                return (*trail[trail.index(following) :], following)
            else:
                pending.append((following, iter(_sources(ways, following))))
    return ()


def way_between(ways: Ways, *, old: str, new: str) -> tuple[Crosswalk, ...]:
    """Return the crosswalks to take from one version to a later one, the earliest first; the shortest way.

    Raises:
        NoWayError: if there is none.
    """
    found: list[tuple[str, tuple[Crosswalk, ...]]] = [(new, ())]
    seen = {new}
    for version, way in found:
        if version == old:
            return way
        for crosswalk in ways.get(version, ()):
            if crosswalk.from_version not in seen:
                seen.add(crosswalk.from_version)
                found.append((crosswalk.from_version, (crosswalk, *way)))
    raise NoWayError(f"no crosswalk leads from version {old} to version {new}")


def carry_over(levels: Mapping[CriterionRef, int], way: Iterable[Crosswalk]) -> Carried:
    """Say old levels in the terms of a later version; the score itself stays as it was given.

    A criterion that was split gives its level to each part. One that merged several keeps all their levels,
    since only the district can say what they come to together.
    """
    reached = {old: frozenset({old}) for old in levels}
    for crosswalk in way:
        onward: dict[CriterionRef, set[CriterionRef]] = {}
        for link in crosswalk.links:
            if link.relation is not Relation.RELATED:
                onward.setdefault(link.old, set()).add(link.new)
        reached = {
            old: frozenset(new for at in places for new in onward.get(at, ()))
            for old, places in reached.items()
        }
    merged: dict[CriterionRef, list[tuple[CriterionRef, int]]] = {}
    for old in sorted(reached):
        for new in sorted(reached[old]):
            merged.setdefault(new, []).append((old, levels[old]))
    return Carried(
        levels={new: tuple(given) for new, given in merged.items()},
        left=tuple(old for old in sorted(reached) if not reached[old]),
    )


def _sources(ways: Ways, version: str) -> list[str]:
    return [crosswalk.from_version for crosswalk in ways.get(version, ())]
