"""The broker's topology: one description, declared by services and written to definitions.json.

Every handler has a quorum queue of its own, bound to its producer's topic exchange. What it cannot handle
goes to the service's parking queue; what may pass by itself goes round through a delay queue a step, whose
exchange is a fanout and whose expired messages come back through the default exchange to the one queue that
is their routing key: the failing one. No queue argument here means different things on RabbitMQ 3.10 and 4.x.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import Any

from contracts import ALL_CONTRACTS
from contracts.base import Contract

#: Operators look into parking, and each look counts as a delivery there; RabbitMQ 4's default limit of 20
#: would throw away what was looked at too often. Not -1, which destroys messages on 3.10.
LOOKS_LIMIT = 1_000_000

#: How often the broker hands out a message whose consumers die, before it dead-letters it; not our retries.
CRASH_LIMIT = 20

#: The retry ladder, in seconds, where a service's settings do not say otherwise.
RETRY_DELAYS_S = (5, 30, 300, 1800)

_COMMON = {
    "x-queue-type": "quorum",
    "x-dead-letter-strategy": "at-least-once",
    # At-least-once dead-lettering needs it; a full queue then refuses a publish instead of dropping its head.
    "x-overflow": "reject-publish",
    "x-dead-letter-exchange": "",
}


@dataclass(frozen=True)
class QueueSpec:
    """One durable quorum queue with its arguments."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Binding:
    """One binding of a queue to an exchange."""

    exchange: str
    queue: str
    routing_key: str


@dataclass(frozen=True)
class Topology:
    """Exchanges by name and type, queues and bindings; all durable."""

    exchanges: dict[str, str] = field(default_factory=dict)
    queues: tuple[QueueSpec, ...] = ()
    bindings: tuple[Binding, ...] = ()

    def __or__(self, other: Topology) -> Topology:
        """Return both together."""
        queues = {queue.name: queue for queue in (*self.queues, *other.queues)}
        return Topology(
            {**self.exchanges, **other.exchanges},
            tuple(queues.values()),
            tuple(dict.fromkeys((*self.bindings, *other.bindings))),
        )


def handler_queue(contract: Contract[Any], service: str, method: str) -> str:
    """Return a handler's queue, named as nameko names it."""
    return f"evt-{contract.producer}-{contract.type}--{service}.{method}"


def parking_queue(service: str) -> str:
    """Return the queue of what a service could not handle."""
    return f"{service}.parking"


def retry_exchange(service: str, delay_s: int) -> str:
    """Return the exchange (and queue) of one step of a service's retry ladder."""
    return f"{service}.retry.{delay_s}s"


def handler_arguments(service: str) -> dict[str, Any]:
    """Return the arguments of a handler's queue; changing one needs a new queue, so think first."""
    return {
        **_COMMON,
        "x-delivery-limit": CRASH_LIMIT,
        "x-dead-letter-routing-key": parking_queue(service),
    }


def of_service(
    service: str, handlers: Iterable[tuple[Contract[Any], str]], retry_delays_s: Sequence[int]
) -> Topology:
    """Describe what one service needs.

    Args:
        service: its name.
        handlers: the contract and method of each event handler.
        retry_delays_s: the steps of the retry ladder, in seconds.
    """
    handled = list(handlers)
    exchanges = {f"{service}.events": "topic"} | {contract.exchange: "topic" for contract, _ in handled}
    parking = {"x-queue-type": "quorum", "x-delivery-limit": LOOKS_LIMIT}
    queues = [QueueSpec(parking_queue(service), parking)]
    bindings = []
    for delay_s in retry_delays_s:
        name = retry_exchange(service, delay_s)
        exchanges[name] = "fanout"
        queues.append(QueueSpec(name, {**_COMMON, "x-message-ttl": delay_s * 1000}))
        bindings.append(Binding(name, name, ""))
    for contract, method in handled:
        name = handler_queue(contract, service, method)
        queues.append(QueueSpec(name, handler_arguments(service)))
        bindings.append(Binding(contract.exchange, name, contract.type))
    return Topology(exchanges, tuple(queues), tuple(bindings))


