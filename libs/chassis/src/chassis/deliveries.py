"""Messages in, taken out of their frames: what py-amqp and kombu do in six steps and three objects."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from amqp.serialization import decode_properties_basic

_METHOD, _HEADER, _BODY = 1, 2, 3
#: Class basic, method deliver.
_DELIVER = struct.pack(">HH", 60, 60)
#: A content header's class, weight and size of the body; its properties follow.
_CONTENT = struct.Struct(">HHQ")
_DELIVERY_TAG = struct.Struct(">Q")


class Received:
    """A message as it came.

    Attributes:
        body: its bytes; py-amqp would make text of them by whatever charset the message claims.
        channel: what it came on, and is acknowledged on.
        properties: those that it has, by AMQP's names for them.
    """

    __slots__ = ("body", "channel", "delivery_tag", "properties")

    def __init__(self, body: bytes, channel: Any, delivery_tag: int, properties: dict[str, Any]) -> None:
        self.body = body
        self.channel = channel
        self.delivery_tag = delivery_tag
        self.properties = properties

    @property
    def headers(self) -> dict[str, Any]:
        """Return its headers; none is none."""
        return self.properties.get("application_headers") or {}

    @property
    def content_type(self) -> str | None:
        """Return what its publisher says that it is."""
        return self.properties.get("content_type")

    @property
    def content_encoding(self) -> str | None:
        """Return the charset that its publisher claims."""
        return self.properties.get("content_encoding")


class _Coming:
    """A message whose frames have not all come yet."""

    __slots__ = ("chunks", "method", "missing_bytes", "properties")

    def __init__(self, method: bytes) -> None:
        self.method = method
        self.properties: dict[str, Any] = {}
        self.missing_bytes = 0
        self.chunks: list[bytes] = []


class Deliveries:
    """Takes a connection's frames; those that are no delivery go on to py-amqp."""

    def __init__(self, connection: Any, others: Callable[[tuple[int, int, bytes]], bool]) -> None:
        self._connection = connection
        self._others = others
        self._coming: dict[int, _Coming] = {}

    def on_frame(self, frame: tuple[int, int, bytes]) -> bool:
        """Take a frame; True if it was the last of a message or method."""
        kind, channel_id, payload = frame
        if kind == _METHOD and payload.startswith(_DELIVER):
            self._connection.bytes_recv += 1
            self._coming[channel_id] = _Coming(payload)
            return False
        coming = self._coming.get(channel_id)
        if coming is None or kind not in {_HEADER, _BODY}:
            return self._others(frame)
        self._connection.bytes_recv += 1
        if kind == _HEADER:
            _, _, coming.missing_bytes = _CONTENT.unpack_from(payload)
            coming.properties, _ = decode_properties_basic(payload, _CONTENT.size)
        else:
            coming.missing_bytes -= len(payload)
            coming.chunks.append(payload)
        if coming.missing_bytes > 0:
            return False
        del self._coming[channel_id]
        self._deliver(channel_id, coming)
        return True

    def _deliver(self, channel_id: int, coming: _Coming) -> None:
        channel = (self._connection.channels or {}).get(channel_id)
        if channel is None or channel.is_closing:
            # It comes again elsewhere.
            return
        end_of_name = 5 + coming.method[4]
        consumer = coming.method[5:end_of_name].decode()
        (delivery_tag,) = _DELIVERY_TAG.unpack_from(coming.method, end_of_name)
        callback = channel.callbacks.get(consumer)
        if callback is None:
            # It was on its way when its consumer was cancelled.
            channel.basic_reject(delivery_tag, requeue=True)
            return
        body = coming.chunks[0] if len(coming.chunks) == 1 else b"".join(coming.chunks)
        callback(Received(body, channel, delivery_tag, coming.properties))


def deliver_plainly(connection: Any) -> None:
    """Make a connected py-amqp connection give its consumers `Received` messages."""
    connection.on_inbound_frame = Deliveries(connection, connection.on_inbound_frame).on_frame
