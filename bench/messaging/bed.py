"""The bed that all lie in: a broker and a store, and for each a vhost and a database of its own."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import amqp
import psutil
from pymongo import MongoClient

from messaging import job
from messaging.contenders import Contender, variables_of
from messaging.pipeline import Pipeline
from stack import broker as brokers
from stack import environment, paths, ports, processes, testing
from stack import keys as issuer

_POLL_S = 0.02
_START_TIMEOUT_S = 60


@dataclass(frozen=True)
class Bed:
    """A running broker and store.

    Attributes:
        directory: for what workers say.
    """

    directory: Path
    broker: testing.BrokerAddress
    store: testing.StoreAddress
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def cpu_s(self) -> float:
        """Return the CPU time that broker and store have used."""
        parts = (psutil.Process(each.process.pid) for each in (self.broker, self.store))
        return sum(_cpu_s([part, *part.children(recursive=True)]) for part in parts)

    @contextmanager
    def run(self, contender: Contender, kind: str) -> Iterator[Run]:
        """Give one contender's run a vhost and a database, and take both away."""
        number = next(self._numbers)
        name = f"bench-{number}-{contender.name}"
        url = brokers.add_vhost(self.broker.node, name)
        client: MongoClient[dict[str, Any]] = MongoClient(self.store.mongo_url)
        try:
            run = Run(self, contender, kind, url, client[f"bench_{number}"])
            run.declare()
            yield run
            run.close()
        finally:
            client.drop_database(f"bench_{number}")
            client.close()
            brokers.remove_vhost(self.broker.node, name)


@contextmanager
def made() -> Iterator[Bed]:
    """Start a broker and a store; they and their data go in the end."""
    # Not .local/tmp, which goes when somebody's tests are over.
    local = paths.LOCAL / "bench"
    local.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=local, prefix="messaging-") as name, ExitStack() as running:
        directory = Path(name)
        for part in ("broker", "store"):
            (directory / part).mkdir()
        broker = running.enter_context(testing.running_broker(directory / "broker"))
        store = running.enter_context(testing.running_store(directory / "store"))
        yield Bed(directory, broker, store)


