"""A document store in memory: only what the chassis asks of one, with faults on command."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from pymongo import InsertOne, ReplaceOne, UpdateMany, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError

_DUPLICATE = 11000


class Crash(BaseException):
    """The process is gone."""


class Faults:
    """What goes wrong next: the name of a point, where it happens once."""

    def __init__(self) -> None:
        self.at = ""
        #: Runs once, before the next write or publish: what somebody else does just then.
        self.interlude: Callable[[], None] | None = None

    def passes(self, point: str) -> None:
        """Crash, if this is the point."""
        if self.takes(f"crash {point}"):
            raise Crash(point)

    def takes(self, name: str) -> bool:
        """Whether a fault is due here; it is over then."""
        due = self.at == name
        if due:
            self.at = ""
        return due

    def let_others_in(self) -> None:
        interlude, self.interlude = self.interlude, None
        if interlude is not None:
            interlude()


class Clock:
    """The store's clock."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class MemoryCollection:
    """A collection; documents go in and out as copies."""

    def __init__(self, name: str, clock: Clock, faults: Faults) -> None:
        self.name = name
        self.documents: dict[str, dict[str, Any]] = {}
        self._clock, self._faults = clock, faults
        self.database = SimpleNamespace(
            command=lambda _name: {"localTime": self._clock.now.replace(tzinfo=None)}
        )

    def seen_by_others(self) -> MemoryCollection:
        """Return the same documents through another process's connection."""
        twin = MemoryCollection(self.name, self._clock, self._faults)
        twin.documents = self.documents
        return twin

    def find(self, query: dict[str, Any], _projection: Any = None) -> _Found:
        return _Found(copy.deepcopy([raw for raw in self.documents.values() if _fits(raw, query)]))

    def find_one(self, query: dict[str, Any], _projection: Any = None, **_options: Any) -> Any:
        return next(iter(self.find(query)), None)

    def count_documents(self, query: dict[str, Any]) -> int:
        return len(list(self.find(query)))

    def update_many(self, query: dict[str, Any], update: dict[str, Any]) -> None:
        self._faults.passes("claim")
        for raw in self.documents.values():
            if _fits(raw, query):
                _update(raw, update)

    def bulk_write(self, operations: list[Any], *, ordered: bool) -> None:
        """Write; `ordered` or not, as nothing that is written in order here can fail."""
        self._faults.let_others_in()
        self._faults.passes("before commit")
        if self._faults.takes("store away"):
            raise AutoReconnect("away")
        errors = [
            {"index": index, "code": _DUPLICATE}
            for index, operation in enumerate(operations)
            if not self._write(operation)
        ]
        self._faults.passes("after commit")
        if self._faults.takes("reply lost"):
            raise AutoReconnect("lost")
        if errors:
            raise BulkWriteError({"writeErrors": errors})

    def _write(self, operation: Any) -> bool:
        """Carry one operation out; False if its upsert runs into an existing id."""
        if isinstance(operation, InsertOne):
            return self._insert(operation._doc)
        matching = [raw for raw in self.documents.values() if _fits(raw, operation._filter)]
        if isinstance(operation, UpdateMany):
            for raw in matching:
                _update(raw, operation._doc)
            return True
        assert isinstance(operation, (UpdateOne, ReplaceOne))
        if not matching:
            # The chassis upserts only what exists: to be told of a conflict.
            return not operation._upsert or self._insert({"_id": operation._filter["_id"], "version": -1})
        if isinstance(operation, ReplaceOne):
            matching[0].clear()
            matching[0].update(copy.deepcopy(dict(operation._doc)))
        else:
            _update(matching[0], operation._doc)
        return True

    def _insert(self, raw: Any) -> bool:
        if raw["_id"] in self.documents:
            return False
        self.documents[raw["_id"]] = copy.deepcopy(dict(raw))
        return True


class _Found(list[dict[str, Any]]):
    """A cursor."""

    def sort(self, key: Any = None, **_options: Any) -> Any:
        return _Found(sorted(self, key=lambda raw: raw[key]))

    def limit(self, count: int) -> _Found:
        return _Found(self[:count] if count else self)


def _fits(raw: dict[str, Any], query: dict[str, Any]) -> bool:
    return all(_matches(raw.get(name), wanted) for name, wanted in query.items())


def _matches(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    known: dict[str, Callable[[Any], bool]] = {
        "$in": lambda members: value in members,
        "$lte": lambda bound: value is not None and value <= bound,
    }
    return all(known[operator](operand) for operator, operand in wanted.items())


def _update(raw: dict[str, Any], update: Any) -> None:
    raw.update(copy.deepcopy(update.get("$set", {})))
    _remove(raw, update.get("$unset", ()))


def _remove(raw: dict[str, Any], names: Iterable[str]) -> None:
    for name in names:
        raw.pop(name, None)
