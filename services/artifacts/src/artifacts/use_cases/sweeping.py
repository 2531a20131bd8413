"""Remove bytes that no artifact stands for: those of uploads that broke off at the last moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

#: An upload that is being finished now must not lose its file.
KEPT_ANYWAY = timedelta(days=1)
_BATCH = 500


class Contents(Protocol):
    """Where bytes are kept."""

    def older(self, than: datetime, /) -> Iterator[str]: ...

    def remove(self, key: str, /, *, older: datetime) -> None: ...


class Uses(Protocol):
    """Which of these contents are artifacts', of any district."""

    def __call__(self, keys: Iterable[str], /) -> set[str]: ...


def sweep_contents(now: datetime, *, contents: Contents, used: Uses) -> int:
    """Remove what is a day old and no artifact's; return how many were removed."""
    before, removed = now - KEPT_ANYWAY, 0
    keys = contents.older(before)
    while batch := list(islice(keys, _BATCH)):
        for key in set(batch) - used(batch):
            contents.remove(key, older=before)
            removed += 1
    return removed
