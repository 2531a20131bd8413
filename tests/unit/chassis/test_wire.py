"""Sockets: what is read ahead comes out as it came in, and frames go out together."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import eventlet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.wire import Cork, ReadAhead, read_ahead


@given(
    chunks=st.lists(st.binary(min_size=1, max_size=20), max_size=10),
    sizes=st.lists(st.integers(1, 7), min_size=1, max_size=50),
)
def test_what_is_read_ahead_comes_out_in_order_and_whole(chunks: list[bytes], sizes: list[int]) -> None:
    incoming = iter(chunks)
    receive = ReadAhead(lambda _size: next(incoming, b""))
    read = b""

    while piece := receive(sizes[len(read) % len(sizes)]):
        assert len(piece) <= max(sizes)
        read += piece

    assert read == b"".join(chunks)


def test_an_error_is_the_readers_and_loses_nothing() -> None:
    def incoming() -> Iterator[bytes | OSError]:
        yield b"first"
        yield TimeoutError()
        yield b"second"

    coming = incoming()

    def answer(_size: int) -> bytes:
        found = next(coming)
        if isinstance(found, OSError):
            raise found
        return found

    receive = ReadAhead(answer)

    assert receive(100) == b"first"
    with pytest.raises(TimeoutError):
        receive(100)
    assert receive(100) == b"second"


def test_a_connection_is_made_to_read_ahead() -> None:
    transport = SimpleNamespace(_quick_recv=lambda size: b"x" * size)
    read_ahead(SimpleNamespace(transport=transport))

    assert transport._quick_recv(3) == b"xxx"


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
