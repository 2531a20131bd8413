"""Write what has changed, some hundred aggregates at a time, and count it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import Generic, TypeVar

from artifacts.domain.people import Kind
from artifacts.domain.problems import LeftOut
from artifacts.use_cases.ports import Aggregates, Decide
from artifacts.use_cases.roster.ports import Progress
from contracts.base import Fact

Value = TypeVar("Value")
Item = TypeVar("Item")

_BATCH = 250


class Change(StrEnum):
    """What an import does to one aggregate."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LEFT = "left"


@dataclass(frozen=True)
class Summary:
    """What an import did, or would do.

    Attributes:
        changes: how many of each kind met which change.
        problems: how many problems there were, by what they cost.
    """

    changes: Counter[tuple[Kind, Change]] = field(default_factory=Counter)
    problems: Counter[LeftOut] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True)
class Writer(Generic[Value]):
    """Writes the aggregates of one kind.

    Attributes:
        says: the event of a value.
        id_of: its aggregate's id.
        leave: the value of somebody who has left; None if they had left before.
        rehearse: decide and count, and write nothing.
    """

    kind: Kind
    aggregates: Aggregates[Value]
    says: Callable[[Value], Fact]
    id_of: Callable[[Value], str]
    leave: Callable[[Value], Value | None]
    summary: Summary
    progress: Progress
    rehearse: bool

    def write(self, values: Iterable[Value]) -> None:
        """Write those values that differ from what is known."""
        self._apply((self.id_of(value), self._replace(value)) for value in values)

    def write_off(self, ids: Iterable[str]) -> None:
        """Let those who are not in the roster any more leave."""
        self._apply((aggregate_id, self._leave) for aggregate_id in ids)

    def _replace(self, new: Value) -> Decide[Value]:
        def decide(current: Value | None) -> tuple[Value, Sequence[Fact]] | None:
            return None if current == new else (new, [self.says(new)])

        return decide

    def _leave(self, current: Value | None) -> tuple[Value, Sequence[Fact]] | None:
        left = None if current is None else self.leave(current)
        return None if left is None else (left, [self.says(left)])

    def _apply(self, changes: Iterable[tuple[str, Decide[Value]]]) -> None:
        for batch in batches(changes):
            outcomes = dict.fromkeys((aggregate_id for aggregate_id, _ in batch), Change.UNCHANGED)
            noted = [(each, self._noting(each, decide, outcomes)) for each, decide in batch]
            if self.rehearse:
                current = self.aggregates.existing([aggregate_id for aggregate_id, _ in noted])
                for aggregate_id, decide in noted:
                    decide(current.get(aggregate_id))
            else:
                self.aggregates.change_many(noted)
            self.summary.changes.update((self.kind, outcome) for outcome in outcomes.values())
            self.progress.advance(len(batch))

    def _noting(self, aggregate_id: str, decide: Decide[Value], outcomes: dict[str, Change]) -> Decide[Value]:
        # After a conflict it is decided again; the last decision is the one that was written.
        def noting(current: Value | None) -> tuple[Value, Sequence[Fact]] | None:
            decision = decide(current)
            outcomes[aggregate_id] = _outcome(current, decision, left=decide == self._leave)
            return decision

        return noting


def _outcome(current: object, decision: object, *, left: bool) -> Change:
    if decision is None:
        return Change.UNCHANGED
    if left:
        return Change.LEFT
    return Change.ADDED if current is None else Change.CHANGED


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut a stream into lists of some hundred."""
    rest = iter(items)
    while batch := list(islice(rest, _BATCH)):
        yield batch
