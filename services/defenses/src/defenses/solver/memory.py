"""A limit of memory for a search with all of its processes: it ends by itself, and says why.

The kernel would end something, too, but later, and not always what has grown.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

from defenses.domain.scheduling.limits import MIB, OUT_OF_MEMORY

_INTERVAL_S = 0.1
_PROCESSES = Path("/proc")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@contextmanager
def limited(most_bytes: int) -> Iterator[None]:
    """End this process and its children, while it lasts, as soon as they have more memory together."""
    is_over = Event()
    thread = Thread(target=_watch, args=(most_bytes, is_over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def resident_bytes(family: list[int]) -> int:
    """Return the resident memory of processes together; 0 where the system is not Linux."""
    return sum(map(_resident_bytes, family))


def family_of(pid: int) -> list[int]:
    """Return a process, its children, their children and so on."""
    found = [pid]
    for parent in found:
        # A child belongs to the thread that has started it, and any of them may end while we look.
        with suppress(OSError):
            for thread in (_PROCESSES / str(parent) / "task").iterdir():
                with suppress(OSError):
                    found += map(int, (thread / "children").read_text().split())
    return found


def _watch(most_bytes: int, is_over: Event) -> None:
    while True:
        family = family_of(os.getpid())
        if (used := resident_bytes(family)) > most_bytes:
            _end(family[1:], f"memory: {used // MIB} MiB are more than the limit of {most_bytes // MIB} MiB")
        if is_over.wait(_INTERVAL_S):
            return


def _end(children: list[int], reason: str) -> None:
    for child in children:
        with suppress(OSError):
            os.kill(child, signal.SIGKILL)
    print(reason, file=sys.stderr, flush=True)  # noqa: T201 - the last words of a process
    # The other threads may be anywhere, even where no exception reaches them.
    os._exit(OUT_OF_MEMORY)


def _resident_bytes(pid: int) -> int:
    with suppress(OSError):
        return int((_PROCESSES / str(pid) / "statm").read_text().split()[1]) * _PAGE_BYTES
    return 0
