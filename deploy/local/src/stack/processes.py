"""Start a process, wait until it can be used, stop it, and find what is left of it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

#: Every process of a stack carries its run folder in this variable, so that a leftover can be found.
MARKER = "BACKPACK_STACK"

POLL_S = 0.05


class NotReadyError(TimeoutError):
    """A process did not become usable in time, or ended before it did."""


@dataclass(frozen=True)
class Command:
    """One process of the stack, as it is started.

    Attributes:
        name: what we call it; also the name of its log file.
        argv: the program and its arguments.
        environment: all its variables; nothing else is handed down.
        directory: where it starts.
    """

    name: str
    argv: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def start(command: Command, log: Path) -> subprocess.Popen[bytes]:
    """Start a process that dies with us, even if we are killed, and appends what it says to its log."""
    program = shutil.which("setpriv")
    leash = (program, "--pdeathsig", "KILL", "--") if program else ()
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - commands are built by this package, no shell
            (*leash, *command.argv),
            cwd=command.directory,
            env=dict(command.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for us: we stop our processes in order.
            start_new_session=True,
        )


def stop(process: subprocess.Popen[bytes], *, timeout_s: float = 20.0) -> None:
    """Ask a process to end, and end it when it does not."""
    process.terminate()
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout_s)


def wait_until(
    ready: Callable[[], bool],
    *,
    what: str,
    timeout_s: float,
    alive: Callable[[], bool] = lambda: True,
    log: Path | None = None,
) -> None:
    """Wait for a condition.

    Raises:
        NotReadyError: when the time is over or the process has ended; ends with the tail of its log.
    """
    deadline = time.monotonic() + timeout_s
    while not ready():
        if not alive():
            raise NotReadyError(f"{what} ended before it was ready{tail(log)}")
        if time.monotonic() > deadline:
            raise NotReadyError(f"{what} was not ready after {timeout_s:.0f} s{tail(log)}")
        time.sleep(POLL_S)


def tail(log: Path | None, lines: int = 15) -> str:
    """Return the last lines of a log, introduced by its name; nothing if there is no log."""
    if log is None or not log.exists():
        return ""
    return f"; end of {log}:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


def marked(marker: str) -> list[psutil.Process]:
    """Return the living processes which carry this marker, whoever started them."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARKER) == marker and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return [process for process in found if process.pid != os.getpid()]


def end_marked(marker: str, *, timeout_s: float) -> list[str]:
    """End every process with this marker, by force after the timeout.

    Returns:
        The names of those that had to be forced.
    """
    _signal(marked(marker), signal.SIGTERM)
    deadline = time.monotonic() + timeout_s
    while (left := marked(marker)) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    names = [_name(process) for process in left]
    while left := marked(marker):
        _signal(left, signal.SIGKILL)
        time.sleep(POLL_S)
    return names


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _name(process: psutil.Process) -> str:
    try:
        return f"{process.name()} ({process.pid})"
    except psutil.NoSuchProcess:
        return str(process.pid)
