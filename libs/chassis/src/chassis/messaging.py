"""Events in: parse, handle, publish what it led to, acknowledge; or retry; or park with a reason."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property, partial, wraps
from typing import Any, TypeVar, cast

import eventlet
import structlog
from kombu.entity import Queue
from nameko.events import EventHandler
from nameko.exceptions import ContainerBeingKilled

from chassis import metrics, parking, topology
from chassis.consumer import DrainingQueueConsumer
from chassis.delivery import Delivery, PublishError
from chassis.errors import TransientError
from chassis.extensions import PublisherExtension, bounded
from chassis.outage import OUTAGE, AbandonedError
from chassis.outbox import UnitOfWork, utc_now
from contracts.base import Contract, ContractViolationError
from contracts.envelope import CONTENT_TYPE, Envelope, parse

log = structlog.get_logger()

Method = TypeVar("Method", bound=Callable[..., Any])

#: Waits between tries to hand a settled message to the broker while it takes nothing.
_HAND_OVER_WAITS_S = (0.5, 1, 2, 5)


class ContractHandler(EventHandler):
    """An event handler whose method receives the event and a unit of work.

    nameko acknowledges a message even if its handler raised or could not read it, which loses the event.
    Here a message is acknowledged only once its effect and its events are safe, or its copy is on the retry
    ladder or in parking.
    """

    queue_consumer = DrainingQueueConsumer()
    publisher = PublisherExtension()
    queue: Any

    def __init__(self, contract: Contract[Any], **options: Any) -> None:
        super().__init__(contract.producer, contract.type, **options)
        self.contract = contract

    def setup(self) -> None:
        """Declare the handler's queue as the topology describes it."""
        super().setup()
        service = self.container.service_name
        self.queue = Queue(  # type: ignore[no-untyped-call]  # kombu has no types here
            topology.handler_queue(self.contract, service, self.method_name),
            exchange=self.queue.exchange,
            routing_key=self.contract.type,
            durable=True,
            queue_arguments=topology.handler_arguments(service),
        )

    # Looked up once: finding a metric by its labels costs more than counting.
    @cached_property
    def _handled(self) -> Any:
        return metrics.EVENTS_PROCESSED.labels(self.method_name, self.contract.type, "ok")

    @cached_property
    def _handling_seconds(self) -> Any:
        return metrics.EVENTS_SECONDS.labels(self.method_name)

    @cached_property
    def _critical_seconds(self) -> Any:
        return metrics.EVENTS_CRITICAL_SECONDS.labels(self.method_name)

    def start_at_once(self, message: Any) -> bool:
        """Start a worker without a greenthread in between, if one is free and the message can be read.

        Returns False if it was not started: somebody who may wait must take the message.
        """
        if not self.container.can_start():
            return False
        try:
            envelope, event = self._read(message)
        except Exception:  # noqa: BLE001 - whoever may wait reads it again, and parks it
            return False
        self._start(message, envelope, event)
        return True

    def handle_message(self, message: Any) -> None:
        """Read one message and run the handler for it in a worker; waits for a free one."""
        try:
            envelope, event = self._read(message)
        except ContractViolationError as error:
            self._fail(message, self._failure("contract_violation", error), None)
            return
        # A schema of ours that breaks on strange content must not take the process with it, 20 times over.
        except Exception as error:  # noqa: BLE001 - the message is parked, with what happened
            self._fail(message, self._failure("unreadable", error), None)
            return
        self._start(message, envelope, event)

    def _start(self, message: Any, envelope: Envelope, event: Any) -> None:
        work = UnitOfWork(
            district=envelope.district,
            cause=envelope.id,
            relayed=False,
            subject_version=envelope.subject_version,
            traceparent=envelope.traceparent,
        )
        settle = partial(self._settle, message, envelope, work, time.monotonic())
        try:
            self.container.spawn_worker(self, (event, work), {}, handle_result=settle)
        except ContainerBeingKilled:
            self.queue_consumer.requeue_message(message)

    def _read(self, message: Any) -> tuple[Envelope, Any]:
        if message.content_type != CONTENT_TYPE:
            raise ContractViolationError(f"the content type is not {CONTENT_TYPE}")
        encoding = message.content_encoding or "utf-8"
        if encoding.lower() != "utf-8":
            raise ContractViolationError(f"the content encoding is {encoding[:100]} and not utf-8")
        body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
        envelope = parse(body)
        if envelope.type != self.contract.type:
            raise ContractViolationError(f"this handler does not know type {envelope.type[:100]}")
        return envelope, self.contract.load(envelope.data)

    def _settle(
        self,
        message: Any,
        envelope: Envelope,
        work: UnitOfWork,
        started: float,
        _worker: Any,
        result: Any = None,
        exc_info: Any = None,
    ) -> tuple[Any, Any]:
        """End a message; nameko calls this in the worker's greenthread, before dependencies hear of it."""
        if exc_info is None:
            self._succeed(message, envelope, work)
        elif not isinstance(exc_info[1], AbandonedError):
            self._fail(message, self._failure("handler_error", exc_info[1]), exc_info[1])
        self._handling_seconds.observe(time.monotonic() - started)
        return result, exc_info

    def _succeed(self, message: Any, envelope: Envelope, work: UnitOfWork) -> None:
        if self._hand_over(message, [Delivery.of(event) for event in work.outgoing]):
            self.queue_consumer.ack_message(message)
            self._handled.inc()
            elapsed_s = (utc_now() - envelope.time).total_seconds()
            self._critical_seconds.observe(max(elapsed_s, 0))

    def _fail(self, message: Any, failure: parking.Failure, error: BaseException | None) -> None:
        attempts = parking.attempts_before(message.headers)
        delays_s = self.container.config["SETTINGS"].retry_delays_s
        again = isinstance(error, TransientError) and attempts < len(delays_s)
        if isinstance(error, TransientError) and not again:
            failure = self._failure("retries_exhausted", error)
        exchange, routing_key = self._next_stop(delays_s[attempts] if again else None)
        headers = parking.failed(message.headers, failure, now=utc_now())
        copy = Delivery(
            exchange,
            routing_key,
            message.body if isinstance(message.body, bytes) else str(message.body).encode(),
            message.properties.get("message_id") or "",
            message.content_type or "application/octet-stream",
            self.contract.type,
            headers,
            content_encoding=message.content_encoding,
        )
        if not self._hand_over(message, [copy]):
            return
        self.queue_consumer.ack_message(message)
        self._note_failure(failure, headers[parking.ATTEMPT], again=again)

    def _next_stop(self, delay_s: int | None) -> tuple[str, str]:
        service = self.container.service_name
        if delay_s is None:
            return "", topology.parking_queue(service)
        return topology.retry_exchange(service, delay_s), self.queue.name

    def _hand_over(self, message: Any, deliveries: list[Delivery]) -> bool:
        """Publish with confirms, waiting while the broker takes nothing.

        Returns False if the message is not ours any more, because its connection is lost.

        The unacknowledged message is the guarantee: it holds its place in the prefetch, so a blocked broker
        slows the handlers down instead of filling memory, and a crash leads to a redelivery.
        """
        attempt = 0
        while deliveries:
            try:
                self.publisher.publish(deliveries)
            except PublishError as error:
                if not message.channel.connection:
                    return False
                log.warning("publish_waits", handler=self.method_name, error=str(error))
                eventlet.sleep(_HAND_OVER_WAITS_S[min(attempt, len(_HAND_OVER_WAITS_S) - 1)])
                attempt += 1
            else:
                break
        return True

    def _failure(self, reason: str, error: BaseException) -> parking.Failure:
        # Only our own errors are known to hold no personal data in their texts.
        ours = isinstance(error, (TransientError, ContractViolationError)) or _is_domain_error(error)
        return parking.Failure(self.queue.name, reason, type(error).__name__, str(error) if ours else "")

    def _note_failure(self, failure: parking.Failure, attempt: int, *, again: bool) -> None:
        outcome = "retried" if again else "parked"
        metrics.EVENTS_PROCESSED.labels(self.method_name, self.contract.type, outcome).inc()
        if again:
            metrics.EVENTS_RETRIED.labels(self.method_name, str(attempt)).inc()
        else:
            metrics.EVENTS_PARKED.labels(self.method_name, failure.reason).inc()
        log.warning(
            "event_retried" if again else "event_parked",
            handler=self.method_name,
            reason=failure.reason,
            exception=failure.exception,
            detail=failure.detail,
            attempt=attempt,
        )


def _is_domain_error(error: BaseException) -> bool:
    return type(error).__module__.partition(".")[2].startswith(("domain", "use_cases"))


def _held(method: Method) -> Method:
    """Make a handler hold its message while the store is away."""

    @wraps(method)
    def holding(service: Any, event: Any, work: UnitOfWork) -> None:
        def once() -> None:
            work.outgoing.clear()
            method(service, event, work)

        OUTAGE.hold(once)

    return cast("Method", holding)


def consumes(contract: Contract[Any]) -> Callable[[Method], Method]:
    """Make a method the handler of one contract: `def on_<event>(self, event, work) -> None`."""

    def decorate(method: Method) -> Method:
        decorated: Method = ContractHandler.decorator(contract)(_held(bounded(method)))
        return decorated

    return decorate
