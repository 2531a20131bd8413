"""Deliveries: whatever a publisher wrote with py-amqp arrives, and other frames go their own way."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import amqp
import pytest
from amqp import spec
from amqp.method_framing import frame_writer
from amqp.serialization import dumps
from hypothesis import given
from hypothesis import strategies as st

from chassis.deliveries import Deliveries, Received
from chassis.wire import ReadAhead

FRAME_MAX_BYTES = 4096
CHANNEL = 7

words = st.text(max_size=60)


class Connection:
    """A py-amqp connection with one channel, on which one consumer notes its messages."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.rejected: list[tuple[int, bool]] = []
        self.others: list[tuple[int, int, bytes]] = []
        self.bytes_recv = 0
        self.channel = SimpleNamespace(
            is_closing=False, callbacks={"consumer-ü": self.received.append}, basic_reject=self._reject
        )
        self.channels: dict[int, Any] | None = {CHANNEL: self.channel}
        self.on_inbound_frame = Deliveries(self, self._other).on_frame
        self.transport = SimpleNamespace(connected=True, _quick_recv=None)

    def _reject(self, delivery_tag: int, *, requeue: bool) -> None:
        self.rejected.append((delivery_tag, requeue))

    def _other(self, frame: tuple[int, int, bytes]) -> bool:
        self.others.append(frame)
        return True

    def take(self, stream: bytes) -> None:
        """Take frames as they come from the socket."""
        reading = ReadAhead(self)
        reading._buffer = stream
        reading._dispatch()


def delivered(body: bytes, properties: dict[str, Any], *, to: str = "consumer-ü", tag: int = 3) -> bytes:
    """Return a delivery's bytes, as py-amqp writes them."""
    sent: list[bytes] = []
    connection = SimpleNamespace(frame_max=FRAME_MAX_BYTES, bytes_sent=0)
    write = frame_writer(connection, SimpleNamespace(write=lambda frame: sent.append(bytes(frame))))
    arguments = dumps("sLbss", (to, tag, True, "x.events", "x.y.v1"))
    write(1, CHANNEL, spec.Basic.Deliver, arguments, amqp.Message(body, **properties))
    return b"".join(sent)


@given(
    body=st.binary() | st.integers(4000, 9000).map(bytes),
    properties=st.fixed_dictionaries(
        {},
        optional={
            "content_type": words,
            "content_encoding": words,
            "application_headers": st.dictionaries(st.text(max_size=9), words | st.integers(0, 9)),
            "delivery_mode": st.just(2),
            "message_id": words,
            "type": words,
        },
    ),
    tag=st.integers(1, 2**63 - 1),
)
def test_a_message_arrives_as_it_was_sent(body: bytes, properties: dict[str, Any], tag: int) -> None:
    connection = Connection()
    connection.take(delivered(body, properties, tag=tag) + delivered(b"next", {}, tag=1))

    message, following = connection.received
    assert (message.body, message.delivery_tag) == (body, tag)
    assert message.properties == properties
    assert message.headers == properties.get("application_headers", {})
    assert message.content_type == properties.get("content_type")
    assert message.content_encoding == properties.get("content_encoding")
    assert message.channel is connection.channel
    assert following.body == b"next"


def test_other_methods_their_messages_and_heartbeats_go_on_to_py_amqp() -> None:
    connection = Connection()
    frames = [
        (8, 0, b""),
        (1, CHANNEL, bytes([0, 60, 0, 50])),
        (2, CHANNEL, b"a header"),
        (3, CHANNEL, b"a body"),
    ]
    for frame in frames:
        assert connection.on_inbound_frame(frame)

    assert connection.others == frames
    assert connection.received == []


def test_a_heartbeat_between_its_frames_does_not_harm_a_message() -> None:
    connection = Connection()
    stream = delivered(b"x", {})
    end_of_method = 7 + int.from_bytes(stream[3:7]) + 1
    connection.take(stream[:end_of_method] + b"\x08\0\0\0\0\0\0\xce" + stream[end_of_method:])

    assert [message.body for message in connection.received] == [b"x"]
    assert connection.others == [(8, 0, b"")]


def test_what_comes_for_a_consumer_that_was_cancelled_is_given_back() -> None:
    connection = Connection()
    connection.take(delivered(b"x", {}, to="another", tag=5))

    assert (connection.received, connection.rejected) == ([], [(5, True)])


@pytest.mark.parametrize("gone", ["channel closes", "channel closed", "connection closed"])
def test_what_comes_while_a_connection_ends_is_left_to_the_broker(gone: str) -> None:
    connection = Connection()
    connection.channel.is_closing = gone == "channel closes"
    if gone != "channel closes":
        connection.channels = {} if gone == "channel closed" else None
    connection.take(delivered(b"x", {}))

    assert (connection.received, connection.rejected) == ([], [])
