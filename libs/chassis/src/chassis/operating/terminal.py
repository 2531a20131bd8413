"""What the operators' commands have in common: options, tables, progress, exit statuses and the audit log."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Any

import click
from pika.exceptions import AMQPError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from chassis.errors import TransientError
from chassis.parked import NoSuchQueueError

#: Something needs a person: a queue without a consumer, parked messages, a replay that left some behind.
EXIT_ATTENTION = 3

EXIT_STATUSES = (
    "Exit status: 0 done, and nothing needs you; 1 it did not work, or nothing fits, or you said no; "
    "2 wrong usage; 3 it worked, and something needs a person."
)

_WIDTH = 200

broker = click.option("--amqp-url", envvar="AMQP_URL", required=True, help="The broker and its vhost.")
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")


def print_json(document: Any) -> None:
    """Print one document for a script."""
    click.echo(json.dumps(document, indent=2))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table as wide as the terminal; a cell that is too long is folded, never cut."""
    table = Table()
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(str, row))
    Console(width=None if sys.stdout.isatty() else _WIDTH).print(table)


@contextmanager
def progressing(what: str, total: int | None) -> Iterator[Callable[[], None]]:
    """Show progress on standard error, on a terminal only; gives what to call for each thing done."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)


def audit(action: str, service: str, details: dict[str, Any], *, aloud: bool = True) -> None:
    """Write who did what, as a JSON line: to AUDIT_LOG if it is set, and `aloud` on standard error.

    Raises:
        ClickException: if AUDIT_LOG cannot be written; whoever audits first does nothing unaudited.
    """
    at = datetime.now(UTC).isoformat()
    line = json.dumps({"at": at, "by": getuser(), "action": action, "service": service, **details})
    if aloud:
        click.echo(line, err=True)
    if path := os.environ.get("AUDIT_LOG"):
        try:
            with Path(path).open("a") as log:
                log.write(line + "\n")
        except OSError as error:
            raise click.ClickException(f"the audit log: {error.strerror}") from error


@contextmanager
def explained() -> Iterator[None]:
    """Turn our errors into one line and exit status 1."""
    try:
        yield
    except (TransientError, NoSuchQueueError) as error:
        raise click.ClickException(str(error)) from error
    except (AMQPError, OSError) as error:
        raise click.ClickException(f"the broker: {type(error).__name__}") from error
