"""The progress of an import on the terminal; silent where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

_STEP = 0.005


class TerminalProgress:
    """A bar for each stage."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._task: TaskID | None = None
        self._total = self._done = self._shown = 0

    def begin(self, stage: str, *, total: int) -> None:
        """End the stage before and begin one; a total of 0 means that nobody knows how long it takes."""
        self.end()
        self._task = self._bars.add_task(stage, total=total or None)
        self._total, self._done, self._shown = total, 0, 0

    def advance(self, amount: int, /) -> None:
        """Go on; a file has a hundred thousand lines, and not each is worth a look at the bar."""
        self._done += amount
        if self._task is not None and self._done - self._shown > self._total * _STEP:
            self._bars.update(self._task, completed=self._done)
            self._shown = self._done

    def end(self) -> None:
        """Fill the bar."""
        if self._task is not None:
            self._bars.update(self._task, total=1, completed=1)


@contextmanager
def watch() -> Iterator[TerminalProgress]:
    """Show progress on standard error while it lasts."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<30}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        progress = TerminalProgress(bars)
        yield progress
        progress.end()
