"""The operators' commands: `backpack queues` and `backpack parked …`."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from getpass import getuser
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
import pika
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from chassis import topology
from chassis.errors import TransientError
from chassis.parked import NoSuchQueueError, Parked, ParkingLot, Selection

#: Something needs a person: a queue without a consumer, parked messages, a replay that left some behind.
EXIT_ATTENTION = 3

_TIMEOUT_S = 10
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHOWN = 1000

_broker = click.option("--amqp-url", envvar="AMQP_URL", required=True, help="The broker and its vhost.")
_as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of a table.")


class Age(click.ParamType[timedelta]):
    """An age such as 90s, 15m, 6h or 2d."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the age as a timedelta."""
        unit = str(value)[-1:]
        if unit not in _UNITS_S or not str(value)[:-1].isdigit():
            self.fail(f"{value} is no age: say 90s, 15m, 6h or 2d", param, ctx)
        return timedelta(seconds=int(str(value)[:-1]) * _UNITS_S[unit])


@click.command()
@_broker
@_as_json
def queues(amqp_url: str, *, as_json: bool) -> None:
    """Show every queue's depth and consumers, and what is parked by reason.

    Exit status 3 when a handler has no consumer or anything is parked.
    """
    rows = [_with_reasons(amqp_url, row) for row in _depths(amqp_url)]
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        _print_table(
            ("queue", "kind", "messages", "consumers", "parked by reason"),
            [
                (
                    row["queue"],
                    row["kind"],
                    row["messages"],
                    row["consumers"],
                    ", ".join(f"{reason}: {count}" for reason, count in row["reasons"].items()),
                )
                for row in rows
            ],
        )
    if any(_needs_attention(row) for row in rows):
        sys.exit(EXIT_ATTENTION)


def _needs_attention(row: dict[str, Any]) -> bool:
    if row["kind"] == "parking":
        return bool(row["messages"])
    return row["kind"] == "handler" and not row["consumers"]


@click.group()
def parked() -> None:
    """Look at, replay or discard the messages that a service could not handle."""


def _selecting(command: Any) -> Any:
    """Add what says which messages are meant."""
    for option in reversed(
        [
            click.argument("service"),
            click.option("--queue", help="The failing queue, or the end of its name."),
            click.option("--type", "event_type", help="The event's type."),
            click.option("--reason", help="Such as contract_violation or handler_error."),
            click.option("--id", "event_id", help="One event's id."),
            click.option("--older-than", type=Age(), help="Since its last failure: 90s, 15m, 6h, 2d."),
            _broker,
        ]
    ):
        command = option(command)
    return command


@parked.command("list")
@_selecting
@_as_json
@click.option("--limit", default=100, show_default=True)
def list_parked(service: str, amqp_url: str, *, as_json: bool, limit: int, **selection: Any) -> None:
    """List parked messages, without their content."""
    with _explained():
        found = _lot(amqp_url, service).look(Selection(**selection), limit=limit)
    if as_json:
        click.echo(json.dumps([_summary(message) for message in found], indent=2))
        return
    _print_table(
        ("event", "type", "queue", "reason", "exception", "attempts", "last failed"),
        [
            (m.event_id, m.event_type, m.queue, m.reason, m.exception, m.attempts, m.last_failed_at or "")
            for m in found
        ],
    )


@parked.command("show")
@_selecting
def show_parked(service: str, amqp_url: str, **selection: Any) -> None:
    """Show parked messages whole, as JSON; their content may be personal data, so this is audited."""
    with _explained():
        found = _lot(amqp_url, service).look(Selection(**selection), limit=_SHOWN)
    for message in found:
        _audit("show", service, {"event_id": message.event_id})
        click.echo(json.dumps({**_summary(message), "body": message.body.decode(errors="replace")}, indent=2))
    if not found:
        raise click.ClickException("nothing is parked that fits")


@parked.command("replay")
@_selecting
def replay_parked(service: str, amqp_url: str, **selection: Any) -> None:
    """Hand parked messages back to the queue that they failed in, with the same ids.

    It may be killed and repeated. Exit status 3 when some could not go back.
    """
    run = str(uuid4())
    with _explained(), Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(f"replay {service}", total=None)
        replayed, stayed = _lot(amqp_url, service).replay(
            Selection(**selection), run=run, progress=lambda: progress.advance(task)
        )
    _audit("replay", service, {**_said(selection), "run": run, "replayed": replayed, "stayed": stayed})
    click.echo(f"{replayed} replayed, {stayed} stayed")
    if stayed:
        sys.exit(EXIT_ATTENTION)


