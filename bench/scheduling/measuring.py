"""Run one method on one instance in a process of its own: how good, how soon, and what it takes."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import psutil

from scheduling import judge

_SAMPLE_INTERVAL_S = 0.2
#: Building a model is part of a peer's time, but CP-SAT does not look at the clock everywhere.
_GRACE_S = 60.0
_LAST_WORDS = 500


class InvalidScheduleError(RuntimeError):
    """The judge has found a fault; the text is the first."""


class FailedMethodError(RuntimeError):
    """A method has ended with an error; the text is the end of what it said."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """What one method made of one instance.

    Attributes:
        wall_s: from the start of the process to its end.
        cpu_s: of all of its processes: what stays comparable on a busy machine.
        first_s: until it had a valid schedule; None if it never had one.
        unscheduled: students left out; None without a schedule.
        left_out: their ids.
        soft_cost: the judge's cost without them.
        most_bytes: resident memory of the process and its children together, at most.
        summary: what the method says of itself; empty for peers.
    """

    wall_s: float
    cpu_s: float
    first_s: float | None
    unscheduled: int | None
    left_out: tuple[str, ...]
    soft_cost: int
    most_bytes: int
    summary: dict[str, Any]


@dataclass(frozen=True)
class Method:
    """Who solves, and for how long.

    Attributes:
        name: of the row.
        command: with {instance}, {out}, {seconds} and {seed} to be filled in.
        seconds: the limit it is given.
    """

    name: str
    command: tuple[str, ...]
    seconds: float


#: What `backpack schedule` is, without the start of the other commands.
_SCHEDULE = "from defenses.commands import schedule; schedule()"
_SOLVE = (sys.executable, "-c", _SCHEDULE, "solve", "{instance}", "--out", "{out}")
_PEER = (sys.executable, "-m", "scheduling.cpsat")


def ours(seconds: float) -> Method:
    """Return our command with a limit of time."""
    return Method(f"ours, {seconds:g} s", (*_SOLVE, "--seed", "{seed}", "--time-limit", "{seconds}"), seconds)


def greedy(seconds: float = 10.0) -> Method:
    """Return our command without any search after the first schedule; what is left is for its proof."""
    command = (*_SOLVE, "--seed", "{seed}", "--moves", "0", "--time-limit", "{seconds}")
    return Method("greedy", command, seconds)


def peer(model: str, seconds: float) -> Method:
    """Return plain CP-SAT with one of its models."""
    return Method(
        f"CP-SAT {model}, {seconds:g} s", (*_PEER, model, "{instance}", "{out}", "{seconds}"), seconds
    )


def run(method: Method, instance: Path, seed: int) -> Run:
    """Run a method, and have the judge look at what it made.

    Raises:
        InvalidScheduleError: if its schedule breaks a rule.
        FailedMethodError: if it ends with an error; being ended for want of time is none.
    """
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "solution.json"
        values = {"instance": instance, "out": out, "seconds": f"{method.seconds:g}", "seed": seed}
        started, before_s = time.monotonic(), _children_cpu_s()
        process = subprocess.Popen(
            [part.format(**values) for part in method.command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        watch = _Memory(process.pid)
        watch.start()
        try:
            said, lines = process.communicate(timeout=method.seconds + _GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            said, lines = process.communicate()
        taken = _Taken(time.monotonic() - started, _children_cpu_s() - before_s)
        if process.returncode > 0:
            raise FailedMethodError(f"{method.name}: {lines[-_LAST_WORDS:]}")
        watch.join()
        return _judged(instance, out, taken, watch.most_bytes, said, lines)


class _Taken(NamedTuple):
    """Wall time and CPU time."""

    wall_s: float
    cpu_s: float


def _children_cpu_s() -> float:
    """Return the CPU time of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Memory(threading.Thread):
    """Watches a process and its children until they are gone."""

    def __init__(self, process_id: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(process_id)
        self.most_bytes = 0

    def run(self) -> None:
        """Look again and again."""
        while True:
            try:
                tree = [self._process, *self._process.children(recursive=True)]
                self.most_bytes = max(self.most_bytes, sum(each.memory_info().rss for each in tree))
                if self._process.status() == psutil.STATUS_ZOMBIE:
                    return
            except psutil.NoSuchProcess:
                if not self._process.is_running():
                    return
            time.sleep(_SAMPLE_INTERVAL_S)


def _judged(instance: Path, out: Path, taken: _Taken, most_bytes: int, said: str, lines: str) -> Run:
    progress = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    first_s = progress[0]["seconds"] if progress else None
    summary = json.loads(said) if said.startswith("{") else {}
    if not out.exists():
        return Run(
            **taken._asdict(),
            first_s=first_s,
            unscheduled=None,
            left_out=(),
            soft_cost=0,
            most_bytes=most_bytes,
            summary=summary,
        )
    problem, solution = json.loads(instance.read_bytes()), json.loads(out.read_bytes())
    parts, faults = judge.check(problem, solution)
    if faults or parts["cost"] != solution["cost"]:
        raise InvalidScheduleError(faults[0] if faults else f"claims {solution['cost']}, is {parts['cost']}")
    return Run(
        **taken._asdict(),
        first_s=first_s,
        unscheduled=parts["unscheduled"],
        left_out=tuple(each["student"] for each in solution["unscheduled"]),
        soft_cost=parts["cost"] - problem["weights"]["unscheduled"] * parts["unscheduled"],
        most_bytes=most_bytes,
        summary=summary,
    )
