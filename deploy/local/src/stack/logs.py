"""Reading the logs of several parts at once."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

POLL_S = 0.3


def read(paths: Mapping[str, Path], *, lines: int, follow: bool) -> Iterator[str]:
    """Yield the last lines of each log, each with its part's name when there are several.

    Args:
        paths: the log of each part.
        lines: how many of each, from the end.
        follow: then go on with what is added, until interrupted.
    """
    width = max((len(name) for name in paths), default=0)

    def labelled(name: str, line: str) -> str:
        return f"{name:<{width}} | {line.rstrip()}" if len(paths) > 1 else line.rstrip()

    files: dict[str, TextIO] = {name: path.open(errors="replace") for name, path in paths.items()}
    try:
        for name, file in files.items():
            for line in deque(file, maxlen=lines):
                yield labelled(name, line)
        while follow:
            for name, file in files.items():
                files[name] = _reopened(file, paths[name])
                for line in files[name]:
                    yield labelled(name, line)
            time.sleep(POLL_S)
    finally:
        for file in files.values():
            file.close()


def _reopened(file: TextIO, path: Path) -> TextIO:
    """Return the file, or the new one when a full log was put aside."""
    if path.exists() and path.stat().st_size < file.tell():
        file.close()
        return path.open(errors="replace")
    return file
