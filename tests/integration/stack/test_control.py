"""Starting and stopping: ports, leftovers and order. One test starts the whole stack."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import paths, ports, processes
from stack.http import answers

PROGRAM = str(paths.PROGRAMS / "backpack-stack")
MARKED = "import time; time.sleep(600)"


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    return {
        **os.environ,
        "BACKPACK_RUN_DIR": str(tmp_path),
        "BACKPACK_PORT_BASE": str(ports.free_base()),
    }


def run(
    *arguments: str, variables: dict[str, str], timeout_s: float = 60
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (PROGRAM, *arguments), env=variables, capture_output=True, text=True, check=False, timeout=timeout_s
    )


@pytest.fixture
def leftover(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Give a process that an earlier stack of this run folder has left behind."""
    environment = {**os.environ, processes.MARKER: str(tmp_path)}
    process = subprocess.Popen((sys.executable, "-c", MARKED), env=environment)
    yield process
    process.kill()
    process.wait()


def test_names_a_taken_port_before_anything_starts(variables: dict[str, str], tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(variables["BACKPACK_PORT_BASE"])))
        holder.listen()

        refused = run("up", variables=variables)

    assert refused.returncode == 1
    assert f"port {variables['BACKPACK_PORT_BASE']}, wanted for gateway, is taken by " in refused.stderr
    assert f"(process {os.getpid()})" in refused.stderr
    assert processes.marked(str(tmp_path)) == []


def test_says_that_nothing_is_up(variables: dict[str, str]) -> None:
    asked = run("status", variables=variables)

    assert asked.returncode == 1
    assert "the stack is not up" in asked.stderr


def test_ends_what_an_earlier_stack_has_left(
    variables: dict[str, str], leftover: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    stopped = run("down", variables=variables)

    assert stopped.returncode == 0
    assert leftover.wait(timeout=5) != 0
    assert processes.marked(str(tmp_path)) == []


def test_gives_tokens_without_a_running_stack(variables: dict[str, str]) -> None:
    given = run("token", "--role", "guardian", "--student", "s-1", variables=variables)

    assert given.returncode == 0
    assert given.stdout.count(".") == 2


def test_explains_a_wrong_role(variables: dict[str, str]) -> None:
    refused = run("token", "--role", "headmaster", variables=variables)

    assert refused.returncode == 1
    assert "'headmaster' is not a valid Role" in refused.stderr


@pytest.mark.timeout(300)
def test_starts_everything_restarts_what_is_killed_and_leaves_nothing(
    variables: dict[str, str], tmp_path: Path
) -> None:
    try:
        started = run("up", variables=variables, timeout_s=150)
        assert started.returncode == 0, started.stderr + started.stdout
        marked = {" ".join(process.cmdline()): process for process in processes.marked(str(tmp_path))}
        (killed,) = (process for argv, process in marked.items() if argv.endswith("-m scoring"))

        killed.kill()

        url = f"http://127.0.0.1:{variables['BACKPACK_PORT_BASE']}"
        processes.wait_until(
            lambda: not killed.is_running() and answers(f"{url}/scoring/readyz"),
            what="a new scoring process",
            timeout_s=60,
        )
        assert run("status", variables=variables).returncode == 0
    finally:
        stopped = run("down", variables=variables, timeout_s=150)
    assert (stopped.returncode, stopped.stdout) == (0, "The stack is down.\n")
    assert processes.marked(str(tmp_path)) == []
