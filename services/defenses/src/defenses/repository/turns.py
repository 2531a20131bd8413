"""One writer of a district's schedule at a time, for as long as one change takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from chassis.errors import ConflictError
from defenses.repository.leases import DistrictLeases, LeaseLostError

#: Long enough for a change to be written on a slow store; a process that dies blocks others as long.
_LENGTH = timedelta(seconds=10)
_PATIENCE_S = 15.0
_PAUSE_S = 0.02


class ScheduleTurns:
    """Gives turns; a defense holds its own, but not the room and the people that another one wants too."""

    def __init__(self, patience_s: float = _PATIENCE_S, length: timedelta = _LENGTH) -> None:
        self._patience_s = patience_s
        self._length = length

    @contextmanager
    def take(self, district: str) -> Iterator[Callable[[], None]]:
        """Hold the turn of a district; what is yielded makes sure of it, and is called before each write.

        Whoever took long, and has lost the turn to somebody else meanwhile, has decided by a schedule that
        may not be the same any more.

        Raises:
            ConflictError: if others had it all the time, or have it now; asking again helps.
        """
        leases, key = DistrictLeases(uuid4().hex, self._length), f"{district}:schedule"
        deadline = time.monotonic() + self._patience_s
        while not leases.claim(key):
            if time.monotonic() > deadline:
                raise ConflictError(f"others were changing the schedule for {self._patience_s:g} s")
            time.sleep(_PAUSE_S)
        try:
            yield lambda: leases.renew(key)
        except LeaseLostError as error:
            raise ConflictError("others have changed the schedule meanwhile") from error
        finally:
            leases.release(key)
