"""The ledger's service processes and relays, started again when they die, as a supervisor would."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from prometheus_client.parser import text_string_to_metric_families
from tests.faults.servers import PROGRAMS, BrokerServer, Proxy, Server, StoreServer, lines_with

from stack import environment, keys, ports, processes
from stack.http import answers, direct_session

DATABASE = "faults_ledger"

#: Short steps, so that a ladder is climbed between two faults; a lease of four seconds, so that one runs out.
QUICK = {
    "PYTHONPATH": str(PROGRAMS),
    "RETRY_DELAYS_S": "1,2,3",
    "CONFIRM_TIMEOUT_S": "3",
    "DRAIN_TIMEOUT_S": "10",
    "RELAY_LEASE_S": "4",
    "RELAY_IDLE_S": "0.1",
    "LOG_LEVEL": "WARNING",
}


class Worker(Server):
    """One service process or relay."""

    def __init__(
        self, name: str, argv: tuple[str, ...], directory: Path, variables: Mapping[str, str]
    ) -> None:
        super().__init__(directory / f"{name}.log")
        self.what = self.name = name
        self.extra: dict[str, str] = {}
        self._argv, self._directory, self._variables = argv, directory, variables

    def command(self) -> processes.Command:
        variables = {**self._variables, **self.extra}
        return processes.Command(self.name, (sys.executable, *self._argv), self._directory, variables)

    @property
    def url(self) -> str:
        return f"http://{self._variables['HTTP_ADDRESS']}"

    def answers(self) -> bool:
        """A relay cannot be asked; what it does is seen in the ledger."""
        return self.runs if "-m" in self._argv and "ledger.relay" in self._argv else self._is_alive()

    def _is_alive(self) -> bool:
        return answers(f"{self.url}/livez")

    def restart_with(self, **extra: str) -> None:
        """Kill it and start it again with faults in its environment, without waiting for it."""
        self.kill()
        self.extra = extra
        self.process = processes.start(self.command(), self.log)

    def count(self, name: str, **labels: str) -> float:
        """Return one of its metrics; 0 where it has none such, or does not answer."""
        try:
            with direct_session() as session:
                text = session.get(f"{self.url}/metrics", timeout=5).text
        except requests.RequestException:
            return 0.0
        return sum(
            sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name and sample.labels.items() >= labels.items()
        )

    def said(self, words: str) -> int:
        """Return how many lines of its log have these words in them."""
        return lines_with(self.log, words)

    def wait_for_death(self, timeout_s: float) -> bool:
        """Wait until it has killed itself; False if it did not."""
        deadline = time.monotonic() + timeout_s
        while self.runs and time.monotonic() < deadline:
            time.sleep(0.05)
        return not self.runs


@dataclass
class Fleet:
    """All of them. The first service and the first relay talk to broker and store directly, others through
    the proxy."""

    directory: Path
    broker: BrokerServer
    store: StoreServer
    proxy: Proxy
    always: Mapping[str, str] = field(default_factory=dict)
    services: list[Worker] = field(default_factory=list)
    relays: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.keys = keys.ensure(self.directory / "keys")

    def launch(self, *, services: int) -> None:
        """Start the services and one relay."""
        for number in range(services):
            self.services.append(self._worker(f"service-{number}", "ledger", direct=number == 0))
        self.relays.append(self._worker("relay-0", "ledger.relay", direct=True))
        self.heal()

    @contextmanager
    def another_relay(self, **extra: str) -> Iterator[Worker]:
        """Have one more relay for a while, with more in its environment."""
        relay = self._worker(f"relay-{len(self.relays)}", "ledger.relay", direct=False)
        relay.extra = extra
        self.relays.append(relay)
        try:
            relay.start()
            yield relay
        finally:
            self.relays.remove(relay)
            relay.stop()

    @contextmanager
    def another_service(self, **extra: str) -> Iterator[Worker]:
        """Have one more service process for a while, with more in its environment; nobody calls it by HTTP.

        It is not started again when it dies; it need not come to life at all.
        """
        service = self._worker("service-guest", "ledger", direct=True)
        service.extra = extra
        service.process = processes.start(service.command(), service.log)
        try:
            yield service
        finally:
            service.stop()

    def heal(self) -> None:
        """Start whatever is dead, without faults, and wait for it."""
        for each in self.revive():
            each.start()

    def revive(self) -> list[Worker]:
        """Start whatever is dead, without faults; returns those, which are not ready yet."""
        dead = self.dead()
        for each in dead:
            each.extra = {}
            each.process = processes.start(each.command(), each.log)
        return dead

    def dead(self) -> list[Worker]:
        """Return those that should run and do not."""
        return [each for each in (*self.services, *self.relays) if not each.runs]

    def token(self) -> str:
        return self.keys.token("portal", "portal")

    def close(self) -> None:
        for each in (*self.services, *self.relays):
            if each.process is not None:
                each.process.send_signal(signal.SIGCONT)
            each.kill()

    def _worker(self, name: str, module: str, *, direct: bool) -> Worker:
        (port,) = ports.free_ports(1)
        around = environment.Surroundings(
            amqp_url=self.broker.amqp_url if direct else self.proxy.amqp_url,
            mongo_url=self.store.mongo_url if direct else self.proxy.mongo_url,
            management_url="",
            keys=self.keys,
            files=self.directory,
            smtp_url="",
            email_trace_url="",
            sms_url="",
            sms_auth_token="",
            calendar_key="",
            public_url="",
        )
        address = f"127.0.0.1:{port}"
        variables = environment.of_service("ledger", around, http_address=address, database=DATABASE)
        return Worker(name, ("-m", module), self.directory, {**variables, **QUICK, **self.always})
