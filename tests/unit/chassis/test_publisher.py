"""The publisher: each caller hears of its own messages, and of nothing for ever."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import eventlet
import pytest
from eventlet.event import Event

from chassis.delivery import Delivery, PublishError, UnroutableError
from chassis.publisher import ConfirmingPublisher

URL = "amqp://guest:guest@127.0.0.1:5672/"


class Broker:
    """What py-amqp's connections talk to; the test says what the broker answers."""

    def __init__(self) -> None:
        self.connections: list[Connection] = []

    def connect(self, **options: Any) -> Connection:
        self.connections.append(Connection(**options))
        return self.connections[-1]


class Connection:
    """A connection with its one channel."""

    frame_max = 4096

    def __init__(self, *, frame_writer: Callable[[Any, Any], Any], **_: Any) -> None:
        self.bytes_sent = 0
        self.collected = False
        self.written: list[bytes] = []
        self.sent: list[Any] = []
        self.transport = SimpleNamespace(write=self.written.append, _quick_recv=None)
        self.events: defaultdict[str, set[Callable[..., None]]] = defaultdict(set)
        self.on_inbound_frame = None
        self._ended = Event()
        frame_writer(self, self.transport)

    def connect(self) -> None:
        """Be connected."""

    def channel(self) -> Any:
        """Return the channel, which is this connection's."""
        return SimpleNamespace(
            events=self.events,
            connection=self,
            channel_id=1,
            confirm_select=lambda: None,
            send_method=lambda *arguments: self.sent.append(arguments[-1]),
        )

    def drain_events(self, timeout: float) -> None:
        with eventlet.Timeout(timeout, TimeoutError()):
            self._ended.wait()
        raise ConnectionResetError

    def heartbeat_tick(self) -> None:
        """Do nothing."""

    def collect(self) -> None:
        self.collected = True

    def end(self) -> None:
        """Lose the connection."""
        self._ended.send()

    def tell(self, event: str, *arguments: Any) -> None:
        """Say what the broker says."""
        for listener in self.events[event]:
            listener(*arguments)


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    found = Broker()
    monkeypatch.setattr("chassis.publisher.amqp.Connection", found.connect)
    # Reading is the test's.
    monkeypatch.setattr("chassis.publisher.read_ahead", lambda _connection: None)
    return found


@pytest.fixture
def publisher(broker: Broker) -> Iterator[ConfirmingPublisher]:
    found = ConfirmingPublisher(URL, confirm_timeout_s=10)
    yield found
    found.close()


def message(message_id: str, body: bytes = b"{}") -> Delivery:
    return Delivery("x.events", "x.y.v1", body, message_id, "application/json", "x.y.v1")


class Publishing:
    """One caller in a greenthread of its own."""

    def __init__(self, publisher: ConfirmingPublisher, *deliveries: Delivery) -> None:
        self.error: Exception | None = None
        self._thread = eventlet.spawn(self._publish, publisher, deliveries)
        eventlet.sleep(0)

    def _publish(self, publisher: ConfirmingPublisher, deliveries: tuple[Delivery, ...]) -> None:
        try:
            publisher.publish(deliveries)
        except PublishError as error:
            self.error = error

    @property
    def over(self) -> bool:
        return bool(self._thread.dead)

    def wait(self) -> Exception | None:
        with eventlet.Timeout(10):
            self._thread.wait()
        return self.error


def test_one_confirm_of_many_is_everybodys_but_those_that_are_still_open(
    broker: Broker, publisher: ConfirmingPublisher
) -> None:
    one, two, three = (
        Publishing(publisher, message("1")),
        Publishing(publisher, message("2"), message("3")),
        Publishing(publisher, message("4")),
    )
    [connection] = broker.connections
    connection.tell("basic_ack", 2, True)

    assert one.wait() is None
    assert (two.over, three.over) == (False, False)
    connection.tell("basic_ack", 3, False)
    assert two.wait() is None
    connection.tell("basic_ack", 9, False)
    connection.tell("basic_ack", 4, False)
    assert three.wait() is None


def test_what_one_turn_publishes_is_written_together(broker: Broker, publisher: ConfirmingPublisher) -> None:
    first = Publishing(publisher, message("1"), message("2"))
    [connection] = broker.connections
    eventlet.sleep(0)
    connection.tell("basic_ack", 2, True)

    assert first.wait() is None
    assert len(connection.written) == 1
    assert connection.sent == []


def test_a_message_of_several_frames_is_left_to_py_amqp(
    broker: Broker, publisher: ConfirmingPublisher
) -> None:
    large = Publishing(publisher, message("1", bytes(9000)))
    [connection] = broker.connections
    connection.tell("basic_ack", 1, False)

    assert large.wait() is None
    assert [sent.body for sent in connection.sent] == [bytes(9000)]


def test_a_message_without_a_queue_is_an_error_of_its_own_caller(
    broker: Broker, publisher: ConfirmingPublisher
) -> None:
    lost, other = Publishing(publisher, message("1")), Publishing(publisher, message("2"))
    [connection] = broker.connections
    connection.tell("basic_return", None, "x", "y", SimpleNamespace(properties={"message_id": "1"}))
    connection.tell("basic_ack", 2, True)

    assert isinstance(lost.wait(), UnroutableError)
    assert other.wait() is None


def test_a_refused_channel_is_used_no_more_but_what_is_on_its_way_is_waited_for(
    broker: Broker, publisher: ConfirmingPublisher
) -> None:
    refused, open_still = Publishing(publisher, message("1")), Publishing(publisher, message("2"))
    [first] = broker.connections
    first.tell("basic_nack", 1, False)
    assert "nacked" in str(refused.wait())
    later = Publishing(publisher, message("3"))
    [_, second] = broker.connections

    first.tell("basic_ack", 2, False)
    second.tell("basic_ack", 1, False)

    assert (open_still.wait(), later.wait()) == (None, None)
    assert (first.collected, second.collected) == (True, False)


def test_a_lost_connection_is_told_to_all_who_wait_and_the_next_one_is_new(
    broker: Broker, publisher: ConfirmingPublisher
) -> None:
    callers = [Publishing(publisher, message("1")), Publishing(publisher, message("2"))]
    broker.connections[0].end()

    assert all("lost" in str(each.wait()) for each in callers)
    later = Publishing(publisher, message("1"))
    broker.connections[1].tell("basic_ack", 1, False)
    assert later.wait() is None


def test_a_broker_that_says_nothing_is_waited_for_no_longer_than_was_said(broker: Broker) -> None:
    publisher = ConfirmingPublisher(URL, confirm_timeout_s=0.05)
    silent = Publishing(publisher, message("1"))

    assert "lost" in str(silent.wait())
    assert broker.connections[0].collected


def test_a_broker_that_cannot_be_reached_in_time_is_an_error(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "connect", lambda _connection: Event().wait())
    publisher = ConfirmingPublisher(URL, confirm_timeout_s=0.05)

    assert "cannot be reached" in str(Publishing(publisher, message("1")).wait())


def test_a_connection_that_fails_while_it_is_written_to_is_an_error_that_passes(
    broker: Broker, publisher: ConfirmingPublisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_delivery: Delivery, _channel: int) -> bytes:
        raise BrokenPipeError

    monkeypatch.setattr("chassis.publisher.publishing", refuse)

    assert str(Publishing(publisher, message("1")).wait()) == "the broker: BrokenPipeError"
    assert broker.connections[0].collected
