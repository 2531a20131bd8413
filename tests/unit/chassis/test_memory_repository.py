"""The in-memory repository of unit tests keeps the promises of the real one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from chassis.errors import NotFoundError
from chassis.mongo import Page
from chassis.testing import MemoryRepository
from contracts.artifacts import STUDENT_WITHDRAWN, StudentWithdrawn
from contracts.base import ContractViolationError, Fact


@dataclass(frozen=True)
class Task:
    task_id: str
    state: str
    reads: int = 0


OPEN, DONE, LATE = Task("t1", "open"), Task("t2", "done"), Task("t3", "open", reads=2)
GONE = STUDENT_WITHDRAWN.says(StudentWithdrawn(student_id="s1", school_id="sc1"))


@pytest.fixture
def tasks() -> MemoryRepository[Task]:
    return MemoryRepository({task.task_id: task for task in (LATE, OPEN, DONE)})


def _read(current: Task | None) -> tuple[Task, Sequence[Fact]]:
    return (Task("t9", "open") if current is None else replace(current, reads=current.reads + 1)), [GONE]


def test_a_change_stores_its_value_and_announces_its_facts(tasks: MemoryRepository[Task]) -> None:
    assert tasks.change("t1", _read) == Task("t1", "open", reads=1)
    assert tasks.change("t9", _read) == Task("t9", "open")

    assert tasks.get("t1") == Task("t1", "open", reads=1)
    assert tasks.facts == [GONE, GONE]
    assert tasks.writes == ["t1", "t9"]


def test_a_decision_to_change_nothing_writes_nothing(tasks: MemoryRepository[Task]) -> None:
    assert tasks.change("t1", lambda _: None) == OPEN
    assert tasks.change("t9", lambda _: None) is None

    assert (tasks.facts, tasks.writes) == ([], [])


def test_a_fact_that_breaks_its_contract_is_not_stored(tasks: MemoryRepository[Task]) -> None:
    wrong = STUDENT_WITHDRAWN.says(StudentWithdrawn(student_id="", school_id="sc1"))

    with pytest.raises(ContractViolationError):
        tasks.change("t1", lambda _: (DONE, [wrong]))

    assert tasks.get("t1") == OPEN
    assert tasks.facts == []


def test_many_changes_count_what_was_written(tasks: MemoryRepository[Task]) -> None:
    assert tasks.change_many([("t1", _read), ("t2", lambda _: None), ("t9", _read)]) == 2
    assert tasks.writes == ["t1", "t9"]


def test_what_depends_on_all_of_them_is_decided_when_all_are_known(tasks: MemoryRepository[Task]) -> None:
    assert tasks.change_all(["t1", "t9"], lambda found: [(each, _read) for each in found]) == 1
    assert tasks.writes == ["t1"]


def test_what_is_not_there_is_none_or_an_error(tasks: MemoryRepository[Task]) -> None:
    assert tasks.find("t9") is None
    assert tasks.find("t1") == OPEN
    with pytest.raises(NotFoundError, match="there is no t9"):
        tasks.get("t9")


def test_selections_ask_for_equality_or_membership(tasks: MemoryRepository[Task]) -> None:
    assert tasks.select(state="open", order_by="task_id") == [OPEN, LATE]
    assert tasks.select(state=["done", "gone"]) == [DONE]
    assert tasks.select(order_by="task_id", limit=1) == [OPEN]
    assert list(tasks.stream(state="done")) == [DONE]
    assert tasks.count(state="open", reads=0) == 1
    assert tasks.existing(["t1", "t9"]) == {"t1": OPEN}


def test_pages_follow_each_other_by_id(tasks: MemoryRepository[Task]) -> None:
    first = tasks.page(cursor=None, limit=1, state="open", reads=None)

    assert first == Page((OPEN,), "t1")
    assert tasks.page(cursor=first.next_cursor, limit=1, state="open") == Page((LATE,), None)
