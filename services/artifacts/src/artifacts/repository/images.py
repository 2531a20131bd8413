"""The image of a district's roster: what its files said, for the next import to start from."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any
from uuid import uuid4

from bson import Binary

from artifacts.documents import RosterImageChunkDocument, RosterImageDocument
from chassis.mongo import translated
from chassis.outbox import UnitOfWork

_CHUNK_BYTES = 512 * 1024
_LEVEL = 3


class ConcurrentImportError(RuntimeError):
    """Another import of the same district has ended meanwhile; its roster would be lost."""


class RosterImages:
    """Keeps one image a district, compressed and cut into chunks."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._images = RosterImageDocument._get_collection()  # noqa: SLF001 - the driver's collection
        self._chunks = RosterImageChunkDocument._get_collection()  # noqa: SLF001 - as above
        self._loaded: dict[str, Any] | None = None

    def load(self) -> Iterator[bytes]:
        """Yield the image's lines with their ends; none before the first import."""
        with translated():
            self._loaded = self._images.find_one({"_id": self._work.district})
        if self._loaded is None:
            return
        unpack, rest = zlib.decompressobj(), b""
        for chunk in self._chunks_of(self._loaded["image_id"]):
            *lines, rest = (rest + unpack.decompress(chunk)).split(b"\n")
            yield from lines

    def save(self, lines: Iterable[bytes]) -> None:
        """Replace the image that was loaded; one that is the same is left alone.

        Raises:
            ConcurrentImportError: if another import has replaced it since.
        """
        image_id, digest = uuid4().hex, sha256()
        with translated():
            try:
                for number, content in enumerate(_packed(lines, digest)):
                    self._chunks.insert_one(
                        {
                            "_id": f"{image_id}:{number}",
                            "district": self._work.district,
                            "image_id": image_id,
                            "number": number,
                            "content": Binary(content),
                        }
                    )
                kept = self._point_to(image_id, digest.hexdigest())
            except BaseException:
                self._remove(image_id)
                raise
            self._remove(*(set(self._stored()) - {kept}))

    def _point_to(self, image_id: str, digest: str) -> str:
        """Return the id of the image that counts from now on."""
        known = self._loaded
        if known is not None and known["digest"] == digest:
            return str(known["image_id"])
        fields = {"image_id": image_id, "digest": digest, "saved_at": self._work.now}
        if known is None:
            if self._images.find_one({"_id": self._work.district}) is not None:
                raise ConcurrentImportError("another import of this district has ended meanwhile")
            self._images.insert_one({"_id": self._work.district, **fields})
            return image_id
        expected = {"_id": self._work.district, "image_id": known["image_id"]}
        if not self._images.update_one(expected, {"$set": fields}).matched_count:
            raise ConcurrentImportError("another import of this district has ended meanwhile")
        return image_id

    def _chunks_of(self, image_id: str) -> Iterator[bytes]:
        query = {"district": self._work.district, "image_id": image_id}
        with translated():
            for chunk in self._chunks.find(query).sort("number").batch_size(4):
                yield bytes(chunk["content"])

    def _stored(self) -> list[str]:
        found = self._chunks.find({"district": self._work.district, "number": 0}, {"image_id": 1})
        return [chunk["image_id"] for chunk in found]

    def _remove(self, *image_ids: str) -> None:
        for image_id in image_ids:
            self._chunks.delete_many({"district": self._work.district, "image_id": image_id})


def _packed(lines: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    pack, content = zlib.compressobj(_LEVEL), bytearray()
    for line in lines:
        digest.update(line)
        content += pack.compress(line)
        if len(content) >= _CHUNK_BYTES:
            yield bytes(content)
            content.clear()
    yield bytes(content + pack.flush())
