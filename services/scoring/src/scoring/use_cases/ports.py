"""What the use cases of the workflow need: where things are kept, and whom they ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.base import Fact
from scoring.domain.routing import Desk, Scorer, SeedPaper, Standing, Student, Waiting
from scoring.domain.tasks import Pool, Task

#: A task as it is now to what it becomes and says; None for no change.
DecideTask = Callable[[Task | None], tuple[Task, Sequence[Fact]] | None]
DecideDesk = Callable[[Desk | None], tuple[Desk, Sequence[Fact]] | None]


@dataclass(frozen=True)
class Candidate:
    """A task that waits, and its student, both as of a moment ago; None for one whom we have not heard of."""

    task: Waiting
    student: Student | None


class Tasks(Protocol):
    """Where tasks are kept."""

    def get(self, task_id: str) -> Task:
        """Return a task; raise LookupError if there is none that the caller may see."""
        ...

    def change(self, task_id: str, decide: DecideTask) -> Task | None:
        """Change one task and keep what it says; return it as it is now."""
        ...

    def create(self, task_id: str, decide: DecideTask) -> Task | None:
        """Change one task, as `change` does, that mostly does not exist yet."""
        ...

    def open_of(self, scorer_id: str) -> Sequence[Task]:
        """Return what a scorer has open."""
        ...

    def read_by(self, scorer_id: str) -> Iterator[Task]:
        """Yield what a scorer has ever read."""
        ...

    def reads_of(self, scorer_id: str, student_ids: Sequence[str], since: datetime) -> Mapping[str, int]:
        """Return of how many artifacts of each of some students a scorer has given reads since a time."""
        ...


class Queue(Protocol):
    """What waits to be opened."""

    def waiting(
        self, pool: Pool, area: tuple[str, str], *, late: bool, start: float
    ) -> Iterator[Sequence[Candidate]]:
        """Yield batches of what waits in one skill and band, from a random place on and round.

        Others may have taken some of it by now.
        """
        ...

    def take(self, task_id: str, decide: DecideTask) -> Task | None:
        """Change a task unless somebody else changes it at the same time; None if they do."""
        ...


class Desks(Protocol):
    """The scorers' desks."""

    def find(self, scorer_id: str) -> Desk | None:
        """Return a desk, or None if nothing was ever said of this scorer."""
        ...

    def change(self, scorer_id: str, decide: DecideDesk) -> Desk | None:
        """Change one desk."""
        ...


class Students(Protocol):
    """The copies of students."""

    def find(self, student_id: str) -> Student | None:
        """Return one of them, or None."""
        ...


class Staff(Protocol):
    """The copies of staff."""

    def find(self, staff_id: str) -> Scorer | None:
        """Return one of them, or None."""
        ...


class Standings(Protocol):
    """How scorers stand; calibration answers."""

    def may_read(self, scorer_id: str, skill_id: str, band: str, at: datetime) -> Standing:
        """Return how a scorer stands in a skill and band at a time."""
        ...


class Seeds(Protocol):
    """The papers with known levels; calibration answers."""

    def next_for(self, standing: Standing, held: Sequence[Task], at: datetime) -> SeedPaper | None:
        """Return the paper that a scorer reads instead of an artifact now; None if it is no paper's turn.

        Args:
            standing: theirs, in one skill and band.
            held: all that they have open.
            at: now.
        """
        ...
