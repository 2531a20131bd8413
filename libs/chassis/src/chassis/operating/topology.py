"""`backpack topology write|apply|check`: exchanges, queues and bindings of all installed services."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import quote

import click
import requests

from chassis.declare import TopologyMismatchError, declare
from chassis.errors import TransientError
from chassis.operating.terminal import EXIT_ATTENTION, EXIT_STATUSES, as_json, broker, print_json
from chassis.topology import definitions, differences, installed

_TIMEOUT_S = 10


@click.group("topology", epilog=EXIT_STATUSES)
def topology() -> None:
    """Exchanges, queues and bindings of all installed services."""


@topology.command("write", epilog=EXIT_STATUSES)
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--vhost", default="backpack", show_default=True)
def write_topology(path: Path, vhost: str) -> None:
    """Write RabbitMQ definitions to PATH, for the broker to import at its start."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(definitions(installed(), vhost), indent=2) + "\n")


@topology.command("apply", epilog=EXIT_STATUSES)
@broker
def apply_topology(amqp_url: str) -> None:
    """Declare everything on a broker; it may be repeated, and takes nothing away.

    Exit status 3 when something is there already with another argument, which is named: a person must
    decide, since changing it means deleting the queue.
    """
    try:
        declare(amqp_url, installed())
    except TopologyMismatchError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_ATTENTION)
    except TransientError as error:
        raise click.ClickException(str(error)) from error
    click.echo("declared")


@topology.command("check", epilog=EXIT_STATUSES)
@click.option("--management-url", envvar="MANAGEMENT_URL", required=True, help="With user and password.")
@click.option("--vhost", default="backpack", show_default=True)
@as_json
def check_topology(management_url: str, vhost: str, *, as_json: bool) -> None:
    """Compare a broker with what the services need, and name each difference.

    That is: what is missing, each argument that is otherwise, bindings of our queues that nobody asked for,
    and queues of handlers that no longer exist, which fill up unread. Exit status 3 when there is any.
    """
    try:
        answer = requests.get(f"{management_url}/api/definitions/{quote(vhost, safe='')}", timeout=_TIMEOUT_S)
        answer.raise_for_status()
        found = differences(definitions(installed(), vhost), answer.json())
    except (requests.RequestException, ValueError) as error:
        raise click.ClickException(f"the broker's management API: {type(error).__name__}") from error
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(found) or "the broker has everything, and nothing besides")
    if found:
        sys.exit(EXIT_ATTENTION)
