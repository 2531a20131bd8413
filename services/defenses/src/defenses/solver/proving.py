"""What is proven about a problem, found in a process of its own while the search goes on."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Self

from defenses.domain.scheduling.instance import Instance

_WATCH_INTERVAL_S = 0.5
#: Of the time, for the bounds themselves; the rest is for what they do beyond it, and for the answer.
_KEPT = 0.85

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What no schedule can be better than.

    Attributes:
        least_unscheduled: at least so many students are left out.
        soft_at_least: so much is the soft cost of any schedule that leaves out no more.
        coverage_proven: whether that number can be reached, too.
    """

    least_unscheduled: int
    soft_at_least: float
    coverage_proven: bool

    def soft_gap(self, soft_cost: int) -> float:
        """Return how much of a soft cost is not proven to be needed, from 0 to 1."""
        return 0.0 if soft_cost <= self.soft_at_least else (soft_cost - self.soft_at_least) / soft_cost


class Prover:
    """Proves bounds of one instance; used with `with`, at whose end the process is gone."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._process: multiprocessing.process.BaseProcess | None = None
        self._answer: Connection | None = None
        self._proof: Proof | None = None
        self._until = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._answer is not None:
            self._answer.close()

    def start(self, left_out: tuple[str, ...], seconds: float) -> None:
        """Start, if it has not been started yet, for so long and from a schedule that leaves these out."""
        if self._process is not None:
            return
        # A fresh process: a fork of ours would have copies of locks that our threads hold.
        context = multiprocessing.get_context("spawn")
        self._answer, theirs = context.Pipe(duplex=False)
        self._until = time.monotonic() + seconds
        self._process = context.Process(
            target=_prove, args=(theirs, os.getpid(), self._instance, left_out, self._until), daemon=True
        )
        self._process.start()
        theirs.close()

    def proof(self) -> Proof | None:
        """Return what is proven, None as long as nothing is."""
        return self._receive(0.0)

    def wait(self) -> Proof | None:
        """Return what is proven, at the latest when the time of the proof is over."""
        return self._receive(max(0.0, self._until - time.monotonic()))

    def _receive(self, seconds: float) -> Proof | None:
        if self._proof is None and self._answer is not None and self._answer.poll(seconds):
            try:
                self._proof = self._answer.recv()
            except EOFError:
                _log.warning("the proof has ended without an answer")
                self._answer.close()
                self._answer = None
        return self._proof


def end_with(parent: int) -> None:
    """Watch from a thread for a process to end, by which we become somebody else's child, and end then."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_INTERVAL_S)
    os._exit(1)


def _prove(
    answer: Connection, parent: int, instance: Instance, left_out: tuple[str, ...], until: float
) -> None:
    """Send a proof before a time of the monotonic clock, which all processes share."""
    end_with(parent)
    from defenses.solver.bounds import bounds  # noqa: PLC0415 - OR-tools is for this process only

    # Starting has taken some of the time.
    seconds = _KEPT * max(0.0, until - time.monotonic())
    found = bounds(instance, seconds=seconds, left_out=left_out)
    answer.send(
        Proof(
            least_unscheduled=found.least_unscheduled,
            soft_at_least=found.soft_at_least,
            coverage_proven=found.coverage_proven,
        )
    )
