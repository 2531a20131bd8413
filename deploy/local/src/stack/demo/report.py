"""What a person sees of the demo: progress while it works, a table and one family's messages at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table


class Teller:
    """Says what is going on."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @contextmanager
    def step(self, title: str) -> Iterator[Callable[[str], None]]:
        """Show that a step runs, then that it is done; it is given a place for a remark."""
        remarks: list[str] = []
        started = time.monotonic()
        with self.console.status(f"{title} …"):
            yield remarks.append
        self._done(title, remarks, started)

    @contextmanager
    def bar(self, title: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show how far a step is; it is told by how much it went on."""
        started = time.monotonic()
        # Where there is no terminal, a bar would only leave empty lines.
        quiet = not self.console.is_terminal
        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(
            *columns, TimeElapsedColumn(), console=self.console, transient=True, disable=quiet
        ) as progress:
            task = progress.add_task(title, total=total)
            yield lambda count: progress.advance(task, count)
        self._done(title, [f"{total:,}"], started)

    def held(self, what: str) -> None:
        """Say what was checked and holds."""
        self.console.print(f"[green]✓ Checked:[/] {escape(what)}.")

    def failed(self, reason: str) -> None:
        """Say why the demo ends early."""
        self.console.print(f"[red]✗[/] {escape(reason)}")

    def _done(self, title: str, remarks: list[str], started: float) -> None:
        remark = "".join(f": {escape(each)}" for each in remarks[:1])
        more = "".join(f"\n    {escape(each)}" for each in remarks[1:])
        self.console.print(f"[green]✓[/] {title}{remark} [dim]({time.monotonic() - started:.1f} s)[/]{more}")


def summary(rows: Mapping[str, str]) -> Table:
    """Return the table of what became of the season."""
    table = Table(title="The season", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column()
    for name, value in rows.items():
        table.add_row(name, escape(value))
    return table


def counted(counts: Mapping[str, int]) -> str:
    """Return counts by name as one line, the largest first."""
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in ordered if count) or "none"


def letter(mail: Mapping[str, Any], page: str) -> Panel:
    """Return one mail as it arrived."""
    parts = ["calendar invite"] if mail.get("calendar") else []
    parts = ["text", *(["HTML"] if mail.get("html") else []), *parts]
    head = f"To: {', '.join(mail['recipients'])}\nSubject: {mail['subject']}\nParts: {', '.join(parts)}\n\n"
    return Panel(escape(head + str(mail["text"]).strip()), title="One family's email", subtitle=page)


def text_message(message: Mapping[str, Any], page: str) -> Panel:
    """Return one SMS as it arrived."""
    head = f"To: {message['to']} ({message['status']}, {message['segments']} segments)\n\n"
    return Panel(escape(head + str(message["body"])), title="The same family's SMS", subtitle=page)
