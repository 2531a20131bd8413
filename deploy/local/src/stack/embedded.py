"""SecantusDB's own program, but that it reads a collection's indexes once a statement.

As it comes it reads and decodes all of them four times for each document that it writes, and ten times to
plan a statement, which is 40 % of what a write costs it. What is read twice in one snapshot is the same.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import wraps
from typing import Any

from secantus.cli import main
from secantus.storage import Storage


@contextmanager
def _remembering(storage: Any) -> Iterator[None]:
    """Remember what this thread reads of the indexes, for as long as it reads one snapshot."""
    ours = storage._tls  # noqa: SLF001 - the package has no way to be told
    # A transaction over several statements may change indexes itself, and is left as it is.
    if getattr(ours, "indexes", None) is not None or getattr(ours, "user_txn", None) is not None:
        yield
        return
    ours.indexes = {}
    try:
        yield
    finally:
        ours.indexes = None


def _once(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def call(self: Any, *args: Any, **options: Any) -> Any:
        with _remembering(self):
            return method(self, *args, **options)

    return call


def _in_transaction(method: Callable[..., AbstractContextManager[Any]]) -> Callable[..., Any]:
    @contextmanager
    @wraps(method)
    def transaction(self: Any, **options: Any) -> Iterator[Any]:
        with method(self, **options) as session, _remembering(self):
            yield session

    return transaction


def _from_memory(method: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    @wraps(method)
    def read(self: Any, db: str, coll: str) -> Iterator[Any]:
        known = getattr(self._tls, "indexes", None)
        if known is None:
            return method(self, db, coll)
        if (db, coll) not in known:
            known[db, coll] = list(method(self, db, coll))
        return iter(known[db, coll])

    return read


def read_indexes_once() -> None:
    """Change the package in this process; its version is pinned, and another one has to be looked at."""
    storage: Any = Storage
    storage._iter_indexes = _from_memory(storage._iter_indexes)  # noqa: SLF001 - as above
    storage._batch_transaction = _in_transaction(storage._batch_transaction)  # noqa: SLF001 - as above
    storage._candidates_iter = _once(storage._candidates_iter)  # noqa: SLF001 - as above
    storage.find_matching = _once(storage.find_matching)


if __name__ == "__main__":
    read_indexes_once()
    sys.exit(main())
