"""Group commit: what concurrent handlers ask of the store goes there in one command.

Whoever comes first, while nobody is on the way, goes at once, with those who are ready at the same moment: an
idle service gains no latency. Those who come meanwhile form the next group, and the first of them takes all
of it along. There is no background thread. It is for greenthreads, which need no locks: nobody else runs
between two places where one waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import eventlet

from chassis.bells import Bell, ring
from chassis.errors import TransientError

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class _Passenger(Generic[Item, Outcome]):
    """One caller's item and, in the end, its outcome or error."""

    __slots__ = ("called", "item", "leads", "outcome")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.outcome: Outcome | BaseException | None = None
        #: Rings when the outcome is there, or the lead is given to us.
        self.called = Bell()
        self.leads = False


class Grouped(Generic[Item, Outcome]):
    """Calls `run` with the items of all who wait, never twice at once."""

    def __init__(self, run: Callable[[Sequence[Item]], Sequence[Outcome | Exception]], *, limit: int) -> None:
        """Take what does the work.

        Args:
            run: items to as many outcomes, in their order; an exception among them is its item's alone, one
                that is raised is everybody's.
            limit: items of one group at most.
        """
        self._run = run
        self._limit = limit
        self._waiting: list[_Passenger[Item, Outcome]] = []
        self._busy = False

    def __call__(self, item: Item) -> Outcome:
        """Return the item's outcome, or raise its error."""
        passenger: _Passenger[Item, Outcome] = _Passenger(item)
        self._waiting.append(passenger)
        passenger.leads = not self._busy
        self._busy = True
        self._wait(passenger)
        if passenger.leads:
            self._lead()
        outcome = passenger.outcome
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome  # type: ignore[return-value]  # None is an outcome too

    def _wait(self, passenger: _Passenger[Item, Outcome]) -> None:
        try:
            if passenger.leads:
                # One turn of the hub: a burst of events goes as one group, and not as one and the rest.
                eventlet.sleep(0)
            else:
                passenger.called.wait()
        except BaseException:
            # Our caller's time is over. If the lead was just given to us, somebody else must take it.
            if passenger in self._waiting:
                self._waiting.remove(passenger)
            if passenger.leads:
                self._hand_over()
            raise

    def _lead(self) -> None:
        """Take a group along, then give the lead to the first of those who came meanwhile."""
        group, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
        try:
            outcomes: Sequence[Outcome | BaseException] = self._run([each.item for each in group])
        except Exception as error:  # noqa: BLE001 - it is raised at every caller
            outcomes = [error] * len(group)
        except BaseException:
            # Only the leader's own time is over; the others' outcome is unknown and they may try again.
            self._settle(group, [TransientError("a group's leader ran out of time")] * len(group))
            raise
        self._settle(group, outcomes)

    def _settle(
        self, group: Sequence[_Passenger[Item, Outcome]], outcomes: Sequence[Outcome | BaseException]
    ) -> None:
        for each, outcome in zip(group, outcomes, strict=True):
            each.outcome = outcome
        self._hand_over()
        ring([each.called for each in group])

    def _hand_over(self) -> None:
        if self._waiting:
            first = self._waiting[0]
            first.leads = True
            ring([first.called])
        else:
            self._busy = False
