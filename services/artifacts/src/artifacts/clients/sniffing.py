"""What a file is, by its content; its name and the type that a client claims say nothing."""

from __future__ import annotations

import codecs

import puremagic

TEXT = "text/plain"
UNKNOWN = "application/octet-stream"
#: What libraries and browsers call the same thing.
_NAMES = {
    "audio/wave": "audio/wav",
    "audio/x-wav": "audio/wav",
    "audio/x-m4a": "audio/mp4",
    "audio/mp3": "audio/mpeg",
    "image/heic": "image/heif",
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
}
#: Boxes of ISO media files whose brand the library does not name.
_BRANDS = {b"M4A ": "audio/mp4", b"M4B ": "audio/mp4", b"qt  ": "video/quicktime"}
_OFFICE = "application/vnd.openxmlformats-officedocument."
#: Every Office file is a ZIP; the parts' names near its beginning say which.
_OFFICE_PARTS = {
    b"word/": _OFFICE + "wordprocessingml.document",
    b"ppt/": _OFFICE + "presentationml.presentation",
    b"xl/": _OFFICE + "spreadsheetml.sheet",
}
_CONTROLS = frozenset(range(0x20)) - frozenset(b"\t\n\r\f\x1b")
#: Texts that a browser would run.
_ACTIVE = (b"<!doctype html", b"<html", b"<script", b"<svg", b"<?xml", b"<?php", b"#!")

#: As many of a file's first bytes as `sniff` wants to see.
HEAD_BYTES = 4096


def sniff(head: bytes) -> str:
    """Return the media type of a file that begins with these bytes; a text in UTF-8 is text/plain.

    Args:
        head: the first HEAD_BYTES, or the whole file if it is shorter.
    """
    if head[4:8] == b"ftyp" and head[8:12] in _BRANDS:
        return _BRANDS[head[8:12]]
    if head.startswith(b"PK\x03\x04"):
        return next((name for part, name in _OFFICE_PARTS.items() if part in head), "application/zip")
    if _is_text(head):
        return "text/html" if head.lstrip()[:64].lower().startswith(_ACTIVE) else TEXT
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return UNKNOWN
    named = next((match.mime_type for match in found if match.mime_type), UNKNOWN)
    return _NAMES.get(named, named)


def _is_text(head: bytes) -> bool:
    """Say whether bytes are UTF-8 without control characters; a character may be cut at their end."""
    if not head or not _CONTROLS.isdisjoint(head) or head.startswith(b"%PDF"):
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True
