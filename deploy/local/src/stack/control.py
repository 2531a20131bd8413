"""Starting, asking and stopping the supervisor from outside."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from circus.client import CircusClient
from circus.exc import CallError

from stack import plan, ports, processes
from stack.environment import SERVICES
from stack.plan import Part, Stack
from stack.processes import MARKER, NotReadyError
from stack.supervisor import ENDPOINT

START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 90.0
ASK_TIMEOUT_S = 5.0
CHANGE_TIMEOUT_S = 90.0
POLL_S = 0.1

NOT_UP = "the stack is not up, or does not answer: run `make up`"


class ControlError(RuntimeError):
    """The supervisor does not run, or refuses; the text says what to do."""


@dataclass(frozen=True)
class PartState:
    """How one part is.

    Attributes:
        wanted: how many processes it should have.
        pids: of those that it has.
        ready: whether it can be used.
    """

    part: Part
    wanted: int
    pids: tuple[int, ...]
    ready: bool


def is_up(stack: Stack) -> bool:
    """Tell whether a supervisor answers in this run folder."""
    try:
        _ask(stack, "dstats", timeout_s=2.0)
    except ControlError:
        return False
    return True


def start(stack: Stack) -> subprocess.Popen[bytes]:
    """Start the supervisor in the background; it starts everything else.

    Raises:
        PortsError: if a port is taken.
    """
    processes.end_marked(stack.marker, timeout_s=STOP_TIMEOUT_S)
    ports.check_free(stack.ports)
    plan.write_files(stack)
    _socket(stack).unlink(missing_ok=True)
    with stack.log("supervisor").open("ab") as log:
        return subprocess.Popen(
            (sys.executable, "-m", "stack.supervisor"),
            cwd=stack.directory,
            env={
                **os.environ,
                "BACKPACK_RUN_DIR": str(stack.directory),
                "BACKPACK_PORT_BASE": str(stack.ports.gateway),
                MARKER: stack.marker,
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C is for the command in front; it stops us in order.
            start_new_session=True,
        )


def wait_ready(
    stack: Stack,
    supervisor: subprocess.Popen[bytes] | None = None,
    *,
    tell: Callable[[str], None] = lambda _: None,
    timeout_s: float = START_TIMEOUT_S,
) -> None:
    """Wait until every part is ready.

    Args:
        stack: which one.
        supervisor: that we have started, to notice its end.
        tell: called with the name of each part when it is ready.
        timeout_s: for all together.

    Raises:
        NotReadyError: naming the parts that are not, with the end of the log of one of them.
    """
    deadline = time.monotonic() + timeout_s
    waiting = stack.parts()
    while waiting:
        for part in list(waiting):
            # Parts that listen nowhere are started last of all but the front.
            if part.address and part.ready():
                waiting.remove(part)
                tell(part.name)
        if all(not part.address for part in waiting):
            _check_running(stack, [part.name for part in waiting])
            return
        if supervisor is not None and supervisor.poll() is not None:
            raise NotReadyError(f"the supervisor ended: see {stack.log('supervisor')}")
        if time.monotonic() > deadline:
            slow = next(part for part in waiting if part.address)
            names = ", ".join(part.name for part in waiting if part.address)
            raise NotReadyError(
                f"not ready after {timeout_s:.0f} s: {names}{processes.tail(stack.log(slow.name))}"
            )
        time.sleep(POLL_S)


def _check_running(stack: Stack, names: list[str]) -> None:
    running = _pids(stack)
    missing = [name for name in names if not running.get(name)]
    if missing:
        raise NotReadyError(f"{missing[0]} does not run{processes.tail(stack.log(missing[0]))}")


def stop(stack: Stack) -> list[str]:
    """Stop everything, in order, and whatever is left of an earlier run.

    Returns:
        The processes that had to be ended by force.
    """
    if is_up(stack):
        with contextlib.suppress(ControlError):
            _ask(stack, "quit", waiting=False)
        deadline = time.monotonic() + STOP_TIMEOUT_S
        while processes.marked(stack.marker) and time.monotonic() < deadline:
            time.sleep(POLL_S)
    return processes.end_marked(stack.marker, timeout_s=STOP_TIMEOUT_S)


def states(stack: Stack) -> list[PartState]:
    """Return how each part is.

    Raises:
        ControlError: if the stack is not up.
    """
    running = _pids(stack)
    return [
        PartState(
            part,
            int(_ask(stack, "numprocesses", name=part.name)["numprocesses"] or 0),
            running[part.name],
            bool(running[part.name]) and part.ready(),
        )
        for part in stack.parts()
    ]


def scale(stack: Stack, service: str, count: int) -> None:
    """Give a service another number of processes, and wait until they serve.

    Raises:
        ControlError: if the stack is not up or there is no such service.
    """
    _check_service(service)
    for _ in range(count - len(_pids(stack)[service])):
        _add(stack, service)
    surplus = len(_pids(stack)[service]) - count
    if surplus > 0:
        _ask(stack, "decr", name=service, nb=surplus, waiting=True, timeout_s=CHANGE_TIMEOUT_S)


def roll(stack: Stack, service: str) -> None:
    """Replace the processes of a service one by one; each old one goes when a new one serves in its place.

    Raises:
        ControlError: if the stack is not up or there is no such service.
    """
    _check_service(service)
    for _ in _pids(stack)[service]:
        _add(stack, service)
        # Of several, circus ends the oldest.
        _ask(stack, "decr", name=service, nb=1, waiting=True, timeout_s=CHANGE_TIMEOUT_S)


def _add(stack: Stack, service: str) -> None:
    before = set(_pids(stack)[service])
    _ask(stack, "incr", name=service, nb=1, waiting=True, timeout_s=CHANGE_TIMEOUT_S)
    port = stack.ports.of_service(service)
    processes.wait_until(
        lambda: any(_listens(pid, port) for pid in set(_pids(stack)[service]) - before),
        what=f"a new process of {service}",
        timeout_s=CHANGE_TIMEOUT_S,
        log=stack.log(service),
    )


def _listens(pid: int, port: int) -> bool:
    try:
        connections = psutil.Process(pid).net_connections("tcp")
    except psutil.Error:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)


def _check_service(name: str) -> None:
    if name not in SERVICES:
        raise ControlError(f"there is no service {name!r}; there are {', '.join(SERVICES)}")


def _pids(stack: Stack) -> dict[str, tuple[int, ...]]:
    names = [part.name for part in stack.parts()]
    return {name: tuple(_ask(stack, "list", name=name).get("pids", ())) for name in names}


def _socket(stack: Stack) -> Path:
    return stack.directory / ENDPOINT.removeprefix("ipc://")


def _ask(
    stack: Stack, command: str, *, timeout_s: float = ASK_TIMEOUT_S, **properties: Any
) -> dict[str, Any]:
    """Send one command to the supervisor.

    Raises:
        ControlError: if it does not answer, or answers with an error.
    """
    if not _socket(stack).exists():
        raise ControlError(NOT_UP)
    # The socket's path is relative to the run folder; see stack.supervisor.
    with contextlib.chdir(stack.directory):
        client = CircusClient(endpoint=ENDPOINT, timeout=timeout_s)
        try:
            answer: dict[str, Any] = client.send_message(command, **properties)
        except CallError as error:
            raise ControlError(NOT_UP) from error
        finally:
            client.stop()
    if answer.get("status") == "error":
        raise ControlError(f"{command}: {answer.get('reason')}")
    return answer
