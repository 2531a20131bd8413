"""The greenthreads in which calls run: what nameko wants of eventlet's GreenPool, at a third of its price."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from typing import Any

import eventlet
import structlog
from eventlet.hubs import get_hub
from eventlet.support.greenlets import GreenletExit, getcurrent, greenlet

from chassis.bells import Bell, ring

log = structlog.get_logger()


class Workers:
    """Runs each call in a greenthread of its own, `size` of them at once at most.

    eventlet's has an event, a list of callbacks and a timer of the hub for each one. Here those that are
    spawned in one turn are started by one timer.
    """

    def __init__(self, size: int, *, on_error: Callable[[Any], None]) -> None:
        """Take how many there may be, and who is told the `sys.exc_info()` of a call that fails."""
        self._size = size
        self._on_error = on_error
        self._running: set[Any] = set()
        self._starting: deque[tuple[Any, Callable[..., None], tuple[Any, ...]]] = deque()
        self._queue: deque[Bell] = deque()
        self._ends: list[Bell] = []

    def free(self) -> int:
        """Return how many more may be spawned without waiting."""
        return self._size - len(self._running)

    def spawn(self, function: Callable[..., None], *args: Any) -> None:
        """Run a call in the next turn of the hub, or once there is room."""
        while self.free() <= 0:
            self._wait_for_room()
        worker = greenlet(self._run, get_hub().greenlet)
        self._running.add(worker)
        self._starting.append((worker, function, args))
        if len(self._starting) == 1:
            get_hub().schedule_call_global(0, self._start)

    def waitall(self) -> None:
        """Wait until no call runs."""
        if self._running:
            self._ends.append(Bell())
            self._ends[-1].wait()

    def kill(self) -> None:
        """End all calls where they are."""
        if self._running:
            log.warning("workers_killed", workers=len(self._running))
        for worker, *_ in self._starting:
            self._running.discard(worker)
        self._starting.clear()
        for worker in list(self._running):
            eventlet.kill(worker)

    def _start(self) -> None:
        starting, self._starting = self._starting, deque()
        try:
            while starting:
                worker, function, args = starting.popleft()
                worker.switch(function, args)
        finally:
            # One that ends with an error ends here; the others are started all the same.
            if starting:
                self._starting.extendleft(reversed(starting))
                get_hub().schedule_call_global(0, self._start)

    def _run(self, function: Callable[..., None], args: tuple[Any, ...]) -> None:
        error = None
        try:
            function(*args)
        except GreenletExit:
            pass
        except Exception:  # noqa: BLE001 - whoever made the pool says what becomes of it
            error = sys.exc_info()
        finally:
            self._leave()
        if error is not None:
            self._on_error(error)

    def _leave(self) -> None:
        self._running.discard(getcurrent())
        self._call_next()
        if not self._running:
            ends, self._ends = self._ends, []
            ring(ends)

    def _wait_for_room(self) -> None:
        bell = Bell()
        self._queue.append(bell)
        try:
            bell.wait()
        except BaseException:
            # Our caller's time is over; if it was our turn just now, it is the next one's.
            if bell in self._queue:
                self._queue.remove(bell)
            else:
                self._call_next()
            raise

    def _call_next(self) -> None:
        if self._queue:
            ring([self._queue.popleft()])
