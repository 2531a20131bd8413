"""Tasks in the real store: how often a scorer has read whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from tests.integration.scoring.scoring_season import OPENED, stored_task

from chassis import mongo
from chassis.outbox import UnitOfWork
from scoring import documents
from scoring.repository import Tasks

Raw = dict[str, Any]
OURS = "ours"
#: When ann has read a stored task, and bob has.
ANN, BOB = OPENED + timedelta(days=1, hours=1), OPENED + timedelta(days=2, hours=1)


@pytest.fixture
def tasks(mongo_url: str, database: str) -> Iterator[Any]:
    """Return the store's tasks: four of three students, and one of the first in another district."""
    mongo.connect(mongo_url, database)
    mongo.create_indexes(documents)
    with MongoClient[Raw](mongo_url, tz_aware=True) as client:
        found = client[database]["tasks"]
        again = {**stored_task(0, OURS), "_id": uuid4().hex}
        elsewhere = {**stored_task(0, OURS), "_id": uuid4().hex, "district": "another"}
        made = [*(stored_task(number, OURS) for number in range(3)), again, elsewhere]
        found.insert_many([{**each, "readers": ["ann", "bob"]} for each in made])
        yield found
    mongo.disconnect()


def counted(scorer_id: str, *numbers: int, since: datetime = OPENED) -> list[int]:
    asked = [f"{OURS}-s-{number}" for number in numbers]
    found = Tasks(UnitOfWork(district=OURS, cause="test")).reads_of(scorer_id, asked, since)
    assert found.keys() == set(asked)
    return [found[each] for each in asked]


@pytest.mark.usefixtures("tasks")
def test_reads_of_each_student_count_in_this_district_alone() -> None:
    assert counted("ann", 0) == [2]
    assert counted("ann", 0, 1, 9) == [2, 1, 0]
    assert counted("zoe", 0, 1) == [0, 0]


@pytest.mark.usefixtures("tasks")
def test_only_what_the_scorer_themselves_has_read_since_then_counts() -> None:
    later = ANN + timedelta(seconds=1)
    assert counted("ann", 0, 1, since=later) == [0, 0]
    assert counted("bob", 0, 1, since=later) == [2, 1]
    assert counted("bob", 1, since=BOB + timedelta(seconds=1)) == [0]


def test_a_task_that_somebody_else_reads_counts_for_nobody_who_has_not(tasks: Any) -> None:
    tasks.update_many({}, {"$pull": {"reads": {"scorer_id": "ann"}}, "$set": {"readers": ["bob"]}})

    assert counted("ann", 0, 1, 2) == [0, 0, 0]
    assert counted("bob", 0, 1, 2) == [2, 1, 1]
