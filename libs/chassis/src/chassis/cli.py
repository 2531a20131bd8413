"""The `backpack` command: run services and relays, and the operators' tools. Nothing here is patched."""

from __future__ import annotations

import importlib
import os
import sys
from importlib.metadata import entry_points
from typing import Any

import click
from prometheus_client import start_http_server

from chassis import auth, logs, mongo, settings
from chassis import relay as relays
from chassis.confirms import PipelinedPublisher
from chassis.operating.parked import parked
from chassis.operating.queues import queues
from chassis.operating.topology import topology

_SERVICES = "backpack.services"
_COMMANDS = "backpack.commands"


@click.group()
def main() -> None:
    """Run and operate Backpack."""


@main.command()
@click.argument("service")
def run(service: str) -> None:
    """Run SERVICE in this process; the same as `python -m SERVICE`."""
    _check_installed(service)
    # A process of its own from its first line on, because a service is monkey-patched before all else.
    os.execv(sys.executable, [sys.executable, "-m", service])  # noqa: S606 - the name was looked up


@main.command()
@click.argument("service")
def relay(service: str) -> None:
    """Publish what SERVICE's HTTP calls and timers have left pending. Several may run."""
    _check_installed(service)
    read: settings.RelaySettings = _settings(settings.RelaySettingsSchema)
    logs.configure(f"{service}-relay", log_format=read.log_format, level=read.log_level)
    mongo.connect(read.mongo_url, read.mongo_database)
    aggregates = mongo.aggregates_of(importlib.import_module(f"{service}.documents"))
    if read.relay_metrics_address:
        host, _, port = read.relay_metrics_address.rpartition(":")
        start_http_server(int(port), host)
    relays.run(
        relays.Relay(
            [each._get_collection() for each in aggregates],  # noqa: SLF001 - the driver's collection
            PipelinedPublisher(read.amqp_url, confirm_timeout_s=read.confirm_timeout_s),
            relays.RelayLimits(read.relay_batch, read.relay_lease_s, read.relay_idle_s),
        )
    )


@main.command()
@click.option("--subject", required=True, help="Staff, student or guardian id, or a portal's name.")
@click.option("--role", required=True, type=click.Choice([str(role) for role in auth.Role]))
@click.option("--district", default="jcps", show_default=True)
@click.option("--student", "students", multiple=True, help="Whom a student or guardian may see.")
@click.option("--signing-key-file", envvar="JWT_SIGNING_KEY_FILE", required=True)
@click.option("--issuer", envvar="JWT_ISSUER", required=True)
@click.option("--audience", envvar="JWT_AUDIENCE", default="backpack")
def token(subject: str, role: str, district: str, students: tuple[str, ...], **key: Any) -> None:
    """Print a bearer token signed with the development key."""
    scoped = auth.Role(role) in auth.SCOPED_ROLES
    principal = auth.Principal(subject, district, auth.Role(role), frozenset(students) if scoped else None)
    click.echo(auth.issue_token(principal, **key))


def _check_installed(service: str) -> None:
    known = sorted(entry.name for entry in entry_points(group=_SERVICES))
    if service not in known:
        raise click.ClickException(f"no service {service} is installed; there are: {', '.join(known)}")


def _settings(schema: type[settings.EnvironmentSchema]) -> Any:
    try:
        return settings.read(schema)
    except settings.SettingsError as error:
        raise click.ClickException(str(error)) from error


main.add_command(queues)
main.add_command(parked)
main.add_command(topology)
for _command in entry_points(group=_COMMANDS):
    main.add_command(_command.load(), _command.name)
