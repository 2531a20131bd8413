"""Which port each part listens on, who is on it already, and which are free for tests."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass

import psutil

from stack.broker import BrokerPorts

#: The first of the ports, where the gateway is; BACKPACK_PORT_BASE moves all of them together.
DEFAULT_BASE = 8080
FIRST_BASE, LAST_BASE = 1024, 65000

#: Linux gives connections ports from 32768 on.
_SERVERS_PORTS = range(10_000, 32_000)


class PortsError(ValueError):
    """The wanted ports cannot be had; the text names each, what it is for and who holds it."""


@dataclass(frozen=True)
class Ports:
    """The ports of one stack, all on loopback.

    Attributes:
        gateway: the one that people and the district's portal use.
        mail, sms: the pages of the mail sink and of the SMS simulator.
        broker_management, broker_prometheus: the broker's page, and its metrics.
        artifacts, scoring, defenses, notifications: the services themselves.
        relay_artifacts, relay_scoring, relay_defenses, relay_notifications: metrics of the relays.
        smtp, store, broker, broker_distribution, broker_epmd: not for browsers.
    """

    gateway: int
    mail: int
    sms: int
    broker_management: int
    broker_prometheus: int
    artifacts: int
    scoring: int
    defenses: int
    notifications: int
    relay_artifacts: int
    relay_scoring: int
    relay_defenses: int
    relay_notifications: int
    smtp: int
    store: int
    broker: int
    broker_distribution: int
    broker_epmd: int

    @property
    def of_broker(self) -> BrokerPorts:
        """Return those of the broker."""
        return BrokerPorts(
            amqp=self.broker,
            management=self.broker_management,
            prometheus=self.broker_prometheus,
            distribution=self.broker_distribution,
            epmd=self.broker_epmd,
        )

    def of_service(self, name: str) -> int:
        """Return that of a service."""
        port: int = getattr(self, name)
        return port

    def of_relay(self, service: str) -> int:
        """Return that of a service's relay."""
        return self.of_service(f"relay_{service}")


def from_base(base: int) -> Ports:
    """Return consecutive ports, the gateway's first."""
    names = Ports.__dataclass_fields__
    return Ports(**{name: base + offset for offset, name in enumerate(names)})


def wanted(environment: Mapping[str, str] = os.environ) -> Ports:
    """Return the ports that the environment asks for.

    Raises:
        PortsError: if BACKPACK_PORT_BASE is not a port.
    """
    text = environment.get("BACKPACK_PORT_BASE") or str(DEFAULT_BASE)
    if not text.isdecimal() or not FIRST_BASE <= int(text) <= LAST_BASE:
        raise PortsError(
            f"BACKPACK_PORT_BASE is {text!r}; it must be a number from {FIRST_BASE} to {LAST_BASE}"
        )
    return from_base(int(text))


def check_free(ports: Ports) -> None:
    """Make sure that nothing listens on any of the ports.

    Raises:
        PortsError: naming those that are taken, and their holders as far as we may know them.
    """
    taken = {port: name for name, port in asdict(ports).items() if not _free(port)}
    if not taken:
        return
    holders = _holders()
    lines = [
        f"port {port}, wanted for {name.replace('_', ' ')}, is taken by {holders.get(port, 'another user')}"
        for port, name in sorted(taken.items())
    ]
    lines.append("Stop that, or choose other ports, for example with BACKPACK_PORT_BASE=18080.")
    raise PortsError("\n".join(lines))


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: connections of an earlier run that still linger do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _holders() -> dict[int, str]:
    """Return who listens on which port."""
    try:
        connections = psutil.net_connections("tcp")
    except psutil.AccessDenied:
        return {}
    holders = {}
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.pid is not None and connection.laddr:
            try:
                name = psutil.Process(connection.pid).name()
            except psutil.NoSuchProcess:
                continue
            holders[connection.laddr.port] = f"{name} (process {connection.pid})"
    return holders


def free_ports(count: int) -> list[int]:
    """Return ports of loopback on which nothing listens now.

    They lie below those that the kernel gives to connections on their way out, one of which could take a port
    before its server starts.
    """
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            listener = held.enter_context(socket.socket())
            port = secrets.choice(_SERVERS_PORTS)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            found.append(port)
    return found


def free_base() -> int:
    """Return the first of the consecutive free ports that a stack of its own needs."""
    for _ in range(50):
        (base,) = free_ports(1)
        try:
            check_free(from_base(base))
        except PortsError:
            continue
        return base
    raise RuntimeError("there are not enough free ports in a row")
