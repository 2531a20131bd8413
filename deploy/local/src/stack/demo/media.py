"""Make small artifact files in real formats: the same seed always gives the same bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

from fpdf import FPDF
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from stack.demo.names import seeded

#: A fixed date, because a PDF carries the time of its making.
_MADE_AT = datetime(2026, 9, 1, tzinfo=UTC)
_IMAGE_SIZE = (160, 120)
_VIDEO_TIMESCALE = 1000
_VIDEO_DURATION_MS = 4000


def text(title: str, body: str, seed: str) -> bytes:
    """Return a plain text file in UTF-8."""
    return f"{title}\n{'=' * len(title)}\n\n{body}\n\n({seed})\n".encode()


def pdf(title: str, body: str, seed: str) -> bytes:
    """Return a PDF of one page."""
    document = FPDF(format="letter")
    document.set_creation_date(_MADE_AT)
    document.set_title(title)
    document.set_subject(seed)
    document.add_page()
    document.set_font("Helvetica", style="B", size=18)
    document.multi_cell(0, 10, title, new_x="LMARGIN", new_y="NEXT")
    document.set_font("Helvetica", size=12)
    document.multi_cell(0, 7, f"{body}\n\n{seed}")
    return bytes(document.output())


def png(title: str, body: str, seed: str) -> bytes:
    """Return a PNG picture of a few coloured shapes."""
    numbers = seeded(seed)
    picture = Image.new("RGB", _IMAGE_SIZE, _colour(numbers.randrange(1 << 24)))
    draw = ImageDraw.Draw(picture)
    for _ in range(6):
        left, top = numbers.randrange(_IMAGE_SIZE[0] - 30), numbers.randrange(_IMAGE_SIZE[1] - 30)
        draw.ellipse((left, top, left + 30, top + 30), fill=_colour(numbers.randrange(1 << 24)))
    about = PngInfo()
    about.add_itxt("Title", title)
    about.add_itxt("Description", body)
    file = BytesIO()
    picture.save(file, "PNG", pnginfo=about)
    return file.getvalue()


def mp4(title: str, body: str, seed: str) -> bytes:
    """Return an MP4 of four silent seconds without a track: `ftyp`, `moov` with its header, `mdat`.

    Source: ISO/IEC 14496-12, file type, movie and media data box; 3GPP TS 26.244, title and description.
    """
    brands = _box(b"ftyp", b"isom", struct.pack(">I", 0x200), b"isomiso2mp41")
    identity = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    times = struct.pack(">4I", 0, 0, _VIDEO_TIMESCALE, _VIDEO_DURATION_MS)
    rate_and_volume = struct.pack(">IH10x", 0x10000, 0x100)
    header = _box(b"mvhd", bytes(4), times, rate_and_volume, identity, bytes(24), struct.pack(">I", 1))
    about = _box(b"udta", _text_box(b"titl", title), _text_box(b"dscp", body))
    return brands + _box(b"moov", header, about) + _box(b"mdat", seeded(seed).randbytes(2_000))


#: How a file of each type is made, from title, body and seed.
MAKERS: dict[str, Callable[[str, str, str], bytes]] = {
    "application/pdf": pdf,
    "image/png": png,
    "text/plain": text,
    "video/mp4": mp4,
}
ENDINGS = {"application/pdf": "pdf", "image/png": "png", "text/plain": "txt", "video/mp4": "mp4"}


def _box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def _text_box(kind: bytes, words: str) -> bytes:
    """Return a box of user data: flags, the language English in packed ISO 639-2, the words."""
    return _box(kind, bytes(4), struct.pack(">H", 0x15C7), words.encode(), b"\0")


def _colour(number: int) -> tuple[int, int, int]:
    return number >> 16, number >> 8 & 255, number & 255
