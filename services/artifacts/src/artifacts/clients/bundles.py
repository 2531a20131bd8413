"""Roster bundles on disk: a folder or a ZIP of CSV files, from people whom we do not trust."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import TextIOWrapper
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from artifacts.domain.oneroster import FILES, MANIFEST
from artifacts.domain.problems import BundleRefusedError

_KNOWN = (MANIFEST, *(file.name for file in FILES))
_MOST_ENTRIES = 1000
#: CSV of a roster packs to a tenth at best; a bomb packs to a thousandth.
_MOST_PACKED_TIMES = 100
_SMALL_BYTES = 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
#: A line that goes on and on would be held in memory as a whole.
_LONGEST_LINE = 256 * 1024


class _Source(Protocol):
    """Where a bundle's bytes are."""

    def names(self) -> list[str]: ...

    def open(self, name: str) -> IO[bytes]: ...


class FileBundle:
    """A bundle whose files have been looked through once.

    Attributes:
        digest: SHA-256 over the names and bytes of the files that we know, lower-case hex.
        sizes: unpacked bytes by file name, for those that are there.
    """

    def __init__(self, source: _Source, *, most_bytes: int) -> None:
        self._source = source
        present = set(source.names())
        self.sizes: dict[str, int] = {}
        digest = sha256()
        for name in _KNOWN:
            if name in present:
                digest.update(f"{name}\0".encode())
                self.sizes[name] = self._look_through(name, digest, most_bytes - sum(self.sizes.values()))
        self.digest = digest.hexdigest()

    def lines(self, name: str) -> Iterator[str]:
        """Yield a file's lines with their ends; what is no UTF-8 comes as lone surrogates."""
        with self._source.open(name) as raw:
            text = TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")
            while line := text.readline(_LONGEST_LINE):
                yield line

    def _look_through(self, name: str, digest: object, most_bytes: int) -> int:
        size = 0
        try:
            with self._source.open(name) as raw:
                while chunk := raw.read(_CHUNK_BYTES):
                    size += len(chunk)
                    if size > most_bytes:
                        raise BundleRefusedError(name, "the bundle is larger than the district allows")
                    digest.update(chunk)  # type: ignore[attr-defined]  # hashlib's type has no public name
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise BundleRefusedError(name, "cannot be read or unpacked") from error
        return size


@contextmanager
def open_bundle(path: Path, *, most_bytes: int) -> Iterator[FileBundle]:
    """Open a folder or a ZIP file.

    Args:
        path: of either.
        most_bytes: how large it may be unpacked.

    Raises:
        BundleRefusedError: if it is neither, is too large, or tries to reach out of itself.
    """
    if path.is_dir():
        yield FileBundle(_Folder(path), most_bytes=most_bytes)
        return
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        raise BundleRefusedError(path.name, "is neither a folder nor a ZIP file") from error
    with archive:
        yield FileBundle(_Archive(archive), most_bytes=most_bytes)


class _Folder:
    """A bundle as a folder; a link that leads out of it is refused."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def names(self) -> list[str]:
        found = [name for name in _KNOWN if (self._root / name).exists()]
        for name in found:
            path = (self._root / name).resolve()
            if not path.is_relative_to(self._root) or not path.is_file():
                raise BundleRefusedError(name, "is not a file of this folder")
        return found

    def open(self, name: str) -> IO[bytes]:
        return (self._root / name).open("rb")


class _Archive:
    """A bundle as a ZIP; it may have all its files in one folder, as programs that pack a folder make it."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        entries = archive.infolist()
        if len(entries) > _MOST_ENTRIES:
            raise BundleRefusedError(MANIFEST, f"the ZIP has more than {_MOST_ENTRIES} entries")
        for entry in entries:
            _check_entry(entry)
        self._archive = archive
        names = [entry.filename for entry in entries if not entry.is_dir()]
        if len(names) != len(set(names)):
            raise BundleRefusedError(MANIFEST, "the ZIP has a name twice")
        manifests = [name for name in names if PurePosixPath(name).name == MANIFEST]
        folder = min((name.removesuffix(MANIFEST) for name in manifests), key=len, default="")
        self._names = {name.removeprefix(folder): name for name in names if name.startswith(folder)}

    def names(self) -> list[str]:
        return list(self._names)

    def open(self, name: str) -> IO[bytes]:
        return self._archive.open(self._names[name])


def _check_entry(entry: zipfile.ZipInfo) -> None:
    """Refuse what no honest bundle has; nothing is ever unpacked to disk, so this is a second lock."""
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
        raise BundleRefusedError(MANIFEST, "the ZIP has a name that leads out of it")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise BundleRefusedError(MANIFEST, "the ZIP has a link in it")
    if entry.flag_bits & 0x1:
        raise BundleRefusedError(MANIFEST, "the ZIP is encrypted")
    if entry.file_size > max(_SMALL_BYTES, entry.compress_size * _MOST_PACKED_TIMES):
        raise BundleRefusedError(MANIFEST, "the ZIP unpacks to far more than a roster does")