@parked.command("discard")
@_selecting
@click.option("--yes", is_flag=True, help="Do not ask.")
def discard_parked(service: str, amqp_url: str, *, yes: bool, **selection: Any) -> None:
    """Throw parked messages away for good; asks first."""
    lot, chosen = _lot(amqp_url, service), Selection(**selection)
    with _explained():
        count = len(lot.look(chosen, limit=sys.maxsize))
    if not count:
        raise click.ClickException("nothing is parked that fits")
    if not yes:
        click.confirm(f"Discard {count} messages of {service} for good?", abort=True)
    with _explained(), Progress(console=Console(stderr=True)) as progress:
        task = progress.add_task(f"discard {service}", total=count)
        discarded = lot.discard(chosen, progress=lambda: progress.advance(task))
    _audit("discard", service, {**_said(selection), "discarded": discarded})
    click.echo(f"{discarded} discarded")


def _depths(amqp_url: str) -> Iterable[dict[str, Any]]:
    """Ask the broker for each queue that the installed services need."""
    parameters = pika.URLParameters(amqp_url)
    parameters.socket_timeout = parameters.blocked_connection_timeout = _TIMEOUT_S
    with _explained(), pika.BlockingConnection(parameters) as connection:
        for spec in topology.installed().queues:
            channel = connection.channel()
            try:
                counted = channel.queue_declare(spec.name, passive=True).method
            except pika.exceptions.ChannelClosedByBroker:
                reason = f"the broker has no queue {spec.name}: start its service once"
                raise NoSuchQueueError(reason) from None
            channel.close()
            yield {
                "queue": spec.name,
                "kind": _kind(spec.name),
                "messages": counted.message_count,
                "consumers": counted.consumer_count,
            }


def _kind(queue: str) -> str:
    if queue.startswith("evt-"):
        return "handler"
    return "parking" if queue.endswith(".parking") else "retry"


def _with_reasons(amqp_url: str, row: dict[str, Any]) -> dict[str, Any]:
    if row["kind"] != "parking" or not row["messages"]:
        return {**row, "reasons": {}, "oldest_s": None}
    with _explained():
        found = ParkingLot(amqp_url, row["queue"]).look(Selection(), limit=_SHOWN)
    failed_at = [message.last_failed_at for message in found if message.last_failed_at]
    oldest_s = (datetime.now(UTC) - min(failed_at)).total_seconds() if failed_at else None
    return {**row, "reasons": dict(Counter(message.reason for message in found)), "oldest_s": oldest_s}


def _lot(amqp_url: str, service: str) -> ParkingLot:
    return ParkingLot(amqp_url, topology.parking_queue(service))


def _summary(message: Parked) -> dict[str, Any]:
    return {
        "event_id": message.event_id,
        "event_type": message.event_type,
        "queue": message.queue,
        "reason": message.reason,
        "exception": message.exception,
        "detail": message.detail,
        "attempts": message.attempts,
        "first_failed_at": message.first_failed_at and message.first_failed_at.isoformat(),
        "last_failed_at": message.last_failed_at and message.last_failed_at.isoformat(),
    }


def _said(selection: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in selection.items() if value is not None}


def _audit(action: str, service: str, details: dict[str, Any]) -> None:
    """Write who did what, as a JSON line: to AUDIT_LOG if it is set, and always to standard error."""
    at = datetime.now(UTC).isoformat()
    line = json.dumps({"at": at, "by": getuser(), "action": action, "service": service, **details})
    click.echo(line, err=True)
    if path := os.environ.get("AUDIT_LOG"):
        with Path(path).open("a") as log:
            log.write(line + "\n")


def _print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = Table(*columns)
    for row in rows:
        table.add_row(*map(str, row))
    Console(width=None if sys.stdout.isatty() else 200).print(table)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn our errors into one line and exit status 1."""
    try:
        yield
    except (TransientError, NoSuchQueueError) as error:
        raise click.ClickException(str(error)) from error
    except (pika.exceptions.AMQPError, OSError) as error:
        raise click.ClickException(f"the broker: {type(error).__name__}") from error
