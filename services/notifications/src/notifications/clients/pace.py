"""Keep to the rate that a provider allows."""

import time
from collections.abc import Callable


class Pace:
    """Lets its callers through one by one, evenly; a burst waits its turn.

    Args:
        per_second: how many may pass in a second.
        clock, sleep: monotonic time and waiting, both in seconds.
    """

    def __init__(
        self,
        per_second: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap_s = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    def wait(self) -> None:
        """Return when it is the caller's turn."""
        now = self._clock()
        turn = max(now, self._next)
        # Taken before sleeping, so that whoever comes meanwhile gets the turn after.
        self._next = turn + self._gap_s
        if turn > now:
            self._sleep(turn - now)
