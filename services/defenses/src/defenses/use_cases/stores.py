"""What the use cases need of storage; the repositories fit these shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from contracts.base import Fact

Value = TypeVar("Value")

#: Current value (None if there is none) to the new value and its events; None for no change.
Decide = Callable[[Value | None], tuple[Value, Sequence[Fact]] | None]


class Finder(Protocol[Value]):
    """Finds values of one kind, within the caller's district and what the caller may see."""

    def find(self, document_id: str, /) -> Value | None: ...

    def select(self, **equals: Any) -> list[Value]:
        """Return all values whose fields equal what is given; a list means any of its members."""
        ...

    def existing(self, ids: Iterable[str], /) -> Mapping[str, Value]: ...


class Aggregates(Finder[Value], Protocol[Value]):
    """Keeps aggregates of one kind: a change, its cause and its events are one write."""

    def change(self, aggregate_id: str, decide: Decide[Value], /) -> Value | None: ...

    def change_many(self, changes: Sequence[tuple[str, Decide[Value]]], /) -> int: ...


class Copies(Finder[Value], Protocol[Value]):
    """Keeps copies of another service's aggregates; the newer version wins."""

    def apply(self, document_id: str, version: int, fields: Mapping[str, Any], /) -> bool: ...
