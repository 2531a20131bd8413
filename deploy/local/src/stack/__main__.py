"""`backpack-stack`: set up, start, look at and stop the local stack."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import requests
from rich.console import Console
from rich.table import Table

from stack import clocks, control, logs, packages, paths, plan, ports
from stack.control import ControlError
from stack.environment import SERVICES
from stack.packages import MissingPartError
from stack.plan import Stack
from stack.ports import PortsError
from stack.processes import NotReadyError

console = Console(highlight=False)


@contextmanager
def _explained() -> Iterator[None]:
    """Show the errors that a person can do something about without a traceback."""
    try:
        yield
    except (ControlError, MissingPartError, NotReadyError, PortsError) as error:
        raise click.ClickException(str(error)) from error


def _stack() -> Stack:
    return plan.local_stack(paths.run_directory(), ports.wanted())


@click.group()
def main() -> None:
    """The local stack of Backpack: everything on this machine, nothing outside the checkout."""


@main.command()
def setup() -> None:
    """Fetch broker, gateway and what the tests turn clocks with, unless they are here already."""
    with _explained():
        packages.fetch(paths.SYSTEM)
    try:
        clocks.fetch(paths.CLOCKS)
    except MissingPartError as error:
        # Nothing but the fault suite needs it, and that says so.
        console.print(f"Faults of the clock cannot be made here: {error}")


@main.command()
@click.option("--wait/--no-wait", default=True, help="Return when everything is ready; this is the default.")
def up(*, wait: bool) -> None:
    """Start the stack in the background."""
    with _explained():
        stack = _stack()
        started = _start(stack, wait=wait)
    console.print("The stack is up." if started else "The stack was up already.")
    _show_addresses(stack)


def _start(stack: Stack, *, wait: bool = True) -> bool:
    """Start what does not run; what a Ctrl-C or an error interrupts is stopped again."""
    if control.is_up(stack):
        if wait:
            control.wait_ready(stack)
        return False
    began = time.monotonic()
    supervisor = control.start(stack)
    try:
        if wait:
            _wait(stack, supervisor, began)
    except BaseException:
        console.print("Stopping what was started …")
        control.stop(stack)
        raise
    return True


def _wait(stack: Stack, supervisor: subprocess.Popen[bytes], began: float) -> None:
    with console.status("Starting …") as status:

        def tell(name: str) -> None:
            console.print(f"  {name} is ready after {time.monotonic() - began:.1f} s")
            status.update("Starting …")

        control.wait_ready(stack, supervisor, tell=tell)


def _show_addresses(stack: Stack) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_row("Gateway", stack.gateway.url)
    for what, address in stack.gateway.pages.items():
        table.add_row(what, address)
    table.add_row("Broker's user", f"{stack.broker.user}, password in {stack.directory / 'secrets.env'}")
    table.add_row("Logs", f"make logs, or {stack.directory / 'log'}")
    table.add_row("Stop", "make down")
    console.print(table)


@main.command()
def down() -> None:
    """Stop the stack; its data stays."""
    with _explained():
        forced = control.stop(_stack())
    for name in forced:
        console.print(f"{name} did not end by itself and was killed.")
    console.print("The stack is down.")


@main.command()
def status() -> None:
    """Show each part; the exit status is 1 unless all are ready."""
    with _explained():
        states = control.states(_stack())
    table = Table("Part", "Processes", "State", "Address", "Process ids", box=None, pad_edge=False)
    for state in states:
        said = "ready" if state.ready else "not ready" if state.pids else "not running"
        count = f"{len(state.pids)} of {state.wanted}"
        table.add_row(state.part.name, count, said, state.part.address, " ".join(map(str, state.pids)))
    console.print(table)
    sys.exit(0 if all(state.ready for state in states) else 1)


@main.command(name="logs")
@click.argument("parts", nargs=-1)
@click.option("--follow/--no-follow", default=False, help="Go on until Ctrl-C.")
@click.option("--lines", default=50, show_default=True, help="Of each part, from the end.")
def show_logs(*, parts: tuple[str, ...], follow: bool, lines: int) -> None:
    """Show what parts say; all of them when none is named."""
    directory = paths.run_directory() / "log"
    known = {path.stem: path for path in sorted(directory.glob("*.log"))}
    for name in parts:
        if name not in known:
            raise click.ClickException(f"there is no log of {name!r}; there are {', '.join(known) or 'none'}")
    chosen = {name: path for name, path in known.items() if not parts or name in parts}
    for line in logs.read(chosen, lines=lines, follow=follow):
        click.echo(line)


@main.command()
@click.argument("counts", nargs=-1, required=True)
def scale(counts: tuple[str, ...]) -> None:
    """Change how many processes a service has: `scale scoring=3`."""
    with _explained():
        stack = _stack()
        for each in counts:
            name, _, count = each.partition("=")
            if not count.isdecimal() or int(count) < 1:
                raise click.ClickException(f"{each!r} is not SERVICE=COUNT with a count of 1 or more")
            control.scale(stack, name, int(count))
            console.print(f"{name} has {count} processes.")


@main.command()
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
def roll(services: tuple[str, ...]) -> None:
    """Replace the processes of services, all when none is named, without a pause."""
    with _explained():
        stack = _stack()
        for name in services or SERVICES:
            control.roll(stack, name)
            console.print(f"{name} runs in new processes.")


@main.command()
@click.option("--role", default="district_admin", show_default=True)
@click.option("--subject", default="developer", show_default=True, help="A staff, student or guardian id.")
@click.option("--student", "students", multiple=True, help="Whom a guardian may see; may be repeated.")
@click.option("--district", default="jcps", show_default=True)
def token(*, role: str, subject: str, students: tuple[str, ...], district: str) -> None:
    """Print a bearer token for the local stack, good for 8 hours."""
    with _explained():
        keys = _stack().keys
    try:
        click.echo(keys.token(subject, role, list(students) or None, district))
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@main.command()
@click.argument("service", type=click.Choice(SERVICES), default=SERVICES[0])
def env(service: str) -> None:
    """Print a service's environment for a shell: eval "$(backpack-stack env)", then `backpack queues`."""
    with _explained():
        stack = _stack()
    wanted = {**stack.service_environment(service), "AUDIT_LOG": str(stack.directory / "audit.jsonl")}
    for name, value in sorted(wanted.items()):
        click.echo(f"export {name}={shlex.quote(value)}")


