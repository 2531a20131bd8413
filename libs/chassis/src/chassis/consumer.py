"""nameko's queue consumer, made to lose nothing: it drains on stop and gives handlers raw messages."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import eventlet
import structlog
from amqp.exceptions import AMQPError
from kombu.messaging import Consumer
from nameko.extensions import ProviderCollector
from nameko.messaging import QueueConsumer

from chassis.declare import declare
from chassis.deliveries import deliver_plainly
from chassis.errors import TransientError
from chassis.metrics import CONSUMERS_READY
from chassis.wire import read_ahead

log = structlog.get_logger()

_RECONNECT_WAITS_S = (0.5, 1, 2, 3)


class RawConsumer(Consumer):
    """Hands messages over as they came: kombu would unpack them, and acknowledge what it cannot read."""

    on_message: Any

    def _receive_callback(self, message: Any) -> None:
        self.on_message(message)


class DrainingQueueConsumer(QueueConsumer):
    """Stops in the order that keeps acknowledgements possible.

    nameko closes the connection as soon as the last consumer is cancelled, while handlers still run: their
    messages are redelivered elsewhere and their acknowledgements lost. Here consumers are cancelled first,
    the container waits for its workers, and only then does the loop end and the connection close.
    """

    def __init__(self) -> None:
        super().__init__()
        self._starting = False
        self._may_stop = False
        self._pending_remove_providers: dict[Any, Any] = {}
        self.connected = False
        self._channel: Any = None
        #: Delivery tags, in the order in which they rise; the values say nothing.
        self._unacknowledged: dict[int, None] = {}
        self._done: list[Any] = []

    @property
    def prefetch_count(self) -> int:
        """Messages that each handler may have unacknowledged here."""
        return int(self.container.config["PREFETCH"])

    def start(self) -> None:
        """Start consuming as soon as the broker lets us; HTTP is not kept waiting, and readiness tells."""
        if not self._starting:
            self._starting = True
            self._consumers_ready.send(None)
            self._gt = self.container.spawn_managed_thread(self.run)

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Declare the topology, then consume.

        A mismatch of queue arguments ends the process with an error that names the argument; consuming
        would meet it again at each reconnect and never start.
        """
        self._declare()
        super().run(*args, **kwargs)

    def _declare(self) -> None:
        for wait_s in itertools.chain(_RECONNECT_WAITS_S, itertools.repeat(_RECONNECT_WAITS_S[-1])):
            try:
                declare(self.amqp_uri, self.container.config["TOPOLOGY"])
            except TransientError as error:
                log.warning("broker_out_of_reach", error=str(error))
                eventlet.sleep(wait_s)
            else:
                return

    @contextmanager
    def establish_connection(self) -> Iterator[Any]:
        """Connect, trying again sooner than kombu does, whose pauses grow by 2 s up to 30 s."""
        first_s, *_, longest_s = _RECONNECT_WAITS_S
        with self.create_connection() as connection:
            connection.ensure_connection(
                self.on_connection_error,
                interval_start=first_s,
                interval_step=first_s,
                interval_max=longest_s,
            )
            deliver_plainly(connection.connection)
            read_ahead(connection.connection)
            yield connection

    def get_consumers(self, consumer_cls: Any, channel: Any) -> Any:
        """Set up a consumer a handler."""
        del consumer_cls
        self._consumers.clear()
        # What an earlier channel had handed out is handed out again.
        self._channel, self._unacknowledged, self._done = channel, {}, []
        for provider in self._providers - set(self._pending_remove_providers):
            consumer: Any = RawConsumer(  # type: ignore[no-untyped-call]  # kombu has no types here
                channel, queues=[provider.queue], on_message=partial(self._spawn, provider)
            )
            consumer.qos(prefetch_count=self.prefetch_count)
            self._consumers[provider] = consumer
        return self._consumers.values()

    def on_consume_ready(self, connection: Any, channel: Any, consumers: Any, **kwargs: Any) -> None:
        """Note that handlers have live consumers."""
        self._note(alive=True)

    def consume(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Consume until the connection is lost or the loop ends; either way consumers are gone then."""
        try:
            yield from super().consume(*args, **kwargs)
        finally:
            self._note(alive=False)
            # Whoever waits for a consumer to be cancelled: it went with the connection.
            self._cancel_consumers_if_requested()

    def on_iteration(self) -> None:
        """Cancel consumers when asked to, but leave the loop only once the workers are done."""
        self._cancel_consumers_if_requested()
        if self._may_stop:
            self.should_stop = True

    def ack_message(self, message: Any) -> None:
        """Acknowledge a message at the end of this turn, together with all that are done by then."""
        if message.channel is not self._channel:
            return
        self._done.append(message.delivery_tag)
        if len(self._done) == 1:
            eventlet.spawn_n(self._acknowledge)

    def requeue_message(self, message: Any) -> None:
        """Give a message back; the broker counts it as delivered once more."""
        self._unacknowledged.pop(message.delivery_tag, None)
        if message.channel.connection:
            with suppress(AMQPError, OSError):
                message.channel.basic_reject(message.delivery_tag, requeue=True)

    def _acknowledge(self) -> None:
        """Send one frame for all that are done below the first that is not, and one for each other."""
        done, self._done = sorted(self._done), []
        for tag in done:
            self._unacknowledged.pop(tag, None)
        first_open = next(iter(self._unacknowledged), done[-1] + 1 if done else 0)
        together = [tag for tag in done if tag < first_open]
        try:
            if together:
                self._channel.basic_ack(together[-1], multiple=True)
            for tag in done[len(together) :]:
                self._channel.basic_ack(tag)
        except (AMQPError, OSError) as error:
            # They come again, and their handlers remember them.
            log.warning("acknowledgement_lost", error=type(error).__name__)

    def unregister_provider(self, provider: Any) -> None:
        """Cancel one handler's consumer; without a connection there is none to cancel."""
        if self.connected:
            super().unregister_provider(provider)
        else:
            ProviderCollector.unregister_provider(self, provider)

    def stop(self) -> None:
        """Leave the loop; the container calls this after its workers have finished."""
        self._may_stop = True
        self._acknowledge()
        if not self.connected and self._gt is not None:
            # It waits for a broker that is not there.
            self._gt.kill()
            return
        super().stop()

    def _cancel_consumers_if_requested(self) -> None:
        removed = self._pending_remove_providers
        self._pending_remove_providers = {}
        for provider, event in removed.items():
            consumer = self._consumers.pop(provider, None)
            if consumer is not None and self.connected:
                consumer.cancel()
            CONSUMERS_READY.labels(provider.method_name).set(0)
            event.send()

    def _spawn(self, provider: Any, message: Any) -> None:
        """Hand over a message; this loop, which also keeps the connection alive, must never wait."""
        self._unacknowledged[message.delivery_tag] = None
        if not provider.start_at_once(message):
            self.container.spawn_managed_thread(
                partial(provider.handle_message, message), identifier=f"{provider.method_name}.handle_message"
            )

    def _note(self, *, alive: bool) -> None:
        self.connected = alive
        for provider in self._providers:
            CONSUMERS_READY.labels(provider.method_name).set(int(alive))
