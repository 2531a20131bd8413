"""`backpack queues`: what waits where, for how long, and who takes it."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import click
import pika
from pika.exceptions import ChannelClosedByBroker

from chassis import topology
from chassis.errors import TransientError
from chassis.operating.backlog import AT_MOST, EXACTLY, Oldest, oldest_by_queue
from chassis.operating.terminal import (
    EXIT_ATTENTION,
    EXIT_STATUSES,
    as_json,
    broker,
    explained,
    print_json,
    print_table,
)
from chassis.parked import ParkingLot, Selection

_TIMEOUT_S = 10
_LOOKED_AT = 1000


@click.command(epilog=EXIT_STATUSES)
@broker
@click.option("--management-url", envvar="MANAGEMENT_URL", help="With user and password; knows ages.")
@as_json
def queues(amqp_url: str, management_url: str | None, *, as_json: bool) -> None:
    """Show every queue's depth, consumers and oldest age, and what is parked by reason.

    Ages of handlers' queues come from the broker's history, in steps of 5 s in the last ten minutes and of
    a minute in the last hour; looking at a message itself would use up its delivery limit.

    Exit status 3 when a queue is missing, a handler has no consumer or anything is parked.
    """
    with explained():
        rows = [_with_reasons(amqp_url, row) for row in _depths(amqp_url)]
    ages = _ages(amqp_url, management_url)
    rows = [_with_age(row, ages.get(row["queue"])) for row in rows]
    if as_json:
        print_json([_plain(row) for row in rows])
    else:
        columns = ("queue", "kind", "messages", "consumers", "oldest", "parked by reason")
        print_table(columns, [_cells(row) for row in rows])
    if any(_needs_attention(row) for row in rows):
        sys.exit(EXIT_ATTENTION)


def _ages(amqp_url: str, management_url: str | None) -> dict[str, Oldest]:
    """Return what is known; without the management API, depths are still worth showing."""
    if not management_url:
        click.echo("no MANAGEMENT_URL: ages of handlers' queues are not known", err=True)
        return {}
    try:
        return oldest_by_queue(management_url, unquote(urlsplit(amqp_url).path[1:]) or "/")
    except TransientError as error:
        click.echo(f"{error}: ages of handlers' queues are not known", err=True)
        return {}


def _depths(amqp_url: str) -> Iterator[dict[str, Any]]:
    """Ask the broker for each queue that the installed services need."""
    parameters = pika.URLParameters(amqp_url)
    parameters.socket_timeout = parameters.blocked_connection_timeout = _TIMEOUT_S
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        for spec in topology.installed().queues:
            row = {
                "queue": spec.name,
                "kind": _kind(spec.name),
                "step_ms": spec.arguments.get("x-message-ttl"),
            }
            try:
                counted = channel.queue_declare(spec.name, passive=True).method
            except ChannelClosedByBroker:
                channel = connection.channel()
                yield {**row, "messages": None, "consumers": None}
            else:
                yield {**row, "messages": counted.message_count, "consumers": counted.consumer_count}


def _kind(queue: str) -> str:
    if queue.startswith("evt-"):
        return "handler"
    return "parking" if queue.endswith(".parking") else "retry"


def _with_reasons(amqp_url: str, row: dict[str, Any]) -> dict[str, Any]:
    """Look into a parking queue, where looking costs nothing."""
    if row["kind"] != "parking" or not row["messages"]:
        return {**row, "reasons": {}, "parked_since": None}
    found = ParkingLot(amqp_url, row["queue"]).look(Selection(), limit=_LOOKED_AT)
    failed_at = [message.last_failed_at for message in found if message.last_failed_at]
    reasons = dict(Counter(message.reason for message in found))
    return {**row, "reasons": reasons, "parked_since": min(failed_at, default=None)}


def _with_age(row: dict[str, Any], remembered: Oldest | None) -> dict[str, Any]:
    oldest = None
    if not row["messages"]:
        pass
    elif row["kind"] == "handler":
        oldest = remembered
    elif row["kind"] == "retry":
        # A message leaves a step when its time is over.
        oldest = Oldest(row["step_ms"] / 1000, AT_MOST)
    elif row["parked_since"]:
        oldest = Oldest((datetime.now(UTC) - row["parked_since"]).total_seconds(), EXACTLY)
    return {**row, "oldest": oldest}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    oldest = row["oldest"]
    return {
        **{name: row[name] for name in ("queue", "kind", "messages", "consumers", "reasons")},
        "oldest_s": None if oldest is None else round(oldest.age_s, 1),
        "oldest_bound": None if oldest is None else oldest.bound,
    }


def _cells(row: dict[str, Any]) -> tuple[Any, ...]:
    if row["messages"] is None:
        return row["queue"], row["kind"], "missing", "", "", ""
    reasons = ", ".join(f"{reason}: {count}" for reason, count in row["reasons"].items())
    if reasons and row["messages"] > _LOOKED_AT:
        reasons += f" (of the first {_LOOKED_AT})"
    oldest = row["oldest"] or ("?" if row["messages"] else "")
    return row["queue"], row["kind"], row["messages"], row["consumers"], oldest, reasons


def _needs_attention(row: dict[str, Any]) -> bool:
    if row["messages"] is None:
        return True
    if row["kind"] == "parking":
        return bool(row["messages"])
    return row["kind"] == "handler" and not row["consumers"]
