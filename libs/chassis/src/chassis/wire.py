"""Fewer system calls on AMQP connections: one costs more than the frames in it.

What is written in one turn is sent together, and what has come is read together.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import eventlet
from amqp.method_framing import frame_writer

_CHUNK_BYTES = 65_536


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
        """Take over a frame; the writer's buffer is used again at once, so it is copied."""
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


def corked(on_error: Callable[[OSError], None]) -> Callable[[Any, Any], Any]:
    """Return what py-amqp makes a connection's frame writer with."""

    def make(connection: Any, transport: Any) -> Any:
        return frame_writer(connection, Cork(transport, on_error=on_error))

    return make


class ReadAhead:
    """Receives as much as there is, and hands it out in the pieces that are asked for.

    py-amqp asks for each frame's head and then for the rest of it, which makes six system calls a message.
    """

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        self._receive = receive
        self._buffer = b""
        self._taken = 0

    def __call__(self, size: int) -> bytes:
        """Return at most `size` bytes; none at the end of the connection. Waits only if nothing is left."""
        if self._taken == len(self._buffer):
            self._buffer, self._taken = self._receive(_CHUNK_BYTES), 0
        piece = self._buffer[self._taken : self._taken + size]
        self._taken += len(piece)
        return piece


def read_ahead(connection: Any) -> None:
    """Make a py-amqp connection read in large pieces."""
    transport = connection.transport
    transport._quick_recv = ReadAhead(transport._quick_recv)  # noqa: SLF001 - py-amqp has no option for it
