"""What is part of what in a CASE package: a forest of items under one document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scoring.domain.rubrics.case.naming import CHILD_OF
from scoring.domain.rubrics.framework import Fault

Json = Mapping[str, Any]


class Hierarchy:
    """The items of a package by identifier, and the parent of each.

    `top_of` may be asked once `faults` has found none.
    """

    def __init__(self, package: Json) -> None:
        self.items: Mapping[str, Json] = {each["identifier"]: each for each in package.get("CFItems") or ()}
        self._document = package["CFDocument"]["identifier"]
        self._associations = [
            (place, each["originNodeURI"]["identifier"], each["destinationNodeURI"]["identifier"])
            for place, each in enumerate(package.get("CFAssociations") or ())
            if each["associationType"] == CHILD_OF
        ]
        self._parents = {child: parent for _, child, parent in reversed(self._associations)}

    def faults(self) -> Iterator[Fault]:
        """Find ends that do not exist, items of two parents, and circles."""
        first: dict[str, int] = {}
        for place, child, parent in self._associations:
            where = f"CFAssociations.{place}"
            if child not in self.items:
                yield Fault(f"{where}.originNodeURI", "the package has no such item")
            if parent not in self.items and parent != self._document:
                yield Fault(
                    f"{where}.destinationNodeURI", "it is neither an item of the package nor its document"
                )
            if first.setdefault(child, place) != place:
                yield Fault(where, f"CFAssociations.{first[child]} names another parent of the same item")
        yield from self._circles()

    def parent_of(self, identifier: str | None) -> str | None:
        """Return the item above an item; None if only the document is."""
        parent = self._parents.get(identifier or "")
        return None if parent == self._document else parent

    def top_of(self, identifier: str) -> str:
        """Return the item at the top of an item's branch, which is itself if there is none above it."""
        while (parent := self.parent_of(identifier)) is not None:
            identifier = parent
        return identifier

    def _circles(self) -> Iterator[Fault]:
        """Name each circle once, at the association by which it was entered first."""
        settled: set[str] = set()
        for place, child, _ in self._associations:
            trail: dict[str, None] = {}
            at: str | None = child
            while at is not None and at not in settled and at not in trail:
                trail[at] = None
                at = self._parents.get(at)
            if at in trail:
                yield Fault(f"CFAssociations.{place}", "the hierarchy goes round in a circle here")
            settled.update(trail)
