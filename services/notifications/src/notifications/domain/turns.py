"""Whose turn it is: schools take turns, so that a large one does not hold up a small one."""

from collections import deque
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Turns(Generic[Item]):
    """Gives out what waits, one of each line after the other; in a line, what came first comes first.

    Args:
        waiting: the name of a line and what waits in it, in order; lines take turns in the order of their
            first appearance.
    """

    def __init__(self, waiting: Iterable[tuple[Hashable, Item]]) -> None:
        lines: dict[Hashable, deque[Item]] = {}
        for name, item in waiting:
            lines.setdefault(name, deque()).append(item)
        self._lines = deque(lines.values())

    def take(self, most: int) -> list[Item]:
        """Return the next ones, at most so many; they are gone from here."""
        taken: list[Item] = []
        while self._lines and len(taken) < most:
            line = self._lines.popleft()
            taken.append(line.popleft())
            if line:
                self._lines.append(line)
        return taken
