"""One collection, whose concurrent loads and writes travel in groups."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, ClassVar

import structlog
from pymongo import InsertOne, ReplaceOne, UpdateOne
from pymongo.errors import BulkWriteError

from chassis.errors import TransientError
from chassis.mongo.connection import translated
from chassis.mongo.together import together, write_together

log = structlog.get_logger()

#: One document's write. An update or a replacement of a document that was read says which version it read and
#: upserts: if that version has gone meanwhile, the upsert runs into the existing _id. So a conflict is an
#: error of its own operation in an unordered bulk write, which tells what it matched only in total.
Write = InsertOne[dict[str, Any]] | UpdateOne | ReplaceOne[dict[str, Any]]

#: Documents of one command: enough to make the way there and back cheap, and a third of what is in flight, so
#: that the store has work while the worker does its own.
_GROUP = 66
_DUPLICATE_KEY = 11000


#: What makes one call of what is done to many items: of the items, and of so many at once at most.
Together = Callable[..., Callable[[Any], Any]]


def one_by_one(run: Callable[[Sequence[Any]], Sequence[Any]], *, limit: int) -> Callable[[Any], Any]:
    """Make each call go alone, as in programs of plain threads."""
    del limit

    def call(item: Any) -> Any:
        [outcome] = run([item])
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return call


def in_groups(run: Callable[[Sequence[Any]], Sequence[Any]], *, limit: int) -> Callable[[Any], Any]:
    """Make one call of what concurrent callers ask for, as documents are loaded and written.

    Args:
        run: items to as many outcomes, in their order.
        limit: items of one group at most.
    """
    # Made at the first call: a module is imported before the runner says how groups are made.
    made = cache(lambda: GroupedCollection.together(run, limit=limit))

    def call(item: Any) -> Any:
        return made()(item)

    return call


class GroupedCollection:
    """Loads by id and writes of single documents."""

    #: How concurrent calls become groups; the runner sets it to `Grouped`, which is for greenthreads.
    together: ClassVar[Together] = staticmethod(one_by_one)

    def __init__(self, collection: Any) -> None:
        self.collection = collection
        self._loads = self.together(self._find, limit=_GROUP)
        self._writes = self.together(self._write, limit=_GROUP)

    def load(self, document_id: str) -> dict[str, Any] | None:
        """Return a document or None.

        Raises:
            TransientError: if the store does not answer.
        """
        found: dict[str, Any] | None = self._loads(document_id)
        return found

    def write(self, operation: Write) -> bool:
        """Write one document; False if a rival was faster.

        Raises:
            TransientError: if the store does not answer.
        """
        return bool(self._writes(operation))

    def write_many(self, operations: Sequence[Write]) -> set[int]:
        """Write documents of one caller; returns the places of those where a rival was faster."""
        outcomes = self._write(operations)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
        return {place for place, written in enumerate(outcomes) if not written}

    def _find(self, ids: Sequence[str]) -> list[dict[str, Any] | Exception | None]:
        try:
            found = self._found(ids)
        except TransientError:
            raise
        except Exception as error:  # noqa: BLE001 - it goes to the one whose id cannot be asked for
            return [error] if len(ids) == 1 else [self._find([each])[0] for each in ids]
        given: set[str] = set()
        documents: list[dict[str, Any] | Exception | None] = []
        for each in ids:
            # Two callers that ask for one document must not share its lists.
            documents.append(copy.deepcopy(found.get(each)) if each in given else found.get(each))
            given.add(each)
        return documents

    def _found(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        with translated():
            return {raw["_id"]: raw for raw in self.collection.find({"_id": {"$in": list(set(ids))}})}

    def _write(self, operations: Sequence[Write]) -> list[bool | Exception]:
        outcomes: dict[int, bool | Exception] = {}
        for places in together(operations):
            some = [operations[place] for place in places]
            try:
                outcomes.update(zip(places, write_together(self.collection, some), strict=True))
            except TransientError:
                raise
            # One that the store refuses must not keep the others from being written: they go one by one.
            except Exception as error:  # noqa: BLE001 - whose fault it is, is then seen
                log.warning("changes_refused_together", documents=len(some), error=type(error).__name__)
        left = [place for place in range(len(operations)) if place not in outcomes]
        if left:
            alone = self._write_each([operations[place] for place in left])
            outcomes.update(zip(left, alone, strict=True))
        return [outcomes[place] for place in range(len(operations))]

    def _write_each(self, operations: Sequence[Write]) -> list[bool | Exception]:
        outcomes: list[bool | Exception] = [True] * len(operations)
        try:
            with translated():
                self.collection.bulk_write(list(operations), ordered=False)
        except TransientError:
            raise
        except BulkWriteError as error:
            failures = (error.details or {}).get("writeErrors", [])
            if not failures:
                # Written perhaps, but not as safely as we asked: the same cause again finds out.
                raise TransientError("the document store did not confirm a write") from error
            for failure in failures:
                conflict = failure["code"] == _DUPLICATE_KEY
                outcomes[failure["index"]] = False if conflict else BulkWriteError({"writeErrors": [failure]})
        # The driver refuses a whole command for one document that is too large or cannot be encoded.
        except Exception as error:  # noqa: BLE001 - it goes to the one whose document it is
            return [error] if len(operations) == 1 else [self._write_each([each])[0] for each in operations]
        return outcomes


#: By identity, for the driver calls a collection of a new connection equal to the old one; an entry holds its
#: collection, so that no other one can take its identity.
_grouped: dict[int, GroupedCollection] = {}


def grouped(collection: Any) -> GroupedCollection:
    """Return the process's one grouping of a collection."""
    found = _grouped.get(id(collection))
    if found is None:
        found = _grouped.setdefault(id(collection), GroupedCollection(collection))
    return found
