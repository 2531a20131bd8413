"""All parts of one local stack: their commands, in which order they start, and when each is ready."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from stack import broker as brokers
from stack import environment, gateway, packages, passwords, paths, ports, servers
from stack import keys as issuer
from stack import store as stores
from stack.environment import POLICIES, SERVICES, Surroundings
from stack.http import answers
from stack.processes import MARKER, Command

#: The stages: a later one starts when the earlier is ready, and stops before it.
FOUNDATION, PLATFORM, FRONT = 30, 20, 10

#: Longer than a service's own drain deadline, and than a broker needs to close in order.
SERVICE_STOP_S, BROKER_STOP_S = 30.0, 40.0


@dataclass(frozen=True)
class Part:
    """One part of the stack.

    Attributes:
        command: how each of its processes is started.
        stage: when it starts and stops.
        address: where it is reached; empty if it listens nowhere.
        ready: tells whether it can be used now; a part that listens nowhere is ready when it runs.
        stop_s: how long its processes may take to end.
    """

    command: Command
    stage: int
    address: str = ""
    ready: Callable[[], bool] = lambda: True
    stop_s: float = 10.0

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.command.name


@dataclass(frozen=True)
class Stack:
    """One local stack.

    Attributes:
        directory: the run folder; nothing is written outside it.
        keys: of the development issuer.
        around: what services talk to.
    """

    directory: Path
    ports: ports.Ports
    broker: brokers.Broker
    store: stores.Store
    gateway: gateway.Gateway
    keys: issuer.Keys
    around: Surroundings

    @property
    def marker(self) -> str:
        """Return what all its processes carry in the variable BACKPACK_STACK."""
        return str(self.directory)

    def log(self, name: str) -> Path:
        """Return what a part says."""
        return self.directory / "log" / f"{name}.log"

    def parts(self) -> list[Part]:
        """Return all parts, in the order in which they start."""
        there = f"http://127.0.0.1:{self.ports.mail}", f"http://127.0.0.1:{self.ports.sms}"
        mail = servers.mail_sink(
            self.directory / "mail", smtp_port=self.ports.smtp, http_port=self.ports.mail
        )
        sms = servers.sms(
            self.directory / "sms",
            port=self.ports.sms,
            auth_token=self.around.sms_auth_token,
            inbound_url=f"{self.gateway.url}/webhooks/sms/inbound",
        )
        found = [
            Part(self.broker.epmd_command(), FOUNDATION),
            Part(
                self.broker.node_command(),
                FOUNDATION,
                f"http://127.0.0.1:{self.ports.broker_management}",
                lambda: brokers.accepts_amqp(self.broker),
                BROKER_STOP_S,
            ),
            Part(
                self.store.command(),
                FOUNDATION,
                self.store.mongo_url.partition("?")[0],
                lambda: stores.answers(self.store),
            ),
            Part(mail, FOUNDATION, there[0], lambda: answers(f"{there[0]}/readyz")),
            Part(sms, FOUNDATION, there[1], lambda: answers(f"{there[1]}/readyz")),
            *(self._service(name) for name in SERVICES),
            *(self._relay(name) for name in SERVICES),
            Part(self.gateway.command(), FRONT, self.gateway.url, lambda: answers(self.gateway.url)),
        ]
        return [self._marked(part) for part in found]

    def service_environment(self, name: str) -> dict[str, str]:
        """Return the variables of a service and of its commands."""
        address = f"127.0.0.1:{self.ports.of_service(name)}"
        return {
            **environment.of_service(name, self.around, http_address=address),
            "JWT_SIGNING_KEY_FILE": str(self.keys.signing),
        }

    def _service(self, name: str) -> Part:
        url = f"http://127.0.0.1:{self.ports.of_service(name)}"
        command = Command(name, (sys.executable, "-m", name), self.directory, self.service_environment(name))
        return Part(command, PLATFORM, url, lambda: answers(f"{url}/readyz"), SERVICE_STOP_S)

    def _relay(self, name: str) -> Part:
        argv = (str(paths.PROGRAMS / "backpack"), "relay", name)
        address = f"127.0.0.1:{self.ports.of_relay(name)}"
        variables = {**self.service_environment(name), "RELAY_METRICS_ADDRESS": address}
        command = Command(f"relay-{name}", argv, self.directory, variables)
        url = f"http://{address}"
        return Part(command, PLATFORM, url, lambda: answers(url), SERVICE_STOP_S)

    def _marked(self, part: Part) -> Part:
        variables = {**part.command.environment, MARKER: self.marker}
        return replace(part, command=replace(part.command, environment=variables))


def local_stack(directory: Path, wanted: ports.Ports) -> Stack:
    """Return the stack of a run folder; makes its keys and passwords when it has none.

    Policies of districts in the folder's `policies` hold instead of the packaged ones.

    Raises:
        MissingPartError: if broker or gateway are not set up.
    """
    parts = packages.locate(paths.SYSTEM)
    known = passwords.ensure(directory / "secrets.env")
    keys = issuer.ensure(directory / "keys")
    broker = brokers.Broker(
        directory=directory / "broker",
        ports=wanted.of_broker,
        parts=parts,
        password=known.broker_password,
        vhost=brokers.vhost_of(paths.DEFINITIONS),
    )
    store = stores.Store(directory / "store", wanted.store)
    policies = directory / "policies"
    front = gateway.Gateway(
        directory=directory / "gateway",
        port=wanted.gateway,
        parts=parts,
        services={name: wanted.of_service(name) for name in SERVICES},
        pages={
            "Mails": f"http://127.0.0.1:{wanted.mail}/",
            "Text messages": f"http://127.0.0.1:{wanted.sms}/",
            "Broker": f"http://127.0.0.1:{wanted.broker_management}/",
        },
    )
    around = Surroundings(
        amqp_url=broker.amqp_url,
        mongo_url=store.mongo_url,
        management_url=broker.management_url,
        keys=keys,
        files=directory / "artifacts",
        smtp_url=f"smtp://127.0.0.1:{wanted.smtp}",
        email_trace_url=f"http://127.0.0.1:{wanted.mail}/api/trace",
        sms_url=f"http://127.0.0.1:{wanted.sms}",
        sms_auth_token=known.sms_auth_token,
        calendar_key=known.calendar_key,
        public_url=front.url,
        policies=str(policies) if policies.is_dir() else POLICIES,
    )
    return Stack(directory, wanted, broker, store, front, keys, around)


def write_files(stack: Stack) -> None:
    """Make the folders and configurations of all parts."""
    for name in ("log", "mail", "sms", "artifacts"):
        (stack.directory / name).mkdir(parents=True, exist_ok=True)
    brokers.write_files(stack.broker, paths.DEFINITIONS)
    stores.write_files(stack.store)
    gateway.write_files(stack.gateway)
