"""A folder of artifacts' bytes, each under the SHA-256 of its content."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any

_READ_BYTES = 256 * 1024

#: Runs something that waits for the disk; in the service, in a thread beside the event loop.
Blocking = Callable[..., Any]


def directly(job: Callable[..., Any], *args: Any) -> Any:
    """Run a job here and now."""
    return job(*args)


class FolderContents:
    """Keeps contents as `<root>/<first two of the hash>/<hash>`, complete or not at all.

    A content is written beside its place, synced and renamed. A crash may leave a file in `<root>/incoming`;
    `older` names it as any other, and nobody uses it.
    """

    def __init__(self, root: Path, *, blocking: Blocking = directly) -> None:
        self._root = root
        self._incoming = root / "incoming"
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._blocking = blocking

    @contextmanager
    def receive(self) -> Iterator[FolderDraft]:
        """Receive a content; what is not kept by the end is gone."""
        with NamedTemporaryFile(dir=self._incoming, delete=False) as file:
            draft = FolderDraft(file, self._keep, self._blocking)
            try:
                yield draft
            finally:
                with suppress(FileNotFoundError):
                    Path(file.name).unlink()

    def read(self, key: str) -> Iterator[bytes]:
        """Yield a content piece by piece.

        Raises:
            FileNotFoundError: if there is none under the key.
        """
        file = self._path(key).open("rb")
        return self._pieces(file)

    def older(self, than: datetime, /) -> Iterator[str]:
        """Yield the keys of what was last received before a time."""
        for folder in sorted(self._root.iterdir()):
            for path in folder.iterdir():
                if _received_at(path) < than:
                    yield path.name

    def remove(self, key: str, /, *, older: datetime) -> None:
        """Remove a content, unless it has been received again meanwhile."""
        for path in (self._path(key), self._incoming / key):
            with suppress(FileNotFoundError):
                if _received_at(path) < older:
                    path.unlink()

    def _pieces(self, file: IO[bytes]) -> Iterator[bytes]:
        with file:
            while piece := self._blocking(file.read, _READ_BYTES):
                yield piece

    def _keep(self, file: IO[bytes], key: str) -> None:
        file.flush()
        os.fsync(file.fileno())
        path = self._path(key)
        path.parent.mkdir(exist_ok=True)
        # The same content again replaces itself with the same bytes.
        Path(file.name).replace(path)
        _sync_folder(path.parent)

    def _path(self, key: str) -> Path:
        return self._root / key[:2] / key


class FolderDraft:
    """A content that is being received."""

    def __init__(self, file: IO[bytes], keep: Callable[[IO[bytes], str], None], blocking: Blocking) -> None:
        self._file = file
        self._keep = keep
        self._blocking = blocking
        self._hash = sha256()

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        self._hash.update(piece)
        self._blocking(self._file.write, piece)

    @property
    def sha256(self) -> str:
        """The hash of what has been received so far, lower-case hex."""
        return self._hash.hexdigest()

    def keep(self) -> str:
        """Make the content durable under its key, and return the key."""
        self._blocking(self._keep, self._file, self.sha256)
        return self.sha256


def _received_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _sync_folder(folder: Path) -> None:
    # The rename itself is only durable once the folder is.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