@main.command()
def demo() -> None:
    """Start the stack and run a small district's defense season on it."""
    # The season brings the generators of its files, which the other commands do not need.
    from stack.demo import season  # noqa: PLC0415

    with _explained():
        stack = _stack()
        started = _start(stack)
    try:
        code = season.run(
            gateway_url=stack.gateway.url,
            run_directory=stack.directory,
            mail_url=stack.gateway.pages["Mails"].rstrip("/"),
            sms_url=stack.gateway.pages["Text messages"].rstrip("/"),
            token=stack.keys.token,
            roster_import=lambda bundle: _import_roster(stack, bundle),
        )
    except KeyboardInterrupt:
        if started:
            console.print("Stopping what was started …")
            control.stop(stack)
        raise
    except (requests.RequestException, subprocess.CalledProcessError) as error:
        raise click.ClickException(f"{error}\nThe stack still runs: look with make logs.") from error
    console.print()
    _show_addresses(stack)
    sys.exit(code)


def _import_roster(stack: Stack, bundle: Path) -> None:
    command = (
        *(str(paths.PROGRAMS / "backpack"), "roster", "import", str(bundle)),
        *("--district", "jcps", "--report", str(bundle.parent / "roster-report.csv")),
    )
    subprocess.run(  # noqa: S603 - our own command
        command,
        env={**stack.service_environment("artifacts"), "TERM": "xterm-256color"},
        check=True,
    )


if __name__ == "__main__":
    main()
