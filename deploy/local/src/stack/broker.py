"""A private RabbitMQ node: its own ports, its own data, its own epmd, ours to start and stop."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

from stack.http import direct_session
from stack.processes import Command

if TYPE_CHECKING:
    from pathlib import Path

    from stack.packages import SystemParts

PLUGINS = ("rabbitmq_management", "rabbitmq_prometheus")
CONNECT_TIMEOUT_S = 1.0
REQUEST_TIMEOUT_S = 15.0

#: AMQP 0-9-1 client greeting, and the first byte of the method frame that a broker answers with.
AMQP_GREETING = b"AMQP\x00\x00\x09\x01"
AMQP_METHOD_FRAME = b"\x01"


@dataclass(frozen=True)
class BrokerPorts:
    """The five ports of one node, all on loopback."""

    amqp: int
    management: int
    prometheus: int
    distribution: int
    epmd: int


@dataclass(frozen=True)
class Broker:
    """One node: where it lives, where it listens, and who may come in.

    Attributes:
        directory: its configuration, data and logs.
        password: of `user`, an administrator.
        vhost: where the user starts.
    """

    directory: Path
    ports: BrokerPorts
    parts: SystemParts
    password: str
    user: str = "backpack"
    vhost: str = "/"

    @property
    def amqp_url(self) -> str:
        """Return the address that services connect to."""
        return self.amqp_url_of(self.vhost)

    def amqp_url_of(self, vhost: str) -> str:
        """Return the address of one virtual host."""
        return f"amqp://{self.user}:{self.password}@127.0.0.1:{self.ports.amqp}/{quote(vhost, safe='')}"

    @property
    def management_url(self) -> str:
        """Return the address of the management API, with user and password."""
        return f"http://{self.user}:{self.password}@127.0.0.1:{self.ports.management}"

    def epmd_command(self) -> Command:
        """Return the command of the node's own port mapper, which the node would else leave behind."""
        program = self.parts.erlang_bin / "epmd"
        return Command("epmd", (str(program), "-address", "127.0.0.1"), self.directory, self._environment())

    def node_command(self) -> Command:
        """Return the command of the node itself."""
        return Command("broker", (str(self.parts.rabbitmq_server),), self.directory, self._environment())

    def _environment(self) -> dict[str, str]:
        place = self.directory
        return {
            **self.parts.environment(),
            "LANG": "C.UTF-8",
            "HOME": str(place / "home"),
            "ERL_EPMD_PORT": str(self.ports.epmd),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "backpack@localhost",
            "RABBITMQ_DIST_PORT": str(self.ports.distribution),
            "RABBITMQ_MNESIA_BASE": str(place / "data"),
            "RABBITMQ_LOG_BASE": str(place / "log"),
            "RABBITMQ_CONFIG_FILE": str(place / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "enabled_plugins"),
            "RABBITMQ_FEATURE_FLAGS_FILE": str(place / "feature_flags"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(place / "conf"),
            "RABBITMQ_PID_FILE": str(place / "pid"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            # The start script then becomes the node instead of waiting for it: signals go straight to it.
            "RUNNING_UNDER_SYSTEMD": "true",
        }


def write_files(broker: Broker, definitions: Path) -> None:
    """Write the node's configuration; the topology is imported at every start.

    Args:
        broker: the node.
        definitions: the topology in RabbitMQ's own format; may be missing.
    """
    place = broker.directory
    (place / "home").mkdir(parents=True, exist_ok=True)
    (place / "enabled_plugins").write_text(f"[{','.join(PLUGINS)}].\n")
    born_with = place / "definitions.json"
    born_with.touch(mode=0o600)
    born_with.write_text(json.dumps(_with_user(broker, definitions)))
    settings = {
        "listeners.tcp.default": f"127.0.0.1:{broker.ports.amqp}",
        "management.tcp.ip": "127.0.0.1",
        "management.tcp.port": broker.ports.management,
        "prometheus.tcp.ip": "127.0.0.1",
        "prometheus.tcp.port": broker.ports.prometheus,
        "load_definitions": born_with,
        "log.console": "false",
        "log.file.level": "info",
        "disk_free_limit.absolute": "200MB",
    }
    text = "".join(f"{name} = {value}\n" for name, value in settings.items())
    (place / "rabbitmq.conf").write_text(text)


def vhost_of(definitions: Path) -> str:
    """Return the virtual host which a topology is for: its first, or the default one."""
    vhosts = _read(definitions).get("vhosts") or [{"name": "/"}]
    return str(vhosts[0]["name"])


def _read(definitions: Path) -> dict[str, Any]:
    return dict(json.loads(definitions.read_text())) if definitions.exists() else {}


def _with_user(broker: Broker, definitions: Path) -> dict[str, Any]:
    """Return the topology and our user; a node that imports definitions makes no user of its own."""
    topology = _read(definitions)
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    user = {
        "name": broker.user,
        "password_hash": password_hash(broker.password, salt=secrets.token_bytes(4)),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": ["administrator"],
    }
    permission = {"user": broker.user, "vhost": broker.vhost, **everything}
    return {
        **topology,
        "users": [*topology.get("users", []), user],
        "vhosts": topology.get("vhosts") or [{"name": broker.vhost}],
        "permissions": [*topology.get("permissions", []), permission],
    }


def password_hash(password: str, *, salt: bytes) -> str:
    """Return a password as RabbitMQ keeps it.

    Args:
        password: the clear text.
        salt: 4 bytes.

    Source: rabbitmq.com, "Passwords", section "Computing Password Hash".
    """
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def accepts_amqp(broker: Broker) -> bool:
    """Tell whether the node greets an AMQP client and knows our user."""
    try:
        with socket.create_connection(("127.0.0.1", broker.ports.amqp), CONNECT_TIMEOUT_S) as connection:
            connection.settimeout(REQUEST_TIMEOUT_S)
            connection.sendall(AMQP_GREETING)
            greeted = connection.recv(1) == AMQP_METHOD_FRAME
        return greeted and management(broker, "GET", "/api/whoami").ok
    except (OSError, requests.RequestException):
        return False


def management(broker: Broker, method: str, path: str, body: object = None) -> requests.Response:
    """Ask the management API; the caller looks at the status."""
    address = f"http://127.0.0.1:{broker.ports.management}{path}"
    with direct_session() as session:
        session.auth = (broker.user, broker.password)
        return session.request(method, address, json=body, timeout=REQUEST_TIMEOUT_S)


def add_vhost(broker: Broker, name: str) -> str:
    """Make a fresh virtual host and return its address."""
    path = quote(name, safe="")
    management(broker, "PUT", f"/api/vhosts/{path}").raise_for_status()
    allowed = {"configure": ".*", "write": ".*", "read": ".*"}
    management(broker, "PUT", f"/api/permissions/{path}/{broker.user}", allowed).raise_for_status()
    return broker.amqp_url_of(name)


def remove_vhost(broker: Broker, name: str) -> None:
    """Remove a virtual host with all that is in it."""
    management(broker, "DELETE", f"/api/vhosts/{quote(name, safe='')}").raise_for_status()
