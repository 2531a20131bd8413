"""What was told, and what became of it: the ledger in the bookkeeper's sense."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from contracts.envelope import derived_id
from ledger.events import EFFECT_RECORDED

_CHUNK = 250


@dataclass
class Thing:
    """One aggregate and the causes that were told to it.

    Attributes:
        fault: the number of the fault during which it was told.
        causes: event ids and idempotency keys, in the form in which the aggregate remembers them.
    """

    fault: int
    causes: set[str] = field(default_factory=set)


@dataclass
class Balance:
    """The difference between what was told and what is in the store, by number of fault.

    Attributes:
        lost: effects that are missing, at either consumer.
        doubled: effects that are there more than once.
        unexpected: effects of what nobody told.
        disorder: copies that are not of the newest version.
        examples: some ids, for whoever looks into it.
    """

    lost: Counter[int] = field(default_factory=Counter)
    doubled: Counter[int] = field(default_factory=Counter)
    unexpected: int = 0
    disorder: Counter[int] = field(default_factory=Counter)
    pending: int = 0
    examples: list[str] = field(default_factory=list)

    @property
    def is_even(self) -> bool:
        return not (self.lost or self.doubled or self.unexpected or self.disorder or self.pending)

    def __str__(self) -> str:
        return (
            f"lost {self.lost.total()}, doubled {self.doubled.total()}, unexpected {self.unexpected}, "
            f"out of order {self.disorder.total()}, pending {self.pending}: {self.examples[:8]}"
        )


class Account:
    """Everything that was told since the start."""

    def __init__(self, database: Any) -> None:
        self._database = database
        self._lock = threading.Lock()
        self.things: dict[str, Thing] = {}
        self.told = 0
        self.told_during: Counter[int] = Counter()

    def tell(self, thing_id: str, cause: str, fault: int) -> None:
        """Note a cause before it is told for the first time."""
        with self._lock:
            self.things.setdefault(thing_id, Thing(fault)).causes.add(cause)

    def confirm(self, count: int, fault: int) -> None:
        """Count what was accepted: confirmed by the broker, or answered by HTTP."""
        with self._lock:
            self.told += count
            self.told_during[fault] += count

    def of_faults(self, faults: Iterable[int]) -> list[str]:
        """Return the things that were told during these faults."""
        wanted = set(faults)
        with self._lock:
            return [name for name, thing in self.things.items() if thing.fault in wanted]

    def balance(self, names: Iterable[str], *, whole: bool = False) -> Balance:
        """Compare what was told with what is in the store.

        Args:
            names: the things to look at.
            whole: look also for things that nobody told.
        """
        found = Balance()
        for chunk in _chunks(names):
            effects = self._documents("effects", chunk)
            hearings = self._documents("hearings", chunk)
            echoes = self._documents("echoes", chunk)
            for name in chunk:
                thing = self.things[name]
                said = {_said(name, version) for version in range(1, len(thing.causes) + 1)}
                self._compare(found, name, effects.get(name), thing.causes)
                self._compare(found, name, hearings.get(name), said)
                self._compare_copy(found, name, echoes.get(name))
                found.pending += bool(effects.get(name, {}).get("pending"))
        if whole:
            for collection in ("effects", "hearings", "echoes"):
                ids = {raw["_id"] for raw in self._database[collection].find({}, {"_id": 1})}
                found.unexpected += len(ids - set(self.things))
                found.examples += [f"{each} untold in {collection}" for each in ids - set(self.things)]
        return found

    def pending(self) -> int:
        """Return how many aggregates have events that the relay has not published."""
        return int(self._database["effects"].count_documents({"pending": True}))

    def said(self, names: Iterable[str]) -> list[tuple[str, bytes]]:
        """Return the events that things have said, by id and body, oldest first."""
        found = self._documents("effects", list(names))
        return [
            (event["id"], event["body"].encode())
            for raw in found.values()
            for entry in raw["handled"]
            for event in entry["events"]
        ]

    def _compare(self, found: Balance, name: str, raw: dict[str, Any] | None, expected: set[str]) -> None:
        causes = [entry["cause"] for entry in raw["handled"]] if raw else []
        times = raw["times"] if raw else 0
        lost = max(len(expected - set(causes)), len(expected) - times)
        doubled = max(len(causes) - len(set(causes)), times - len(expected), 0)
        unexpected = len(set(causes) - expected)
        if lost or doubled or unexpected:
            found.lost[self.things[name].fault] += lost
            found.doubled[self.things[name].fault] += doubled
            found.unexpected += unexpected
            found.examples.append(f"{name}: {times} of {len(expected)}")

    def _compare_copy(self, found: Balance, name: str, raw: dict[str, Any] | None) -> None:
        newest = len(self.things[name].causes)
        copied = (raw["times"], raw["source_version"]) if raw else (0, 0)
        if copied != (newest, newest):
            found.disorder[self.things[name].fault] += 1
            found.examples.append(f"{name}: copy {copied} of {newest}")

    def _documents(self, collection: str, names: list[str]) -> dict[str, dict[str, Any]]:
        return {raw["_id"]: raw for raw in self._database[collection].find({"_id": {"$in": names}})}


def _said(thing_id: str, version: int) -> str:
    return derived_id("ledger", thing_id, version, EFFECT_RECORDED.type)


def _chunks(names: Iterable[str]) -> Iterator[list[str]]:
    rest = iter(names)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk
