"""The registry of faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.world import World

Inject = Callable[[World], None]


@dataclass(frozen=True)
class Fault:
    """One way in which things go wrong.

    Attributes:
        name: its row in the table.
        inject: does it, and undoes what does not heal by itself.
        weight: how often it comes up, beside others with 1.
        slow: takes more than some ten seconds; comes at most `at_most` times in a run.
    """

    name: str
    inject: Inject
    weight: float = 1.0
    at_most: int = 1_000_000
    slow: bool = False


class SkippedError(Exception):
    """This fault cannot be made on this machine; the text says why."""


FAULTS: dict[str, Fault] = {}


def fault(
    name: str, *, weight: float = 1.0, at_most: int = 1_000_000, slow: bool = False
) -> Callable[[Inject], Inject]:
    """Register a function as a fault."""

    def register(inject: Inject) -> Inject:
        FAULTS[name] = Fault(name, inject, weight, at_most, slow)
        return inject

    return register
