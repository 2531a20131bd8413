"""`backpack parked list|show|replay|discard`: what could not be handled, and what becomes of it."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any
from uuid import uuid4

import click

from chassis import topology
from chassis.operating.terminal import (
    EXIT_ATTENTION,
    EXIT_STATUSES,
    as_json,
    audit,
    broker,
    explained,
    print_json,
    print_table,
    progressing,
)
from chassis.parked import Parked, ParkingLot, Selection

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SHOWN = 1000


class Age(click.ParamType[timedelta]):
    """An age such as 90s, 15m, 6h or 2d."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the age as a timedelta."""
        unit = str(value)[-1:]
        if unit not in _UNITS_S or not str(value)[:-1].isdecimal():
            self.fail(f"{value} is no age: say 90s, 15m, 6h or 2d", param, ctx)
        return timedelta(seconds=int(str(value)[:-1]) * _UNITS_S[unit])


@click.group(epilog=EXIT_STATUSES)
def parked() -> None:
    """Look at, replay or discard the messages that a service could not handle."""


def _selecting(command: Any) -> Any:
    """Add what says which messages are meant."""
    for option in reversed(
        [
            click.argument("service"),
            click.option("--queue", help="The failing queue, or the handler's name at its end."),
            click.option("--type", "event_type", help="The event's type."),
            click.option("--reason", help="Such as contract_violation or handler_error."),
            click.option("--id", "event_id", help="One event's id."),
            click.option("--older-than", type=Age(), help="Since its last failure: 90s, 15m, 6h, 2d."),
            click.option("--newer-than", type=Age(), help="Since its last failure."),
            broker,
        ]
    ):
        command = option(command)
    return command


@parked.command("list", epilog=EXIT_STATUSES)
@_selecting
@as_json
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="At most so many.")
def list_parked(service: str, amqp_url: str, *, as_json: bool, limit: int, **selection: Any) -> None:
    """List parked messages, oldest first, without their content."""
    with explained():
        # One more than is shown tells whether there are more.
        found = _lot(amqp_url, service).look(Selection(**selection), limit=limit + 1)
    if as_json:
        print_json([_summary(message) for message in found[:limit]])
    else:
        print_table(
            ("event", "type", "handler", "reason", "exception", "attempts", "replays", "last failed"),
            [_cells(message) for message in found[:limit]],
        )
    if len(found) > limit:
        click.echo(f"only the first {limit}; there are more: --limit", err=True)


@parked.command("show", epilog=EXIT_STATUSES)
@_selecting
@as_json
def show_parked(service: str, amqp_url: str, *, as_json: bool, **selection: Any) -> None:
    """Show parked messages whole, one JSON document each; with --json one list.

    Their content may be personal data, so each look is audited first.
    """
    with explained():
        found = _lot(amqp_url, service).look(Selection(**selection), limit=_SHOWN)
    if not found:
        raise click.ClickException("nothing is parked that fits")
    shown = []
    for message in found:
        audit("show", service, {"event_id": message.event_id})
        shown.append({**_summary(message), "body": message.body.decode(errors="replace")})
    if as_json:
        print_json(shown)
        return
    for each in shown:
        print_json(each)


@parked.command("replay", epilog=EXIT_STATUSES)
@_selecting
@as_json
def replay_parked(service: str, amqp_url: str, *, as_json: bool, **selection: Any) -> None:
    """Hand parked messages back to the queue that they failed in, with the same ids.

    It may be killed and repeated: nothing is lost, and what was handled already is recognised. Exit status
    3 when some could not go back, because their queue is unknown or gone; 0 also when nothing fits.
    """
    run, said = str(uuid4()), _said(selection)
    lot = _lot(amqp_url, service)
    with explained():
        lot.depth()
        audit("replay begins", service, {**said, "run": run})
        with progressing(f"replay {service}", None) as done:
            replayed, stayed = lot.replay(Selection(**selection), run=run, progress=done)
    audit("replay", service, {**said, "run": run, "replayed": replayed, "stayed": stayed})
    if as_json:
        print_json({"run": run, "replayed": replayed, "stayed": stayed})
    else:
        click.echo(f"{replayed} replayed, {stayed} stayed")
    if stayed:
        sys.exit(EXIT_ATTENTION)


@parked.command("discard", epilog=EXIT_STATUSES)
@_selecting
@as_json
@click.option("--yes", is_flag=True, help="Do not ask.")
def discard_parked(service: str, amqp_url: str, *, as_json: bool, yes: bool, **selection: Any) -> None:
    """Throw parked messages away for good; asks first.

    AUDIT_LOG gets a line for each, before it goes. Exit status 1 when nothing fits.
    """
    lot, chosen, said = _lot(amqp_url, service), Selection(**selection), _said(selection)
    with explained():
        count = lot.count(chosen)
    if not count:
        raise click.ClickException("nothing is parked that fits")
    if not yes:
        click.confirm(f"Discard {count} messages of {service} for good?", abort=True, err=True)
    audit("discard begins", service, {**said, "meant": count})
    with explained(), progressing(f"discard {service}", count) as done:

        def note(message: Parked) -> None:
            audit("discard one", service, _identity(message), aloud=False)
            done()

        discarded = lot.discard(chosen, before=note)
    audit("discard", service, {**said, "discarded": discarded})
    if as_json:
        print_json({"discarded": discarded})
    else:
        click.echo(f"{discarded} discarded")


def _lot(amqp_url: str, service: str) -> ParkingLot:
    return ParkingLot(amqp_url, topology.parking_queue(service))


def _identity(message: Parked) -> dict[str, Any]:
    return {"event_id": message.event_id, "queue": message.queue, "reason": message.reason}


def _summary(message: Parked) -> dict[str, Any]:
    return {
        **_identity(message),
        "event_type": message.event_type,
        "exception": message.exception,
        "detail": message.detail,
        "attempts": message.attempts,
        "replays": message.replays,
        "first_failed_at": message.first_failed_at and message.first_failed_at.isoformat(),
        "last_failed_at": message.last_failed_at and message.last_failed_at.isoformat(),
    }


def _cells(message: Parked) -> tuple[Any, ...]:
    # The rest of the queue's name is the event's type.
    handler = message.queue.rpartition("--")[2]
    failed_at = message.last_failed_at.isoformat(" ", "seconds") if message.last_failed_at else ""
    return (
        message.event_id,
        message.event_type,
        handler,
        message.reason,
        message.exception,
        message.attempts,
        message.replays,
        failed_at,
    )


def _said(selection: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in selection.items() if value is not None}
