"""`backpack schedule solve`: a season's schedule from a file to a file."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any, NoReturn

import click

from defenses.domain.scheduling.exchange import (
    UnreadableExchangeError,
    instance_from_wire,
    solution_to_wire,
)
from defenses.domain.scheduling.instance import Instance
from defenses.domain.scheduling.limits import MEMORY_BYTES, MIB, OUT_OF_MEMORY
from defenses.solver.memory import limited

if TYPE_CHECKING:
    from defenses.solver.search import Progress
    from defenses.solver.solving import Solved

_PROGRESS_INTERVAL_S = 1.0
#: Ten times a full district; in memory it takes sixteen times as much.
_MOST_BYTES = 128 * 1024 * 1024


class Exit(IntEnum):
    """What the exit status says."""

    DONE = 0
    #: The search broke a rule: a fault of ours, and nothing is written.
    FAULTY = 1
    #: The instance cannot be read, and nothing is written.
    UNREADABLE = 2
    #: The search had more memory than its limit, and nothing is written.
    TOO_LARGE = OUT_OF_MEMORY


@click.group()
def schedule() -> None:
    """Schedules of a defense season."""


@schedule.command("solve")
@click.argument("instance", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The solution.")
@click.option("--time-limit", type=click.FloatRange(min=0.0), help="Seconds of wall time, with everything.")
@click.option("--moves", type=click.IntRange(min=0), help="Changes tried for each student, at most.")
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=os.cpu_count() or 1, show_default=True)
@click.option(
    "--memory-limit", type=click.IntRange(min=1), default=MEMORY_BYTES // MIB, show_default=True, help="MiB."
)
def solve_instance(
    instance: Path,
    *,
    out: Path,
    time_limit: float | None,
    moves: int | None,
    seed: int,
    threads: int,
    memory_limit: int,
) -> None:
    """Schedule the season in INSTANCE, a JSON file of format version 1.

    Progress goes to standard error, a JSON object a line, and the summary to standard output. With --moves
    and without --time-limit, the same seed and threads always give the same schedule. SIGTERM and SIGINT end
    the search, and the best schedule so far is written.

    \b
    Exit status: 0 done; 1 the schedule found was not valid; 2 the instance or the command is wrong; 4 more
    memory than its limit.
    """  # noqa: D301 - click's own mark for "do not wrap"
    started = time.monotonic()
    if time_limit is None and moves is None:
        raise click.UsageError("give --time-limit, --moves or both")
    with limited(memory_limit * MIB), _cancelling() as cancelled:
        began = time.monotonic()
        problem = _read(instance)
        read_s = time.monotonic() - began
        # Here, because loading the compiler takes seconds.
        from defenses.solver.search import Limits  # noqa: PLC0415
        from defenses.solver.solving import InvalidSolutionError, solve  # noqa: PLC0415

        # Writing takes about as long as reading did.
        left = None if time_limit is None else max(0.0, time_limit - (time.monotonic() - started) - read_s)
        limits = Limits(seconds=left, threads=threads, seed=seed)
        if moves is not None:
            limits = replace(limits, moves=moves)
        try:
            solved = solve(problem, limits, report=_Lines(started), is_cancelled=cancelled.is_set)
        except InvalidSolutionError as error:
            _end(Exit.FAULTY, str(error))
    _write(out, solution_to_wire(solved.solution))
    click.echo(json.dumps(_summary(problem, solved, time.monotonic() - started)))


def _read(path: Path) -> Instance:
    size_bytes = path.stat().st_size
    if size_bytes > _MOST_BYTES:
        _end(Exit.UNREADABLE, f"{path}: it has {size_bytes} bytes, more than {_MOST_BYTES}")
    try:
        return instance_from_wire(json.loads(path.read_bytes()))
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        _end(Exit.UNREADABLE, f"{path}: it is not JSON: {error}")
    except UnreadableExchangeError as error:
        _end(Exit.UNREADABLE, f"{path}: {error}")


def _write(path: Path, wire: dict[str, Any]) -> None:
    # A reader never finds half a solution, and a full disk leaves the one before.
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(json.dumps(wire))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _summary(instance: Instance, solved: Solved, seconds: float) -> dict[str, Any]:
    left_out, proof = len(solved.solution.unscheduled), solved.proof
    return {
        "students": len(instance.students),
        "unscheduled": left_out,
        "unscheduled_at_least": None if proof is None else proof.least_unscheduled,
        "coverage_gap": None if proof is None else left_out - proof.least_unscheduled,
        "soft_cost": solved.soft_cost,
        "soft_at_least": None if proof is None else round(proof.soft_at_least, 2),
        "soft_gap": None if solved.soft_gap is None else round(solved.soft_gap, 4),
        "cost": solved.solution.cost,
        "lower_bound": solved.solution.lower_bound,
        "seconds": round(seconds, 2),
    }


class _Lines:
    """Progress as JSON, a line every second and when fewer are left out."""

    def __init__(self, started: float) -> None:
        self._started = started
        self._next = 0.0
        self._unscheduled = -1

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now < self._next and len(progress.left_out) == self._unscheduled:
            return
        self._next, self._unscheduled = now + _PROGRESS_INTERVAL_S, len(progress.left_out)
        line = {
            "seconds": round(now - self._started, 2),
            "cost": progress.cost,
            "unscheduled": len(progress.left_out),
        }
        click.echo(json.dumps(line), err=True)


@contextmanager
def _cancelling() -> Iterator[Event]:
    """Set the event on SIGTERM and SIGINT while it lasts."""
    cancelled = Event()
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    for each in before:
        signal.signal(each, lambda *_: cancelled.set())
    try:
        yield cancelled
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _end(status: Exit, text: str) -> NoReturn:
    click.echo(text, err=True)
    raise SystemExit(status)
