"""One writer of a district's schedule at a time, for as long as one change takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

from chassis.errors import ConflictError
from defenses.repository.leases import DistrictLeases

#: Long enough for a change to be written on a slow store; a process that dies blocks others as long.
_LENGTH = timedelta(seconds=10)
_PATIENCE_S = 15.0
_PAUSE_S = 0.02


class ScheduleTurns:
    """Gives turns; a defense holds its own, but not the room and the people that another one wants too."""

    def __init__(self, patience_s: float = _PATIENCE_S) -> None:
        self._patience_s = patience_s

    @contextmanager
    def take(self, district: str) -> Iterator[None]:
        """Hold the turn of a district.

        Raises:
            ConflictError: if others had it all the time; asking again helps.
        """
        leases, key = DistrictLeases(uuid4().hex, _LENGTH), f"{district}:schedule"
        deadline = time.monotonic() + self._patience_s
        while not leases.claim(key):
            if time.monotonic() > deadline:
                raise ConflictError(f"others were changing the schedule for {self._patience_s:g} s")
            time.sleep(_PAUSE_S)
        try:
            yield
        finally:
            leases.release(key)
