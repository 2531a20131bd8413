"""Fewer system calls on AMQP connections: one costs more than the frames in it.

What is written in one turn is sent together, and what has come is read together.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import eventlet
from amqp.exceptions import UnexpectedFrame

_CHUNK_BYTES = 65_536

#: A frame's type, channel and size; what it holds and an octet that is always the same follow.
_HEAD = struct.Struct(">BHI")
_FRAME_END = 0xCE


class Cork:
    """A transport's writing side, which collects frames until the hub has had its turn.

    Frames never interleave, whoever writes: one greenthread sends. A writer never waits, and one whose time
    is over cannot leave half a frame behind.
    """

    def __init__(self, transport: Any, *, on_error: Callable[[OSError], None]) -> None:
        self._transport = transport
        self._on_error = on_error
        self._frames: list[bytes] = []
        self._sending = False

    def write(self, frame: bytes | memoryview) -> None:
        """Take over whole frames; py-amqp's buffer is used again at once, so they are copied."""
        self._frames.append(bytes(frame))
        if not self._sending:
            self._sending = True
            eventlet.spawn_n(self._send)

    def _send(self) -> None:
        try:
            while self._frames:
                frames, self._frames = self._frames, []
                self._transport.write(b"".join(frames))
        except OSError as error:
            self._on_error(error)
        finally:
            self._sending = False


class ReadAhead:
    """A connection's reading side: receives as much as there is, and takes all whole frames out of it.

    py-amqp asks for each frame's head, the rest and its end, and sets the socket's timeout each time, which
    costs more than what is in most frames.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._transport = connection.transport
        self._receive = self._transport._quick_recv  # noqa: SLF001 - py-amqp has no option for it
        self._buffer = b""
        self._taken = 0

    def drain_events(self, timeout: float | None = None) -> None:
        """Dispatch what has come, but one method at least, for which it waits `timeout` seconds at most.

        Raises:
            TimeoutError: if none came.
            OSError: if the connection ended.
        """
        while not self._dispatch():
            if not self._transport.connected:
                raise OSError("the connection is closed")
            with self._transport.having_timeout(timeout):
                received = self._receive(_CHUNK_BYTES)
            if not received:
                raise OSError("the broker closed the connection")
            self._buffer = self._buffer[self._taken :] + received
            self._taken = 0

    def _dispatch(self) -> bool:
        """Dispatch the whole frames that are here; one that raises leaves the rest for later."""
        found = False
        while (frame := self._take()) is not None:
            found = self._connection.on_inbound_frame(frame) or found
        return found

    def _take(self) -> tuple[int, int, bytes] | None:
        begin = self._taken + _HEAD.size
        if len(self._buffer) <= begin:
            return None
        kind, channel, size = _HEAD.unpack_from(self._buffer, self._taken)
        end = begin + size
        if len(self._buffer) <= end:
            return None
        if self._buffer[end] != _FRAME_END:
            raise UnexpectedFrame(f"a frame ends with {self._buffer[end]:#04x} and not with 0xce")
        self._taken = end + 1
        return kind, channel, self._buffer[begin:end]


def read_ahead(connection: Any) -> None:
    """Make a connected py-amqp connection read in large pieces."""
    connection.drain_events = ReadAhead(connection).drain_events
