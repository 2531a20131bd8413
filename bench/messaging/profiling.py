"""Where a worker's time goes: py-spy's samples, counted by function."""

from __future__ import annotations

import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from messaging.bed import Worker
from stack import paths

_RATE = 200


@dataclass
class Profile:
    """Samples of running threads, by function: at the top of the stack, and anywhere in it."""

    own: Counter[str] = field(default_factory=Counter)
    all: Counter[str] = field(default_factory=Counter)
    samples: int = 0

    def add(self, lines: Iterable[str]) -> None:
        """Take what `py-spy record --format raw` writes: `outer;…;inner count`."""
        for line in lines:
            stack, _, count = line.rpartition(" ")
            frames = stack.split(";")
            self.samples += int(count)
            self.own[frames[-1]] += int(count)
            for each in set(frames):
                self.all[each] += int(count)

    def table(self, lines: int) -> str:
        """Return the functions that cost most, first by themselves, then with what they call."""
        parts = []
        for title, counter in (("by themselves", self.own), ("with all they call", self.all)):
            rows = [f"{count / self.samples:7.1%}  {name}" for name, count in counter.most_common(lines)]
            parts.append("\n".join([f"{title} ({self.samples} samples)", *rows]))
        return "\n\n".join(parts)


class Profiler:
    """Runs py-spy beside a worker until the worker ends."""

    def __init__(self) -> None:
        self.profile = Profile()
        self._spy: subprocess.Popen[bytes] | None = None
        self._file = Path()

    @contextmanager
    def ready(self) -> Iterator[Profiler]:
        """Wait in the end for what py-spy has seen."""
        with tempfile.TemporaryDirectory() as name:
            self._file = Path(name) / "raw.txt"
            yield self
            if self._spy is not None:
                self._spy.wait(60)
                self.profile.add(self._file.read_text().splitlines())

    def watch(self, worker: Worker) -> None:
        """Begin; what a worker does before it consumes does not count."""
        command = [
            str(paths.PROGRAMS / "py-spy"),
            *("record", "--pid", str(worker.process.pid), "--rate", str(_RATE)),
            *("--format", "raw", "--function", "--output", str(self._file)),
        ]
        self._spy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
