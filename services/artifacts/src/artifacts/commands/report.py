"""The report of what is wrong with a bundle, as CSV for the people who can mend it."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from artifacts.domain.problems import Problem

_HEADER = ("file", "line", "column", "reason", "left_out", "sourced_id")
_KEPT = 20
#: What a spreadsheet would run as a formula.
_FORMULA = ("=", "+", "-", "@")


class ProblemReport:
    """Writes problems as they are found, and keeps the first few to show.

    Attributes:
        count: how many there were.
    """

    def __init__(self, path: Path | None) -> None:
        self.count = 0
        self._path = path
        self._kept: list[Problem] = []
        self._files = ExitStack()
        self._write: Any = None

    def __enter__(self) -> Self:
        if self._path is not None:
            file = self._files.enter_context(self._path.open("w", encoding="utf-8", newline=""))
            self._write = csv.writer(file)
            self._write.writerow(_HEADER)
        return self

    def __exit__(self, *_: object) -> None:
        self._files.close()

    def add(self, problem: Problem) -> None:
        """Note a problem."""
        self.count += 1
        if len(self._kept) < _KEPT:
            self._kept.append(problem)
        if self._write is not None:
            shown = _harmless(problem.sourced_id or "")
            self._write.writerow(
                (problem.file, problem.line, problem.column, problem.reason, problem.left_out, shown)
            )

    def first(self, count: int) -> list[Problem]:
        """Return the first problems."""
        return self._kept[:count]


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
