"""A process's picture of the staff is fresh enough, and never an empty one for long."""

from __future__ import annotations

from typing import Any

from tests.unit.scoring.scoring_examples import teacher

from chassis.outbox import UnitOfWork
from scoring.domain import Scorer
from scoring.repository import ScorerPool
from scoring.repository.copies import POOL_AGE_S, StaffCopies

WEST, NORTH = teacher("t-west", "west"), teacher("t-north", "north")


class Staff(StaffCopies):
    """Copies without a store."""

    def __init__(self, district: str, found: list[Scorer]) -> None:
        super().__init__(UnitOfWork(district=district, cause="test"))
        self.found = found

    def select(self, **_: Any) -> list[Scorer]:
        return list(self.found)


def test_loads_the_staff_again_once_its_picture_is_old() -> None:
    now = [100.0]
    pool = ScorerPool(clock=lambda: now[0])
    staff = Staff("jcps", [WEST])
    assert pool.everybody(staff) == [WEST]

    staff.found.append(NORTH)

    assert pool.everybody(staff) == [WEST]
    now[0] += POOL_AGE_S
    assert pool.everybody(staff) == [WEST, NORTH]


def test_never_keeps_an_empty_picture() -> None:
    pool = ScorerPool(clock=lambda: 100.0)
    staff = Staff("jcps", [])
    assert pool.everybody(staff) == []

    staff.found.append(WEST)

    assert pool.everybody(staff) == [WEST]


def test_keeps_districts_apart() -> None:
    pool = ScorerPool(clock=lambda: 100.0)

    assert pool.everybody(Staff("jcps", [WEST])) == [WEST]
    assert pool.everybody(Staff("oldham", [NORTH])) == [NORTH]
