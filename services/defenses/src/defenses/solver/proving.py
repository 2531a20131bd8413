"""What is proven about a problem, and what else OR-tools can do for it, in a process beside the search."""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, Self

from defenses.domain.scheduling.instance import Assignment, Instance
from defenses.domain.scheduling.reasons import Shortage

_WATCH_INTERVAL_S = 0.5
#: Of any time, for what is limited by it; the rest is for what is done beyond the limit, and the answer.
_KEPT = 0.85
#: A small problem needs no more than this beyond the limit.
_KEPT_S = 2.0

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


@dataclass(frozen=True, kw_only=True)
class Finish:
    """What is to be done about the schedule that the search has ended with.

    It is small, because whoever sends it waits until it is read.

    Attributes:
        left_out: ids of the students whom it leaves out.
        polish: the schedule, if it is to be made better.
        work: of that, a limit in CP-SAT's units, with which all machines come to the same; None for none.
        gap: the soft gap at which it is good enough.
        explain_s: seconds for proving why students are left out.
        until: when nobody waits any more, on the monotonic clock, which all processes share.
    """

    left_out: tuple[str, ...]
    polish: tuple[Assignment, ...] | None
    explain_s: float
    until: float
    work: float | None = None
    gap: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Finished:
    """What came of a schedule.

    Attributes:
        polished: not worse than it was, None if that was not asked for.
        proof: the last word.
        shortages: of those who are left out.
    """

    polished: tuple[Assignment, ...] | None
    proof: Proof
    shortages: tuple[Shortage, ...]


@dataclass(frozen=True)
class _Better:
    """A schedule that is better than the one to be finished, on the way to its end."""

    assignments: tuple[Assignment, ...]


class Prover:
    """Proves bounds of one instance; used with `with`, at whose end the process is gone.

    Attributes:
        best: the best schedule that it has made of the one it was to finish; None if none yet.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._process: multiprocessing.process.BaseProcess | None = None
        self._starting: threading.Thread | None = None
        self._answers: Connection | None = None
        self._requests: Connection | None = None
        self._proof: Proof | None = None
        self.best: tuple[Assignment, ...] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._starting is not None:
            self._starting.join()
        if self._process is not None and self._process.pid is not None:
            self._process.kill()
            self._process.join()
        for end in (self._answers, self._requests):
            if end is not None:
                end.close()

    def start(self, left_out: tuple[str, ...], seconds: float) -> None:
        """Start, if it has not been started yet, for so long and from a schedule that leaves these out."""
        if self._process is not None:
            return
        # A fresh process: a fork of ours would have copies of locks that our threads hold.
        context = multiprocessing.get_context("spawn")
        self._answers, theirs = context.Pipe(duplex=False)
        requests, self._requests = context.Pipe(duplex=False)
        until = time.monotonic() + seconds
        self._process = context.Process(
            target=_prove, args=(theirs, requests, os.getpid(), self._instance, left_out, until), daemon=True
        )
        self._starting = threading.Thread(target=self._begin, args=(self._process, theirs, requests))
        self._starting.start()

    @staticmethod
    def _begin(process: multiprocessing.process.BaseProcess, *theirs: Connection) -> None:
        # Takes seconds for a district, in which the search goes on.
        try:
            process.start()
        except OSError:
            _log.exception("the proof could not be started")
        finally:
            for end in theirs:
                end.close()

    def proof(self) -> Proof | None:
        """Return what is proven, None as long as nothing is."""
        if self._proof is None:
            self._proof = self._received(0.0)
        return self._proof

    def finish(self, request: Finish, is_cancelled: Callable[[], bool]) -> Finished | None:
        """Return what came of a schedule, None if there was no time; the proof may have come nevertheless."""
        if self._requests is not None:
            try:
                self._requests.send(request)
            except OSError:
                _log.warning("the proof has ended before the search")
        while (
            self._answers is not None
            and (left := request.until - time.monotonic()) > 0
            and not is_cancelled()
        ):
            answer = self._received(min(left, _WATCH_INTERVAL_S))
            if isinstance(answer, Finished):
                return answer
            if isinstance(answer, _Better):
                self.best = answer.assignments
            else:
                self._proof = answer or self._proof
        return None

    def _received(self, seconds: float) -> Any:
        if self._answers is not None and self._answers.poll(seconds):
            try:
                return self._answers.recv()
            except (EOFError, OSError):
                _log.warning("the proof has ended without an answer")
                self._answers.close()
                self._answers = None
        return None


def end_with(parent: int) -> None:
    """Watch from a thread for a process to end, by which we become somebody else's child, and end then."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_INTERVAL_S)
    os._exit(1)


def _prove(
    answers: Connection,
    requests: Connection,
    parent: int,
    instance: Instance,
    left_out: tuple[str, ...],
    until: float,
) -> None:
    """Send a proof before a time of the monotonic clock, then finish the schedule that is asked about."""
    end_with(parent)
    from defenses.solver.bounds import Evidence  # noqa: PLC0415 - OR-tools is for this process only
    from defenses.solver.polishing import Effort, polished  # noqa: PLC0415

    evidence = Evidence(instance)
    found = evidence.bounds(seconds=_KEPT * max(0.0, until - time.monotonic()), left_out=left_out)
    proof = Proof(
        least_unscheduled=found.least_unscheduled,
        soft_at_least=found.soft_at_least,
        coverage_proven=found.coverage_proven,
    )
    answers.send(proof)
    request: Finish = requests.recv()
    better, left_out = None, request.left_out
    if request.polish is not None:
        left_s = request.until - request.explain_s - time.monotonic()
        effort = Effort(
            until=time.monotonic() + left_s - min(_KEPT_S, (1 - _KEPT) * left_s),
            work=request.work,
            gap=request.gap,
        )
        made = polished(
            instance,
            evidence.schools,
            request.polish,
            effort,
            lambda found: answers.send(_Better(found)),
        )
        better = made.assignments
        scheduled = {one.student for one in better}
        left_out = tuple(student.id for student in instance.students if student.id not in scheduled)
        proof = replace(
            proof,
            least_unscheduled=max(proof.least_unscheduled, made.unscheduled_at_least),
            soft_at_least=max(proof.soft_at_least, made.soft_at_least),
        )
    answers.send(
        Finished(
            polished=better,
            proof=replace(proof, coverage_proven=len(left_out) <= proof.least_unscheduled),
            shortages=evidence.shortages(left_out, seconds=request.explain_s) if left_out else (),
        )
    )
