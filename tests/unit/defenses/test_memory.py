"""A limit of memory: what outgrows it ends with its children, and says so; what stays below is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from defenses.domain.scheduling.limits import MIB, OUT_OF_MEMORY
from defenses.solver.memory import family_of, limited, resident_bytes


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_process_that_grows_beyond_its_limit_ends_and_says_why() -> None:
    ended = run(
        """
        from defenses.domain.scheduling.limits import MIB
        from defenses.solver.memory import limited
        with limited(200 * MIB):
            kept = []
            while True:
                kept.append(b"1" * MIB)
        """
    )

    assert ended.returncode == OUT_OF_MEMORY
    assert ended.stderr.startswith("memory: ")
    assert "the limit of 200 MiB" in ended.stderr


def test_what_a_child_has_counts_and_the_child_ends_too() -> None:
    ended = run(
        """
        import subprocess, sys, time
        from defenses.domain.scheduling.limits import MIB
        from defenses.solver.memory import limited
        with limited(200 * MIB):
            child = subprocess.Popen(
                [sys.executable, "-c", "import time; kept = b'1' * (300 << 20); time.sleep(600)"]
            )
            print(child.pid, flush=True)
            child.wait()
        """
    )

    assert ended.returncode == OUT_OF_MEMORY
    _wait_until(lambda: _state(int(ended.stdout)) in {"", "Z"})


def test_a_process_below_its_limit_goes_on_and_is_not_watched_afterwards() -> None:
    ended = run(
        """
        import threading
        from defenses.domain.scheduling.limits import MIB
        from defenses.solver.memory import limited
        with limited(200 * MIB):
            watched = threading.active_count()
        print(watched, threading.active_count())
        """
    )

    assert (ended.returncode, ended.stdout) == (0, "2 1\n")


def test_an_error_of_what_is_limited_comes_through() -> None:
    with pytest.raises(ZeroDivisionError), limited(1000 * 1024 * MIB):
        raise ZeroDivisionError


def test_a_family_is_a_process_with_its_children_and_theirs() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as child:
        _wait_until(lambda: len(family_of(child.pid)) == 2)
        family = family_of(child.pid)
        ours = family_of(os.getpid())
        assert child.stdin is not None
        child.stdin.close()

    assert set(family) < set(ours)
    assert resident_bytes(ours) > MIB


def test_a_process_that_has_ended_has_no_memory() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        pass

    assert resident_bytes([child.pid]) == 0
    assert family_of(child.pid) == [child.pid]


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert met


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""
