"""The real parts of the stack for tests: each starts on free ports, is ready, and leaves nothing."""

from __future__ import annotations

import secrets
import socket
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stack import broker as brokers
from stack import packages, paths, processes
from stack import store as stores

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

START_TIMEOUT_S = 60.0


@dataclass(frozen=True)
class BrokerAddress:
    """Where a running broker is.

    Attributes:
        amqp_url: of its default virtual host.
        management_url: with user and password in it.
        node: the broker itself, to make virtual hosts with `stack.broker`.
        process: the node, for tests that kill it.
    """

    amqp_url: str
    management_url: str
    node: brokers.Broker
    process: subprocess.Popen[bytes]


@dataclass(frozen=True)
class StoreAddress:
    """Where a running store is."""

    mongo_url: str
    process: subprocess.Popen[bytes]


def free_ports(count: int) -> list[int]:
    """Return ports of loopback on which nothing listens now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def running(command: processes.Command, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process for a while."""
    process = processes.start(command, log)
    try:
        yield process
    finally:
        processes.stop(process)


@contextmanager
def running_broker(directory: Path) -> Iterator[BrokerAddress]:
    """Run a RabbitMQ node that keeps everything in this folder."""
    amqp, management, prometheus, distribution, epmd = free_ports(5)
    node = brokers.Broker(
        directory=directory,
        ports=brokers.BrokerPorts(amqp, management, prometheus, distribution, epmd),
        parts=packages.locate(paths.SYSTEM),
        password=secrets.token_urlsafe(12),
    )
    # A test declares the topology that it is about.
    brokers.write_files(node, directory / "no-definitions")
    log = directory / "broker.out"
    with running(node.epmd_command(), log), running(node.node_command(), log) as process:
        try:
            _wait(lambda: brokers.accepts_amqp(node), "the test broker", process, log)
            yield BrokerAddress(node.amqp_url, node.management_url, node, process)
        finally:
            # Its data is thrown away, so it need not shut down in order, which takes 6 s.
            process.kill()


@contextmanager
def running_store(directory: Path) -> Iterator[StoreAddress]:
    """Run a document store that keeps everything in this folder."""
    (port,) = free_ports(1)
    store = stores.Store(directory, port)
    stores.write_files(store)
    log = directory / "store.out"
    with running(store.command(), log) as process:
        try:
            _wait(lambda: stores.answers(store), "the test store", process, log)
            yield StoreAddress(store.mongo_url, process)
        finally:
            process.kill()


def _wait(ready: Callable[[], bool], what: str, process: subprocess.Popen[bytes], log: Path) -> None:
    def alive() -> bool:
        return process.poll() is None

    processes.wait_until(ready, what=what, timeout_s=START_TIMEOUT_S, alive=alive, log=log)