class Run:
    """One contender's run: its queues, its documents and its workers."""

    def __init__(self, bed: Bed, contender: Contender, kind: str, amqp_url: str, database: Any) -> None:
        self.contender = contender
        self.kind = kind
        self.amqp_url = amqp_url
        self.things = database[job.THINGS]
        self.pipeline = Pipeline(amqp_url)
        self._bed = bed
        self._database = database.name

    def declare(self) -> None:
        """Declare the queues, the same for all."""
        channel = self.pipeline.channel
        for exchange in (job.EVENTS_EXCHANGE, job.FOLLOW_UPS_EXCHANGE):
            channel.exchange_declare(exchange, "topic", durable=True, auto_delete=False)
        parking = {"x-queue-type": "quorum", "x-delivery-limit": 1_000_000}
        declared = {job.PARKING: parking, job.QUEUE: job.ARGUMENTS, job.FOLLOW_UPS: job.ARGUMENTS}
        for queue, arguments in declared.items():
            channel.queue_declare(queue, durable=True, auto_delete=False, arguments=arguments)
        channel.queue_bind(job.QUEUE, job.EVENTS_EXCHANGE, job.EVENT)
        channel.queue_bind(job.FOLLOW_UPS, job.FOLLOW_UPS_EXCHANGE, job.FOLLOW_UP)

    def fill(self, ids: Iterable[str]) -> None:
        """Put events into the queue; for the second job, their things are there already."""
        encode = self.contender.encode
        for some in _chunks(ids, 1000):
            if self.kind == job.UPDATE:
                self.things.insert_many([job.existing(each) for each in some])
            self.pipeline.publish("", job.QUEUE, map(encode, some))

    @contextmanager
    def worker(self) -> Iterator[Worker]:
        """Run one worker process."""
        log = self._bed.directory / f"{self._database}.log"
        command = processes.Command(
            "worker", self.contender.command(), self._bed.directory, self._variables()
        )
        with testing.running(command, log) as process:
            yield Worker(psutil.Process(process.pid), log)

    def _variables(self) -> dict[str, str]:
        own = {
            **environment.base(),
            "AMQP_URL": self.amqp_url,
            "MONGO_URL": self._bed.store.mongo_url,
            "MONGO_DATABASE": self._database,
            "JOB": self.kind,
        }
        if self.contender.service:
            (port,) = ports.free_ports(1)
            keys = issuer.ensure(self._bed.directory / "keys")
            own |= {
                "BACKPACK_ENVIRONMENT": "development",
                "HTTP_ADDRESS": f"127.0.0.1:{port}",
                "JWKS_FILE": str(keys.jwks),
                "JWT_ISSUER": issuer.ISSUER,
                "JWT_AUDIENCE": issuer.AUDIENCE,
            }
        return variables_of(self.contender, own)

    def look(self, queue: str) -> tuple[int, int]:
        """Return how many messages are ready in a queue, and how many consumers it has."""
        declared = self.pipeline.channel.queue_declare(queue, passive=True)
        return declared.message_count, declared.consumer_count

    def wait_for_consumers(self, count: int, worker: Worker) -> float:
        """Wait for as many consumers; returns the time."""
        return self._wait(lambda: self.look(job.QUEUE)[1] >= count, worker, _START_TIMEOUT_S)

    def wait_for_follow_ups(self, count: int, worker: Worker, timeout_s: float) -> float:
        """Wait for as many follow-ups; returns the time."""
        return self._wait(lambda: self.look(job.FOLLOW_UPS)[0] >= count, worker, timeout_s)

    @staticmethod
    def _wait(ready: Any, worker: Worker, timeout_s: float) -> float:
        deadline = time.monotonic() + timeout_s
        while not ready():
            worker.watch()
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {timeout_s} s{processes.tail(worker.log)}")
            time.sleep(_POLL_S)
        return time.monotonic()

    def close(self) -> None:
        """Hang up."""
        self.pipeline.close()

    def follow_ups(self) -> list[str]:
        """Take all follow-ups out of their queue; returns their things."""
        found: list[str] = []
        connection = Pipeline(self.amqp_url)
        connection.channel.basic_qos(0, 2000, a_global=False)

        def take(message: amqp.Message) -> None:
            body = message.body
            found.append(job.thing_of(body if isinstance(body, bytes) else body.encode()))

        count, _ = self.look(job.FOLLOW_UPS)
        connection.channel.basic_consume(job.FOLLOW_UPS, no_ack=True, callback=take)
        while len(found) < count:
            connection.connection.drain_events(timeout=20)
        connection.close()
        return found


class Worker:
    """One worker process with its children."""

    def __init__(self, process: psutil.Process, log: Path) -> None:
        self.process = process
        self.log = log
        self.most_bytes = 0

    def tree(self) -> list[psutil.Process]:
        """Return the process and its children."""
        return [self.process, *self.process.children(recursive=True)]

    def watch(self) -> None:
        """Note its memory.

        Raises:
            RuntimeError: if it has ended.
        """
        try:
            self.most_bytes = max(self.most_bytes, sum(each.memory_info().rss for each in self.tree()))
        except psutil.NoSuchProcess:
            raise RuntimeError(f"the worker has ended{processes.tail(self.log)}") from None

    def cpu_s(self) -> float:
        """Return the CPU time that it has used, in the kernel too."""
        return _cpu_s(self.tree())


def machine_cpu_s() -> float:
    """Return the CPU time that all processes of the machine have used, and what its host has taken away."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq + times.steal)


def _cpu_s(tree: Iterable[psutil.Process]) -> float:
    return sum(sum(each.cpu_times()[:2]) for each in tree)


def _chunks(items: Iterable[str], size: int) -> Iterator[list[str]]:
    iterator = iter(items)
    while some := list(itertools.islice(iterator, size)):
        yield some
