"""Waiting greenthreads, many of which are woken at the price of one.

eventlet's events and semaphores make a timer of the hub for each one that waits. What comes for many handlers
at once, such as a group's outcome or a batch of confirms, needs one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

from eventlet.hubs import get_hub
from eventlet.support.greenlets import getcurrent


class Bell:
    """What one greenthread waits for; it rings once."""

    __slots__ = ("_rung", "_sleeper")

    def __init__(self) -> None:
        self._rung = False
        self._sleeper: Any = None

    def wait(self) -> None:
        """Wait until it rings; at once if it has rung."""
        if self._rung:
            return
        self._sleeper = getcurrent()
        try:
            get_hub().switch()
        finally:
            # Our time may be over before it rings: who is gone must not be woken from something else.
            self._sleeper = None


def ring(bells: Iterable[Bell]) -> None:
    """Ring all of them; who waits goes on in the next turn of the hub, in the same order."""
    awaited = deque[Bell]()
    for bell in bells:
        bell._rung = True  # noqa: SLF001 - ringing one by one would be the bell's own method
        awaited.append(bell)
    if awaited:
        get_hub().schedule_call_global(0, _wake, awaited)


def _wake(bells: deque[Bell]) -> None:
    try:
        while bells:
            sleeper = bells.popleft()._sleeper  # noqa: SLF001 - as above
            if sleeper is not None:
                sleeper.switch()
    finally:
        # One that ends with an error ends here; the others are woken all the same.
        if bells:
            get_hub().schedule_call_global(0, _wake, bells)
