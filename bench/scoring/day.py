"""Let a school day happen to a loaded year: some of what waits is opened and read by the domain's rules."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from load import DISTRICT, LOADED_READS_AT, SCORERS, rules, scorer_id

from chassis import mongo
from chassis.outbox import UnitOfWork
from scoring.documents import TaskDocument
from scoring.domain.rubrics import CriterionLevel
from scoring.domain.tasks import ReaderFacts, State, Task, give_read, lease
from scoring.repository import Tasks
from scoring.use_cases.queueing import deciding

_TOGETHER = 100
_OLD_HAND = ReaderFacts(reads_before=10_000, rubric_since=LOADED_READS_AT - timedelta(days=365))


class Day:
    """A day on which each scorer reads one artifact or two."""

    def __init__(self) -> None:
        self._rule, rubrics = rules()
        self._rubrics = {each.rubric_id: each for each in rubrics}

    def read(self, task_ids: list[str], first: int) -> None:
        """Open and read some tasks.

        Args:
            task_ids: that wait.
            first: how many were read before today.
        """
        opening = UnitOfWork(district=DISTRICT, cause=f"open:{uuid4()}", relayed=False)
        reading = UnitOfWork(district=DISTRICT, cause=f"read:{uuid4()}", relayed=False)
        numbered = list(enumerate(task_ids, first))
        Tasks(opening).change_many(
            [(name, deciding(lambda task, n=n: self._opened(task, n, opening))) for n, name in numbered]
        )
        Tasks(reading).change_many(
            [(name, deciding(lambda task, n=n: self._read(task, n, reading))) for n, name in numbered]
        )

    def _opened(self, task: Task, number: int, work: UnitOfWork) -> Task:
        # Nobody has two tasks on one place of their desk.
        who, slot = scorer_id(number % SCORERS), number // SCORERS
        return lease(task, f"day-{number}", who, slot=slot, at=work.now, rule=self._rule.lease)

    def _read(self, task: Task, number: int, work: UnitOfWork) -> Task:
        rubric = self._rubrics[task.rubric_id]
        levels = [
            CriterionLevel(criterion_id=each.criterion_id, level=1 + number % 4, feedback="Clear.")
            for each in rubric.criteria
        ]
        who = scorer_id(number % SCORERS)
        return give_read(task, rubric, levels, scorer_id=who, at=work.now, facts=_OLD_HAND, rule=self._rule)


def let_a_day_happen(mongo_url: str, database: str, reads: int) -> int:
    """Read so much of what waits in the store; return how much that was."""
    mongo.connect(mongo_url, database)
    collection = TaskDocument._get_collection()  # noqa: SLF001 - mongoengine has no other way
    waiting = {"state": str(State.QUEUED), "district": DISTRICT}
    found = [each["_id"] for each in collection.find(waiting, {"_id": 1}).limit(reads)]
    day = Day()
    for first in range(0, len(found), _TOGETHER):
        day.read(found[first : first + _TOGETHER], first)
    mongo.disconnect()
    return len(found)
