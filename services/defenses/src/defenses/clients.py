"""The solver, as a process of its own: the service keeps answering, and a crash of the search is not ours."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from defenses.domain.runs import Progress
from defenses.domain.scheduling.exchange import (
    UnreadableExchangeError,
    instance_to_wire,
    solution_from_wire,
)
from defenses.domain.scheduling.instance import Instance, Solution
from defenses.domain.scheduling.limits import MEMORY_BYTES, OUT_OF_MEMORY
from defenses.domain.scheduling.season import SeasonPolicy
from defenses.use_cases.searching import Aside, Beat, SearchFailedError, here

_COMMAND = (sys.executable, "-m", "defenses.solver")
#: Beyond the time of the search: to start, to read the instance, and to compile, the first time on a machine.
_GRACE_S = 300.0
_POLL_S = 0.1
_BEAT_INTERVAL_S = 2.0
_LAST_LINES_BYTES = 4096
_MOST_SAID = 500
_FIRST_TO_GO = "1000"


class SolverProcess:
    """Runs one search at a time in a child process.

    Under eventlet `time.sleep` lets others run, so waiting for the child blocks nobody.
    """

    def __init__(
        self,
        command: Sequence[str] = _COMMAND,
        grace_s: float = _GRACE_S,
        memory_bytes: int = MEMORY_BYTES,
        aside: Aside = here,
    ) -> None:
        """Set it up.

        Args:
            command: of the child process, to which our id is added.
            grace_s: beyond the time of the search, before the child counts as hanging.
            memory_bytes: of the child with all of its own.
            aside: reads and writes what a large area takes seconds for.
        """
        self._aside = aside
        self._command = command
        self._memory_bytes = memory_bytes
        self._grace_s = grace_s

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
        """Return the best schedule found within the policy's time, or until it was not to go on.

        Raises:
            SearchFailedError: if the process fails, hangs or says something else than a solution.
        """
        seconds = policy.seconds_for(len(instance.students))
        request = {
            "seconds": seconds,
            "workers": policy.workers,
            "gap": policy.gap,
            "memory_bytes": self._memory_bytes,
        }
        wire = self._aside(lambda: _request(instance, request), beat)
        # Anonymous files, because a pipe that nobody reads for a while would stop the child.
        with TemporaryFile() as asked, TemporaryFile() as said, TemporaryFile() as complaints:
            asked.write(wire)
            asked.seek(0)
            command = [*self._command, str(os.getpid())]
            process = subprocess.Popen(command, stdin=asked, stdout=said, stderr=complaints)  # noqa: S603 - ours
            try:
                _offer_first(process.pid)
                status = _wait(process, said.fileno(), seconds + self._grace_s, beat)
            finally:
                process.kill()
                process.wait()
            if status != 0:
                raise SearchFailedError(f"{_ending(status)}: {_tail(complaints)}")
            said.seek(0)
            lines = said.read()
        return self._aside(lambda: _read(lines), beat)


def _offer_first(pid: int) -> None:
    """Let the kernel take the search and not the service when memory runs out."""
    # Only Linux has this; elsewhere, and for a process that has ended, there is nothing to offer.
    with suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(_FIRST_TO_GO)


def _ending(status: int) -> str:
    """Say how a process ended; a negative status is a signal."""
    if status == OUT_OF_MEMORY:
        return "the solver ran out of memory"
    if status == -signal.SIGKILL:
        return "the solver was killed, as happens when memory runs out"
    return f"the solver ended with {status}"


def _wait(process: subprocess.Popen[bytes], said: int, limit_s: float, beat: Beat) -> int:
    started = beaten = time.monotonic()
    goes_on = True
    while (status := process.poll()) is None:
        now = time.monotonic()
        if now - started > limit_s:
            raise SearchFailedError(f"the solver has not ended within {limit_s:g} s")
        if now - beaten > _BEAT_INTERVAL_S:
            beaten = now
            progress = _progress(said)
            # It has something to answer with, and hears the signal, as soon as it has told of a schedule.
            if not beat(progress) and progress is not None and goes_on:
                goes_on = False
                process.terminate()
        time.sleep(_POLL_S)
    return status


def _progress(said: int) -> Progress | None:
    """Return the last progress in a file that the child is writing, whose offset it shares with us."""
    size = os.fstat(said).st_size
    lines = os.pread(said, _LAST_LINES_BYTES, max(0, size - _LAST_LINES_BYTES)).split(b"\n")
    for line in reversed(lines[:-1]):
        with suppress(ValueError, KeyError, TypeError):
            return Progress(**json.loads(line)["progress"])
    return None


def _request(instance: Instance, request: dict[str, Any]) -> bytes:
    """Return the request as JSON, made in pieces: other threads wait while one is made."""
    wire = instance_to_wire(instance)
    students = ", ".join(map(json.dumps, wire.pop("students")))
    parts = {name: json.dumps(value) for name, value in wire.items()}
    whole = _joined({**parts, "students": f"[{students}]"})
    return _joined(
        {**{name: json.dumps(value) for name, value in request.items()}, "instance": whole}
    ).encode()


def _joined(members: Mapping[str, str]) -> str:
    """Return the JSON object with these members."""
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in members.items()) + "}"


def _read(said: bytes) -> Solution:
    """Return the solution, which is the last line."""
    try:
        wire: Any = json.loads(said.splitlines()[-1])
        return solution_from_wire(wire)
    except (ValueError, IndexError, UnreadableExchangeError) as error:
        raise SearchFailedError("the solver said something else than a solution") from error


def _tail(complaints: IO[bytes]) -> str:
    """Return the end of what the solver complained about: the instance holds ids only, so may this."""
    complaints.seek(0)
    return complaints.read().decode(errors="replace")[-_MOST_SAID:].strip()
