"""Sending together what is written in one turn: a system call costs more than the frames in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import eventlet
from amqp.method_framing import frame_writer


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
