"""What is measured, and the check without which no figure counts."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

import amqp
import psutil

from messaging import job
from messaging.bed import Bed, Run, Worker, machine_cpu_s
from messaging.contenders import Contender
from messaging.pipeline import Pipeline

#: The slowest contender does more than a tenth of this; whoever takes longer hangs.
_SLOWEST_EVENTS_S = 50
_STOP_S = 20


class WrongOutcomeError(AssertionError):
    """A contender lost or doubled something; its figures do not count."""


@dataclass(frozen=True)
class Drained:
    """A queue of waiting events, worked off.

    Attributes:
        cpu_s: of the workers.
        others_cpu_s: of broker and store.
        foreign: share of the machine that was used by what has nothing to do with the run, 0 to 1; figures
            from a busy machine tell little.
    """

    contender: Contender
    kind: str
    events: int
    workers: int
    seconds: float
    cpu_s: float
    memory_bytes: int
    others_cpu_s: float
    foreign: float

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu_s_per_thousand(self) -> float:
        """CPU seconds of the workers for a thousand events."""
        return self.cpu_s / self.events * 1000


@dataclass(frozen=True)
class Latency:
    """From publish to the arrival of the follow-up, in milliseconds."""

    contender: Contender
    events: int
    p50_ms: float
    p99_ms: float


def drain(
    bed: Bed,
    contender: Contender,
    kind: str,
    events: int,
    *,
    workers: int = 1,
    held: bool = False,
    beside: Callable[[Worker], None] | None = None,
) -> Drained:
    """Measure how fast waiting events are worked off.

    The clock runs from the moment when the workers consume until the last follow-up is confirmed.

    Args:
        bed: broker and store.
        contender: who.
        kind: the job.
        events: how many.
        workers: processes.
        held: hold the workers still while the queue is filled, so that several begin at once; else the queue
            is filled before they start.
        beside: called with the first worker as the clock starts.

    Raises:
        WrongOutcomeError: if it did not do its job.
    """
    with bed.run(contender, kind) as run, ExitStack() as running:
        if not held:
            run.fill(job.thing_ids(events))
        started = [running.enter_context(run.worker()) for _ in range(workers)]
        begin = run.wait_for_consumers(workers, started[0])
        if held:
            begin = _hold(started, lambda: run.fill(job.thing_ids(events)))
        before = _cpu_s(bed, started)
        if beside is not None:
            beside(started[0])
        end = run.wait_for_follow_ups(events, started[0], 30 + events / _SLOWEST_EVENTS_S)
        for each in started:
            each.watch()
        own, workers_s, others_s, machine_s = (
            now - then for now, then in zip(_cpu_s(bed, started), before, strict=True)
        )
        foreign = (machine_s - own - workers_s - others_s) / (end - begin) / (psutil.cpu_count() or 1)
        memory = sum(each.most_bytes for each in started)
        # A stopped worker has acknowledged what it did; only then can be seen that nothing is left.
        running.close()
        check(run, events)
    return Drained(
        contender, kind, events, workers, end - begin, workers_s, memory, others_s, max(foreign, 0.0)
    )


def _cpu_s(bed: Bed, workers: Sequence[Worker]) -> tuple[float, float, float, float]:
    """Return the CPU time so far: ours, the workers', that of broker and store, and the machine's."""
    return time.process_time(), sum(each.cpu_s() for each in workers), bed.cpu_s(), machine_cpu_s()


def _hold(workers: Sequence[Worker], meanwhile: Callable[[], None]) -> float:
    """Do something while the workers stand still; returns when they went on."""
    everyone = [process for worker in workers for process in worker.tree()]
    for each in everyone:
        each.suspend()
    try:
        meanwhile()
    finally:
        for each in everyone:
            each.resume()
    return time.monotonic()


def check(run: Run, events: int) -> None:
    """Make sure that each event had its effect and its follow-up once, and that all are acknowledged.

    Raises:
        WrongOutcomeError: if not.
    """
    wanted = set(job.thing_ids(events))
    version = 1 if run.kind == job.INSERT else 2
    found = {each["_id"]: each["version"] for each in run.things.find({}, {"version": 1})}
    follow_ups = Counter(run.follow_ups())
    left, parked = run.look(job.QUEUE)[0], run.look(job.PARKING)[0]
    faults = {
        "lost documents": len(wanted - set(found)),
        "strange documents": len(set(found) - wanted),
        "wrong versions": sum(each != version for each in found.values()),
        "lost follow-ups": len(wanted - set(follow_ups)),
        "doubled follow-ups": sum(each > 1 for each in follow_ups.values()),
        "left in the queue": left,
        "parked": parked,
    }
    if any(faults.values()):
        told = ", ".join(f"{count} {name}" for name, count in faults.items() if count)
        raise WrongOutcomeError(f"{run.contender.name}, {run.kind}: {told}")


def paced(bed: Bed, contender: Contender, events: int, rate: float | None) -> Latency:
    """Measure the time from publishing an event to the arrival of its follow-up.

    Args:
        bed: broker and store.
        contender: who.
        events: how many.
        rate: events a second, whatever becomes of them; None for one at a time.
    """
    warm_up = max(events // 10, 20)
    with bed.run(contender, job.INSERT) as run:
        with run.worker() as worker:
            run.wait_for_consumers(1, worker)
            with _Listener(run.amqp_url) as listener:
                ids = list(job.thing_ids(events + warm_up))
                sent = _publish(run, ids, listener, rate)
                listener.wait(len(ids))
        times_ms = sorted((listener.heard[each] - sent[each]) * 1000 for each in ids[warm_up:])
    cuts = statistics.quantiles(times_ms, n=100, method="inclusive")
    return Latency(contender, events, cuts[49], cuts[98])


def _publish(run: Run, ids: list[str], listener: _Listener, rate: float | None) -> dict[str, float]:
    sent: dict[str, float] = {}
    begin = time.monotonic()
    for place, each in enumerate(ids):
        if rate is None:
            listener.wait(place)
        else:
            time.sleep(max(begin + place / rate - time.monotonic(), 0))
        message = run.contender.encode(each)
        sent[each] = time.monotonic()
        run.pipeline.publish("", job.QUEUE, [message])
    return sent


class _Listener:
    """Notes when follow-ups arrive."""

    def __init__(self, amqp_url: str) -> None:
        self.heard: dict[str, float] = {}
        self._more = threading.Condition()
        self._pipeline = Pipeline(amqp_url)
        self._over = False
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Self:
        self._pipeline.channel.basic_consume(job.FOLLOW_UPS, no_ack=True, callback=self._hear)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over = True
        self._thread.join()
        self._pipeline.close()

    def wait(self, count: int) -> None:
        """Wait until as many were heard."""
        with self._more:
            if not self._more.wait_for(lambda: len(self.heard) >= count, _STOP_S):
                raise WrongOutcomeError(f"{count - len(self.heard)} follow-ups did not come")

    def _listen(self) -> None:
        while not self._over:
            try:
                self._pipeline.connection.drain_events(timeout=0.2)
            except TimeoutError:
                continue

    def _hear(self, message: amqp.Message) -> None:
        body = message.body
        thing_id = job.thing_of(body if isinstance(body, bytes) else body.encode())
        with self._more:
            if thing_id in self.heard:
                raise WrongOutcomeError("a follow-up came twice")
            self.heard[thing_id] = time.monotonic()
            self._more.notify_all()
