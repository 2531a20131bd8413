"""Sockets: what is read ahead comes out as it came in, and frames go out together."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any

import eventlet
import pytest
from amqp.exceptions import UnexpectedFrame
from hypothesis import given
from hypothesis import strategies as st

from chassis.wire import Cork, ReadAhead, read_ahead


class Connection:
    """A connected py-amqp connection, whose socket receives what the test says."""

    def __init__(self, *received: bytes | OSError) -> None:
        self.frames: list[tuple[int, int, bytes]] = []
        self.timeouts: list[float | None] = []
        self.transport = SimpleNamespace(
            connected=True, _quick_recv=self._receive, having_timeout=self._having_timeout
        )
        self._coming = iter(received)

    def on_inbound_frame(self, frame: tuple[int, int, bytes]) -> bool:
        """Take a frame; type 1 completes a method, as the last frame of a message does."""
        self.frames.append(frame)
        if frame[2] == b"refused":
            raise LookupError
        return frame[0] == 1

    def _receive(self, _size: int) -> bytes:
        received = next(self._coming, b"")
        if isinstance(received, OSError):
            raise received
        return received

    @contextmanager
    def _having_timeout(self, timeout: float | None) -> Iterator[None]:
        self.timeouts.append(timeout)
        yield


def framed(kind: int, channel: int, payload: bytes) -> bytes:
    return struct.pack(">BHI", kind, channel, len(payload)) + payload + b"\xce"


frames = st.tuples(st.sampled_from([1, 2, 3, 8]), st.integers(0, 9), st.binary(max_size=20))


@given(sent=st.lists(frames, max_size=20), cuts=st.lists(st.integers(1, 30), min_size=1, max_size=60))
def test_however_bytes_arrive_the_frames_are_those_that_were_sent(
    sent: list[tuple[int, int, bytes]], cuts: list[int]
) -> None:
    stream = b"".join(framed(*frame) for frame in sent)
    pieces, sizes = [], itertools.cycle(cuts)
    while stream:
        size = next(sizes)
        pieces.append(stream[:size])
        stream = stream[size:]
    connection = Connection(*pieces)
    reading = ReadAhead(connection)

    with suppress(OSError):
        while True:
            reading.drain_events()

    assert connection.frames == sent


def test_all_that_has_come_is_dispatched_together() -> None:
    connection = Connection(framed(1, 0, b"one") + framed(1, 0, b"two"))
    read_ahead(connection)
    connection.drain_events(timeout=3)  # type: ignore[attr-defined]  # it has just got it

    assert connection.frames == [(1, 0, b"one"), (1, 0, b"two")]
    assert connection.timeouts == [3]


def test_an_error_of_the_socket_is_the_readers_and_loses_nothing() -> None:
    whole = framed(1, 0, b"whole")
    connection = Connection(whole[:5], TimeoutError(), whole[5:])
    reading = ReadAhead(connection)

    with pytest.raises(TimeoutError):
        reading.drain_events()
    reading.drain_events()

    assert connection.frames == [(1, 0, b"whole")]


def test_a_frame_that_is_refused_does_not_take_the_others_with_it() -> None:
    connection = Connection(framed(1, 0, b"refused") + framed(1, 0, b"next"))
    reading = ReadAhead(connection)

    with pytest.raises(LookupError):
        reading.drain_events()
    reading.drain_events()

    assert connection.frames == [(1, 0, b"refused"), (1, 0, b"next")]


def test_bytes_that_are_no_frames_end_the_connection() -> None:
    with pytest.raises(UnexpectedFrame):
        ReadAhead(Connection(framed(1, 0, b"one")[:-1] + b"x")).drain_events()


def test_a_connection_that_has_ended_is_an_error() -> None:
    connection = Connection()
    reading = ReadAhead(connection)
    with pytest.raises(OSError, match="the broker closed the connection"):
        reading.drain_events()
    connection.transport.connected = False

    with pytest.raises(OSError, match="the connection is closed"):
        reading.drain_events()


class Transport:
    """Notes what is sent."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.error: OSError | None = None

    def write(self, data: bytes) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append(data)


def test_frames_of_one_turn_are_sent_together() -> None:
    transport = Transport()
    cork = Cork(transport, on_error=_unwanted)
    cork.write(b"one")
    cork.write(memoryview(b"two"))
    eventlet.sleep(0)
    cork.write(b"three")
    eventlet.sleep(0)

    assert transport.sent == [b"onetwo", b"three"]


def test_a_lost_connection_is_told_once_for_all_frames_of_a_turn() -> None:
    transport = Transport()
    transport.error = ConnectionResetError()
    told: list[OSError] = []
    cork = Cork(transport, on_error=told.append)
    cork.write(b"one")
    cork.write(b"two")
    eventlet.sleep(0)

    assert told == [transport.error]


def _unwanted(error: Any) -> None:
    raise AssertionError(error)
