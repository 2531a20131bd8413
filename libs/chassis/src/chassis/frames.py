"""A message to publish as frames of AMQP 0-9-1, to the byte as py-amqp writes them.

py-amqp packs each argument and property by itself. Of our events, all but the id and the body is the same for
every one of a type, and is packed once.
"""

from __future__ import annotations

import struct
from functools import cache

from chassis.delivery import Delivery

_METHOD, _HEADER, _BODY = 1, 2, 3
_BASIC, _PUBLISH = 60, 40
_END = b"\xce"
_PERSISTENT = 2

#: A frame's type, channel and size.
_FRAME = struct.Struct(">BHI")
#: The same, then class, weight and size of the body.
_CONTENT = struct.Struct(">BHIHHQ")

#: The properties that are set: content type, headers, delivery mode, message id, type.
_PROPERTIES = 1 << 15 | 1 << 13 | 1 << 12 | 1 << 7 | 1 << 5
#: What a frame has besides what it holds.
_OVERHEAD_BYTES = 8


def is_plain(delivery: Delivery, frame_max_bytes: int) -> bool:
    """Tell whether `publishing` can write it: without headers and encoding, with a body of one frame."""
    return (
        not delivery.headers
        and delivery.content_encoding is None
        and 0 < len(delivery.body) <= frame_max_bytes - _OVERHEAD_BYTES
    )


def publishing(delivery: Delivery, channel: int) -> bytes:
    """Return the frames of a persistent message that `is_plain`."""
    method, before_id, after_id = _constant(
        channel,
        delivery.exchange,
        delivery.routing_key,
        delivery.mandatory,
        delivery.content_type,
        delivery.event_type,
    )
    message_id, body = _short(delivery.message_id), delivery.body
    header_bytes = 12 + len(before_id) + len(message_id) + len(after_id)
    return b"".join(
        (
            method,
            _CONTENT.pack(_HEADER, channel, header_bytes, _BASIC, 0, len(body)),
            before_id,
            message_id,
            after_id,
            _END,
            _FRAME.pack(_BODY, channel, len(body)),
            body,
            _END,
        )
    )


@cache
def _constant(
    channel: int,
    exchange: str,
    routing_key: str,
    mandatory: bool,  # noqa: FBT001 - a part of the key, as the others
    content_type: str,
    event_type: str,
) -> tuple[bytes, bytes, bytes]:
    method = struct.pack(">HHH", _BASIC, _PUBLISH, 0) + _short(exchange) + _short(routing_key)
    method += bytes([mandatory])
    no_headers = bytes(4)
    properties = struct.pack(">H", _PROPERTIES) + _short(content_type) + no_headers + bytes([_PERSISTENT])
    return _FRAME.pack(_METHOD, channel, len(method)) + method + _END, properties, _short(event_type)


def _short(text: str) -> bytes:
    encoded = text.encode()
    return bytes([len(encoded)]) + encoded
