"""What a document store's node says to writes when it is not, or no longer, the primary.

Speaks just enough of the store's wire protocol to tell a write from the rest: OP_MSG and its document.
"""

from __future__ import annotations

import struct

import bson

#: Length of the whole message, its id, the id that it answers, and its kind.
HEADER = struct.Struct("<iiii")

_OP_MSG = 2013
_MORE_TO_COME = 2
_WRITES = frozenset({"insert", "update", "delete", "findAndModify", "bulkWrite", "createIndexes"})
_NOT_WRITABLE_PRIMARY = {
    "ok": 0.0,
    "errmsg": "not primary",
    "code": 10107,
    "codeName": "NotWritablePrimary",
}


def watches(message: bytes) -> bool:
    """Tell whether somebody asks to be told as soon as the node's role changes."""
    return "maxAwaitTimeMS" in _command(message)


def refusal(message: bytes) -> bytes | None:
    """Return what a secondary answers to a write; None for what it answers as a primary does."""
    if not _WRITES.intersection(list(_command(message))[:1]):
        return None
    _, request_id, _, _ = HEADER.unpack_from(message)
    (flags,) = struct.unpack_from("<I", message, HEADER.size)
    if flags & _MORE_TO_COME:
        return b""
    body = struct.pack("<I", 0) + b"\0" + bson.encode(_NOT_WRITABLE_PRIMARY)
    return HEADER.pack(HEADER.size + len(body), request_id + 1, request_id, _OP_MSG) + body


def _command(message: bytes) -> dict[str, object]:
    """Return the command with which a message begins, as drivers write them; its name is the first key."""
    kind = HEADER.unpack_from(message)[3]
    start = HEADER.size + 4
    if kind != _OP_MSG or message[start] != 0:
        return {}
    (length,) = struct.unpack_from("<i", message, start + 1)
    command: dict[str, object] = bson.decode(message[start + 1 : start + 1 + length])
    return command
