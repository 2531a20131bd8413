"""Outage mode: while the document store is away, handlers hold their messages instead of failing them.

Held messages are unacknowledged, so the prefetch fills and the consumer takes no more; nothing walks up the
retry ladder into parking. One of them at a time asks whether the store is back, and goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import eventlet
import structlog
from eventlet.semaphore import Semaphore

from chassis import mongo
from chassis.errors import StoreUnavailableError
from chassis.metrics import STORE_OUTAGE

log = structlog.get_logger()

Result = TypeVar("Result")

_PAUSE_S = 0.5


class AbandonedError(Exception):
    """The process stops while a message is held; it stays unacknowledged and comes back."""


class Outage:
    """Whether this process believes that its store is away."""

    def __init__(self, answers: Callable[[], bool], *, pause_s: float = _PAUSE_S) -> None:
        self._answers = answers
        self._pause_s = pause_s
        self._turn = Semaphore()
        self._on = False
        self._stopping = False

    def stop(self) -> None:
        """Let go of everything that is held."""
        self._stopping = True

    def hold(self, work: Callable[[], Result]) -> Result:
        """Do a work, again and again while the store is away.

        Raises:
            AbandonedError: if the process stops meanwhile.
            StoreUnavailableError: if the work fails although the store answers: its own trouble then.
        """
        while True:
            if not self._on:
                try:
                    return work()
                except StoreUnavailableError:
                    if self._answers():
                        raise
                    self._note(on=True)
            with self._turn:
                if self._on:
                    self._wait()
                    with self._told():
                        return work()

    def _wait(self) -> None:
        """Ask until the store answers."""
        while True:
            if self._stopping:
                raise AbandonedError
            eventlet.sleep(self._pause_s)
            if self._answers():
                return

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Learn from the first work after an outage; swallow its failure if the store is still away."""
        try:
            yield
        except StoreUnavailableError:
            if self._answers():
                self._note(on=False)
                raise
        except Exception:
            self._note(on=False)
            raise
        else:
            self._note(on=False)

    def _note(self, *, on: bool) -> None:
        if on != self._on:
            log.warning("document_store_outage_begins" if on else "document_store_outage_ends")
        self._on = on
        STORE_OUTAGE.set(int(on))


#: The one of this process.
OUTAGE = Outage(mongo.answers)
