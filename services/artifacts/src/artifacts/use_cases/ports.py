"""What several use cases need of the repository."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from contracts.base import Fact

Value = TypeVar("Value")
Kept_co = TypeVar("Kept_co", covariant=True)

#: Current value (None if there is none) to the new value and what is announced; None for no change.
Decide = Callable[[Value | None], tuple[Value, Sequence[Fact]] | None]


class Finds(Protocol[Kept_co]):
    """Finds values by id, as far as the caller may see them."""

    def find(self, document_id: str, /) -> Kept_co | None: ...

    def get(self, document_id: str, /) -> Kept_co: ...


class Aggregates(Protocol[Value]):
    """Keeps aggregates of one kind; state and events are saved in one write."""

    def change_many(self, changes: Sequence[tuple[str, Decide[Value]]], /) -> int: ...

    def existing(self, ids: Iterable[str], /) -> Mapping[str, Value]: ...

    def stream(self, **equals: Any) -> Iterator[Value]: ...

    def count(self, **equals: Any) -> int: ...
