"""A broker in memory and the chassis' own handler on it, with faults on command."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from tests.faults.model_store import Faults

from chassis import topology
from chassis.confirms import CONFIRMED, REFUSED, UNKNOWN
from chassis.delivery import Delivery, PublishError
from chassis.messaging import ContractHandler
from contracts.base import Contract
from ledger.entrypoints import LedgerService

DELAYS_S = (1, 2)
PARKING = topology.parking_queue("ledger")


@dataclass
class Message:
    """A message as kombu gives it to a handler."""

    body: bytes
    content_type: str
    headers: dict[str, Any]
    properties: dict[str, Any]
    content_encoding: str | None = None
    channel: Any = field(default_factory=lambda: SimpleNamespace(connection=object()))


class MemoryBroker:
    """Queues by name. What is on a retry step is already back in its queue: delays are no order."""

    def __init__(self) -> None:
        self.queues: dict[str, list[Message]] = {PARKING: []}
        self.bound: dict[str, str] = {}
        for contract, method in LedgerService.handlers():
            queue = topology.handler_queue(contract, "ledger", method)
            self.queues[queue] = []
            self.bound[contract.type] = queue

    def route(self, delivery: Delivery) -> None:
        message = Message(
            delivery.body,
            delivery.content_type,
            dict(delivery.headers),
            {"message_id": delivery.message_id},
        )
        queue = self.bound.get(delivery.routing_key, delivery.routing_key)
        self.queues[queue].append(message)


class FaultyPublisher:
    """What handlers and relays publish with."""

    def __init__(self, broker: MemoryBroker, faults: Faults) -> None:
        self._broker, self._faults = broker, faults
        self.message: Message | None = None

    def publish(self, deliveries: Sequence[Delivery]) -> list[str]:
        """Publish as the relay's publisher does; a handler's raises instead, see `ServicePublisher`."""
        self._faults.let_others_in()
        self._faults.passes("before publish")
        if self._faults.takes("broker away"):
            raise PublishError("away")
        outcomes = []
        for delivery in deliveries:
            if self._faults.takes("refused"):
                outcomes.append(REFUSED)
                continue
            self._broker.route(delivery)
            outcomes.append(UNKNOWN if self._faults.takes("confirm lost") else CONFIRMED)
        self._faults.passes("after publish")
        return outcomes

    def close(self) -> None:
        pass


class ServicePublisher(FaultyPublisher):
    """Raises unless everything is confirmed; the connection that consumes breaks with it."""

    def publish(self, deliveries: Sequence[Delivery]) -> list[str]:
        assert self.message is not None
        # Else the handler would wait for the broker for ever, in a model without time.
        connection, self.message.channel.connection = self.message.channel.connection, None
        outcomes = super().publish(deliveries)
        if set(outcomes) != {CONFIRMED}:
            raise PublishError("not confirmed")
        self.message.channel.connection = connection
        return outcomes


class Handlers:
    """The ledger's event handlers, in a process of their own."""

    def __init__(self, broker: MemoryBroker, faults: Faults) -> None:
        self._broker, self._faults = broker, faults
        self._publisher = ServicePublisher(broker, faults)
        self._service = LedgerService()
        self._acknowledged = False
        self.queues = list(broker.bound.values())
        self._handlers = {
            broker.bound[contract.type]: self._handler(contract, method)
            for contract, method in LedgerService.handlers()
        }

    def deliver(self, queue: str, place: int) -> None:
        """Hand out one message of a queue, which goes back there unless it is acknowledged."""
        messages = self._broker.queues[queue]
        message = messages.pop(place % len(messages))
        # A redelivery is a new object on a new connection.
        message.channel = SimpleNamespace(connection=object())
        self._publisher.message = message
        self._acknowledged = False
        try:
            self._handlers[queue].handle_message(message)
        finally:
            if not self._acknowledged:
                self._broker.queues[queue].append(message)

    def _handler(self, contract: Contract[Any], method: str) -> ContractHandler:
        handler: Any = ContractHandler(contract)
        handler.method_name = method
        handler.queue = SimpleNamespace(name=self._broker.bound[contract.type])
        handler.publisher = self._publisher
        handler.queue_consumer = SimpleNamespace(ack_message=self._acknowledge)
        handler.container = SimpleNamespace(
            service_name="ledger",
            config={"SETTINGS": SimpleNamespace(retry_delays_s=DELAYS_S)},
            spawn_worker=self._work,
        )
        return handler  # type: ignore[no-any-return]  # it was made Any to be given fakes

    def _work(self, entrypoint: Any, args: Any, kwargs: Any, *, handle_result: Any) -> None:
        result, exc_info = None, None
        try:
            result = getattr(self._service, entrypoint.method_name)(*args, **kwargs)
        except Exception:  # noqa: BLE001 - as nameko's container does
            exc_info = sys.exc_info()
        handle_result(None, result, exc_info)

    def _acknowledge(self, _message: Message) -> None:
        self._faults.passes("before ack")
        self._acknowledged = True
        self._faults.passes("after ack")
