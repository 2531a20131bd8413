"""Processes that believe that it is another time: libfaketime from Debian, unpacked without root."""

from __future__ import annotations

from pathlib import Path

from stack import packages
from stack.packages import MissingPartError

PACKAGE = "libfaketime"

#: The one for programs with threads.
_LIBRARY = "usr/lib/*/faketime/libfaketimeMT.so.1"


def locate(directory: Path, *, system: Path = Path("/")) -> Path:
    """Return the library: the machine's own, or the one unpacked in a folder.

    Raises:
        MissingPartError: if it is nowhere; `make setup` brings it.
    """
    for tree in (system, directory / "root"):
        found = sorted(tree.glob(_LIBRARY))
        if found:
            return found[0]
    raise MissingPartError(f"{PACKAGE} is missing: run `make setup`")


def fetch(directory: Path) -> Path:
    """Download and unpack the library; does nothing, and needs no network, when it is there.

    Raises:
        MissingPartError: if this machine has no apt, or its package source cannot be reached.
    """
    try:
        return locate(directory)
    except MissingPartError:
        packages.unpack([PACKAGE], directory)
    return locate(directory)


def off_by(library: Path, offset: str) -> dict[str, str]:
    """Return the variables of a process whose wall clock is off, by such as `+1h` or `-30m`.

    The monotonic clock, by which programs wait, stays right: that is what a wrong clock is like.
    """
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME": offset,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        # Else every process leaves a semaphore behind when it is killed.
        "FAKETIME_DISABLE_SHM": "1",
    }
