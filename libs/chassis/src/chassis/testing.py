"""For tests: an in-memory repository with the chassis' own interface."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

from chassis.errors import NotFoundError
from chassis.mongo import Decide, Page
from contracts.base import Fact

Value = TypeVar("Value")


class MemoryRepository(Generic[Value]):
    """Keeps values in a dict and what was announced in a list; for unit tests of use cases.

    Attributes:
        values: by id.
        facts: what was announced, oldest first; every one keeps its contract, which `change` checks.
        writes: ids in the order in which they were written.
    """

    def __init__(self, values: Mapping[str, Value] | None = None) -> None:
        self.values: dict[str, Value] = dict(values or {})
        self.facts: list[Fact] = []
        self.writes: list[str] = []

    def find(self, document_id: str) -> Value | None:
        """Return a value or None."""
        return self.values.get(document_id)

    def get(self, document_id: str) -> Value:
        """Return a value, or raise NotFoundError."""
        if document_id not in self.values:
            raise NotFoundError(f"there is no {document_id}")
        return self.values[document_id]

    def change(self, aggregate_id: str, decide: Decide[Value]) -> Value | None:
        """Decide, store and announce."""
        current = self.values.get(aggregate_id)
        decision = decide(current)
        if decision is None:
            return current
        value, facts = decision
        for fact in facts:
            fact.contract.dump(fact.data)
        self.values[aggregate_id] = value
        self.facts.extend(facts)
        self.writes.append(aggregate_id)
        return value

    def create(self, aggregate_id: str, decide: Decide[Value]) -> Value | None:
        """Do as `change` does: the two differ in what they ask of a store."""
        return self.change(aggregate_id, decide)

    def change_many(self, changes: Sequence[tuple[str, Decide[Value]]]) -> int:
        """Change each; return how many were written."""
        before = len(self.writes)
        for aggregate_id, decide in changes:
            self.change(aggregate_id, decide)
        return len(self.writes) - before

    def change_all(
        self,
        ids: Sequence[str],
        prepare: Callable[[Mapping[str, Value]], Sequence[tuple[str, Decide[Value]]]],
    ) -> int:
        """Change those of these that `prepare` has a change for; return how many were written."""
        return self.change_many(prepare(self.existing(ids)))

    def select(self, *, limit: int = 0, order_by: str = "", **equals: Any) -> list[Value]:
        """Return the values whose attributes equal what is given; a list means any of its members."""
        found = [value for value in self.values.values() if _matches(value, equals)]
        if order_by:
            found.sort(key=lambda value: getattr(value, order_by))
        return found[:limit] if limit else found

    def stream(self, **equals: Any) -> Iterator[Value]:
        """Yield what `select` returns."""
        yield from self.select(**equals)

    def page(self, *, cursor: str | None, limit: int, **equals: Any) -> Page[Value]:
        """Return the next values by id."""
        given = {name: value for name, value in equals.items() if value is not None}
        ids = [each for each in sorted(self.values) if cursor is None or each > cursor]
        ids = [each for each in ids if _matches(self.values[each], given)]
        shown = ids[:limit]
        return Page(tuple(self.values[each] for each in shown), shown[-1] if len(ids) > limit else None)

    def count(self, **equals: Any) -> int:
        """Return how many values `select` would return."""
        return len(self.select(**equals))

    def existing(self, ids: Iterable[str]) -> Mapping[str, Value]:
        """Return the values of those ids that exist."""
        return {each: self.values[each] for each in ids if each in self.values}


def _matches(value: Any, equals: Mapping[str, Any]) -> bool:
    for name, wanted in equals.items():
        actual = getattr(value, name)
        anyone = isinstance(wanted, (list, tuple, set, frozenset))
        if actual not in wanted if anyone else actual != wanted:
            return False
    return True