def installed() -> Topology:
    """Describe what all installed services need, with the default retry ladder."""
    described = producers()
    for entry in entry_points(group="backpack.services"):
        service = entry.load()
        described |= of_service(service.name, service.handlers(), RETRY_DELAYS_S)
    return described


def producers() -> Topology:
    """Describe the exchanges of all producers."""
    return Topology({contract.exchange: "topic" for contract in ALL_CONTRACTS})


def definitions(topology: Topology, vhost: str) -> dict[str, Any]:
    """Return RabbitMQ's definitions, without users, which are secrets of each installation."""
    return {
        "vhosts": [{"name": vhost}],
        "exchanges": [
            {
                "name": name,
                "vhost": vhost,
                "type": kind,
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for name, kind in sorted(topology.exchanges.items())
        ],
        "queues": [
            {
                "name": queue.name,
                "vhost": vhost,
                "durable": True,
                "auto_delete": False,
                "arguments": dict(sorted(queue.arguments.items())),
            }
            for queue in sorted(topology.queues, key=lambda queue: queue.name)
        ],
        "bindings": [
            {
                "source": binding.exchange,
                "vhost": vhost,
                "destination": binding.queue,
                "destination_type": "queue",
                "routing_key": binding.routing_key,
                "arguments": {},
            }
            for binding in sorted(topology.bindings, key=lambda b: (b.queue, b.exchange, b.routing_key))
        ],
    }


def differences(wanted: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    """Compare two definitions.

    Returns:
        A line for each exchange, queue or binding that the broker lacks, for each property and argument
        that it has otherwise, for each binding of our queues that nobody asked for, and for each queue of
        a handler that is no more. What else it has is others' business.
    """
    found = []
    for kind, names in _IDENTITY.items():
        theirs = {tuple(each.get(name, "") for name in names): each for each in actual.get(kind, [])}
        for each in wanted[kind]:
            identity = tuple(each[name] for name in names)
            label = f"{kind.removesuffix('s')} {' → '.join(filter(None, identity))}"
            if identity not in theirs:
                found.append(f"{label} is missing")
            else:
                found += [f"{label}: {line}" for line in _otherwise(each, theirs[identity])]
    return [*found, *_besides(wanted, actual)]


def _otherwise(wanted: dict[str, Any], actual: dict[str, Any]) -> Iterator[str]:
    """Say how one thing differs, property by property and argument by argument."""
    for name, value in wanted.items():
        if name == "arguments":
            theirs = actual.get(name) or {}
            for argument in sorted(value.keys() | theirs.keys()):
                if argument not in theirs:
                    yield f"argument {argument} is missing, it should be {value[argument]!r}"
                elif argument not in value:
                    yield f"argument {argument} is {theirs[argument]!r} and should not be there"
                elif theirs[argument] != value[argument]:
                    yield f"argument {argument} is {theirs[argument]!r} instead of {value[argument]!r}"
        elif name != "vhost" and actual.get(name) != value:
            yield f"{name} is {actual.get(name)!r} instead of {value!r}"


def _besides(wanted: dict[str, Any], actual: dict[str, Any]) -> Iterator[str]:
    """Name what would double or swallow our events: extra bindings of our queues, and orphaned queues."""
    names = _IDENTITY["bindings"]
    ours = {queue["name"] for queue in wanted["queues"]}
    known = {tuple(each[name] for name in names) for each in wanted["bindings"]}
    for each in actual.get("bindings", []):
        identity = tuple(each.get(name, "") for name in names)
        if each.get("destination") in ours and identity not in known:
            yield f"binding {' → '.join(filter(None, identity))} is extra"
    services = {name.removesuffix(".parking") for name in ours if name.endswith(".parking")}
    for each in actual.get("queues", []):
        service = each["name"].rpartition("--")[2].partition(".")[0]
        if each["name"].startswith("evt-") and service in services and each["name"] not in ours:
            yield f"queue {each['name']} has no handler any more"


_IDENTITY = {
    "exchanges": ("name",),
    "queues": ("name",),
    "bindings": ("source", "destination", "routing_key"),
}
