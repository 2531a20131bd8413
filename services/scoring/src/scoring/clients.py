"""The nightly process: the service keeps answering, and a crash of the statistics is not ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from tempfile import TemporaryFile
from typing import IO, Any

from scoring.domain.monitoring.asking import NightRequest, report_from_wire, request_to_wire
from scoring.domain.monitoring.nights import Report
from scoring.use_cases.monitoring import NightFailedError

_COMMAND = (sys.executable, "-m", "scoring.commands.nightly")
_POLL_S = 0.1
_MOST_SAID = 200


class NightlyProcess:
    """Makes one report at a time in a child process.

    Under eventlet `time.sleep` lets others run, so waiting for the child blocks nobody.
    """

    def __init__(self, command: Sequence[str] = _COMMAND) -> None:
        self._command = command

    def make(self, request: NightRequest, *, limit_s: float) -> Report:
        """Return a report whose rows are written.

        Raises:
            NightFailedError: if the process fails, takes longer, or says something else than a report.
        """
        # Anonymous files, because a pipe that nobody reads for a while would stop the child.
        with TemporaryFile() as asked, TemporaryFile() as said, TemporaryFile() as complaints:
            asked.write(json.dumps(request_to_wire(request)).encode())
            asked.seek(0)
            command = [*self._command, str(os.getpid())]
            process = subprocess.Popen(command, stdin=asked, stdout=said, stderr=complaints)  # noqa: S603 - ours
            try:
                status = _wait(process, limit_s)
            finally:
                process.kill()
                process.wait()
            if status != 0:
                raise NightFailedError(f"the nightly process ended with {status}: {_last_word(complaints)}")
            return _read(said)


def _wait(process: subprocess.Popen[bytes], limit_s: float) -> int:
    started = time.monotonic()
    while (status := process.poll()) is None:
        if time.monotonic() - started > limit_s:
            raise NightFailedError(f"the nightly process has not ended within {limit_s:g} s")
        time.sleep(_POLL_S)
    return status


def _read(said: IO[bytes]) -> Report:
    said.seek(0)
    try:
        wire: Any = json.loads(said.read())
        return report_from_wire(wire)
    except (ValueError, TypeError, KeyError) as error:
        raise NightFailedError("the nightly process said something else than a report") from error


def _last_word(complaints: IO[bytes]) -> str:
    """Return the kind of error that ended the process; its text could name somebody."""
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").strip().splitlines()
    return lines[-1].partition(":")[0][:_MOST_SAID] if lines else "it said nothing"
