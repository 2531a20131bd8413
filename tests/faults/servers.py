"""The broker, the store and the proxy of a run: real ones, which are killed and started again."""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from stack import broker as brokers
from stack import packages, paths, ports, processes
from stack import store as stores

PROGRAMS = Path(__file__).parents[1] / "programs"

_START_S = 60.0
_STOP_S = 30.0


def lines_with(log: Path, words: str) -> int:
    """Return how many lines of a log have these words in them."""
    return sum(words in line for line in log.read_text(errors="replace").splitlines()) if log.exists() else 0


class Server:
    """A process that can be killed, stopped, frozen and started again."""

    what = "a server"

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> processes.Command:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start(self) -> None:
        """Start it if it does not run, and wait until it can be used."""
        if not self.runs:
            self.process = processes.start(self.command(), self.log)
        processes.wait_until(
            self.answers, what=self.what, timeout_s=_START_S, alive=lambda: self.runs, log=self.log
        )

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let it stand still, as a machine does that swaps or migrates."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        children = psutil.Process(self.process.pid).children(recursive=True) if self.runs else []
        if self.runs:
            self.process.send_signal(number)
        try:
            self.process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(_STOP_S)
        for child in children:
            if child.is_running():
                child.kill()


class BrokerServer(Server):
    """A RabbitMQ node with a virtual host of ours."""

    what = "the broker"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory / "broker.out")
        amqp, management, prometheus, distribution, epmd = ports.free_ports(5)
        self.node = brokers.Broker(
            directory=directory,
            ports=brokers.BrokerPorts(amqp, management, prometheus, distribution, epmd),
            parts=packages.locate(paths.SYSTEM),
            password=secrets.token_urlsafe(12),
        )
        brokers.write_files(self.node, directory / "no-definitions")
        # Else the management API shows depths that are five seconds old.
        with (directory / "rabbitmq.conf").open("a") as settings:
            settings.write("collect_statistics_interval = 1000\n")
        self._epmd = processes.start(self.node.epmd_command(), self.log)
        self.start()
        self.amqp_url = brokers.add_vhost(self.node, "faults")

    def command(self) -> processes.Command:
        return self.node.node_command()

    def answers(self) -> bool:
        return brokers.accepts_amqp(self.node)

    def control(self, *arguments: str) -> None:
        """Run rabbitmqctl."""
        program = self.node.parts.rabbitmq_server.parent / "rabbitmqctl"
        command = self.node.node_command()
        argv = [str(program), "--node", "backpack@localhost", *arguments]
        subprocess.run(argv, env=dict(command.environment), check=True, capture_output=True, timeout=60)

    def set(self, **values: int) -> None:
        """Set variables of the running node and hang up on everybody, so that all come back under them.

        The node's own list of connections is used: the management API's is a second old.
        """
        settings = [f"application:set_env(rabbit, {name}, {value})" for name, value in values.items()]
        hang_up = (
            '[rabbit_networking:close_connection(Each, "a fault") || Each <- rabbit_networking:connections()]'
        )
        self.control("eval", ", ".join([*settings, hang_up]) + ".")

    def said(self, words: str) -> int:
        """Return how many lines of the node's log have these words in them."""
        return sum(lines_with(each, words) for each in (self.node.directory / "log").glob("*.log"))

    def connections(self) -> list[str]:
        """Return the names of the open connections, as far as the management API knows them."""
        answer = brokers.management(self.node, "GET", "/api/vhosts/faults/connections")
        return [each["name"] for each in answer.json()] if answer.ok else []

    def disconnect(self, name: str) -> None:
        brokers.management(self.node, "DELETE", f"/api/connections/{name}")

    def messages(self) -> dict[str, int]:
        """Return how many messages each queue holds, handed out or not; may be a second old."""
        answer = brokers.management(self.node, "GET", "/api/queues/faults?columns=name,messages")
        answer.raise_for_status()
        return {each["name"]: int(each.get("messages", 0)) for each in answer.json()}

    def close(self) -> None:
        self.kill()
        processes.stop(self._epmd)


class StoreServer(Server):
    """A document store."""

    what = "the store"

    def __init__(self, directory: Path) -> None:
        super().__init__(directory / "store.out")
        (self.port,) = ports.free_ports(1)
        self._store = stores.Store(directory, self.port)
        stores.write_files(self._store)
        self.start()

    @property
    def mongo_url(self) -> str:
        return self._store.mongo_url

    def command(self) -> processes.Command:
        return self._store.command()

    def answers(self) -> bool:
        return stores.answers(self._store)


class Proxy:
    """A wire to broker and store that can be cut; see tests/programs/proxy.py for its modes."""

    def __init__(self, broker: BrokerServer, store: StoreServer) -> None:
        to_broker, to_store = ports.free_ports(2)
        self._process = subprocess.Popen(
            [
                sys.executable,
                str(PROGRAMS / "proxy.py"),
                f"broker={to_broker}:{broker.node.ports.amqp}",
                f"store={to_store}:{store.port}",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.amqp_url = broker.amqp_url.replace(f":{broker.node.ports.amqp}/", f":{to_broker}/")
        self.mongo_url = store.mongo_url.replace(f":{store.port}/", f":{to_store}/")

    def behave(self, route: str, mode: str, value: float = 0.0) -> None:
        """Change how the wire to `broker` or `store` behaves."""
        command: dict[str, Any] = {"route": route, "mode": mode, "value": value}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "ok\n"

    @contextmanager
    def behaving(self, route: str, mode: str, value: float = 0.0) -> Iterator[None]:
        """Misbehave for a while."""
        self.behave(route, mode, value)
        try:
            yield
        finally:
            self.behave(route, "open")

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
