"""What one night leaves to the next in the real store: reports from it are those from nothing."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from pymongo import MongoClient
from tests.integration.scoring.scoring_season import stored_seed, stored_student, stored_task

from chassis import mongo
from scoring.domain.monitoring.asking import NightRequest
from scoring.domain.monitoring.buckets import BUCKETS, Bucket, Kept, People, bucket_of
from scoring.domain.monitoring.facts import TaskFacts
from scoring.domain.tasks.states import State
from scoring.entrypoints.policies import read_policies
from scoring.repository.buckets import FORMAT, BucketStore, StoredBucket
from scoring.repository.season import SeasonStore
from scoring.use_cases.extract import current_tasks
from scoring.use_cases.nightly import make_report

Raw = dict[str, Any]

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)
STUDENTS = 30


class Counting(SeasonStore):
    """Counts the tasks that are read."""

    def __init__(self, district: str) -> None:
        super().__init__(district)
        self.times_read = 0

    def tasks_of(self, people: People) -> Iterator[Kept]:
        yield from self._counted(super().tasks_of(people))

    def changed(self, since: datetime, until: datetime) -> Iterator[Kept]:
        yield from self._counted(super().changed(since, until))

    def _counted(self, tasks: Iterable[Kept]) -> Iterator[Kept]:
        for each in tasks:
            self.times_read += 1
            yield each


class Nothing:
    """Keeps no bucket, so that every night begins from nothing."""

    def load(self) -> Mapping[int, StoredBucket]:
        return {}

    def put(self, number: int, bucket: Bucket) -> None:
        del number, bucket

    def confirm(self, number: int, bucket: Bucket, at: datetime) -> None:
        raise AssertionError


class Put:
    """Takes the rows of a report."""

    def __init__(self) -> None:
        self.rows: list[Any] = []

    def put(self, report_id: str, rows: Iterable[Any]) -> None:
        assert report_id
        self.rows += rows


class World:
    """One district in the store, where anything may happen to tasks and people."""

    def __init__(self, store: Any, district: str) -> None:
        self.store, self.district, self.random = store, district, Random(5)  # noqa: S311 - chance, not a secret
        self.at = NOW
        store["tasks"].insert_many([stored_task(number, district) for number in range(STUDENTS)])
        store["tasks"].insert_many(
            [{**stored_seed(90, district), "_id": f"{district}-seed"}, stored_task(91, "another")]
        )
        store["students"].insert_many([stored_student(number, district) for number in range(STUDENTS)])
        store["students"].insert_one(stored_student(91, "another"))
        store["staff"].insert_many([self.staff("ann"), self.staff("bob")])

    def staff(self, name: str) -> Raw:
        return {"_id": name, "district": self.district, "source_version": 1, "posts": [], "active": True}

    def change(self) -> None:
        """Let something happen within the last hour."""
        happens = self.random.choice(
            [self.read_again, self.void, self.move, self.enrol, self.erase, self.withdraw, self.add_seed]
        )
        happens(self.random.randrange(STUDENTS))

    def read_again(self, number: int) -> None:
        task = stored_task(number, self.district)
        read = {**task["reads"][0], "scorer_id": "zoe", "given_at": self.at, "lease_id": uuid4().hex}
        self._update(number, {"$push": {"reads": read}})

    def void(self, number: int) -> None:
        void = {"at": self.at, "by": "rule", "why": "stopped"}
        self._update(number, {"$set": {"reads.0.void": void, "state": str(State.QUARANTINED)}})

    def move(self, number: int) -> None:
        state = self.random.choice([State.WITHDRAWN, State.REVIEW_REQUESTED, State.RELEASED])
        self._update(number, {"$set": {"state": str(state), "score": None}})

    def enrol(self, number: int) -> None:
        new = STUDENTS + number
        for name, made in (("tasks", stored_task), ("students", stored_student)):
            document = made(new, self.district)
            self.store[name].replace_one({"_id": document["_id"]}, document, upsert=True)

    def erase(self, number: int) -> None:
        student = f"{self.district}-s-{number}"
        self.store["students"].delete_one({"_id": student})
        self.store["tasks"].delete_many({"student_id": student})

    def withdraw(self, number: int) -> None:
        about = {"enrolled": False, "school_id": "west"}
        self.store["students"].update_one({"_id": f"{self.district}-s-{number}"}, {"$set": about})

    def add_seed(self, number: int) -> None:
        seed = {**stored_seed(100 + number, self.district), "changed_at": self.at}
        self.store["tasks"].replace_one({"_id": seed["_id"]}, seed, upsert=True)

    def _update(self, number: int, update: Raw) -> None:
        changed_at = self.at - self.random.randrange(50) * timedelta(minutes=1)
        update["$set"] = {**update.get("$set", {}), "changed_at": changed_at}
        self.store["tasks"].update_one({"_id": f"{self.district}-t-{number:04}"}, update)


@pytest.fixture
def world(mongo_url: str, database: str) -> Iterator[World]:
    mongo.connect(mongo_url, database)
    with MongoClient[Raw](mongo_url, tz_aware=True) as client:
        yield World(client[database], f"d{uuid4().hex[:8]}")
    mongo.disconnect()


def _reported(world: World, buckets: Any) -> tuple[Any, ...]:
    """Return all that a night says, but for how long it took."""
    policies = read_policies(SimpleNamespace(policy_dir=""))

    def current(policy: str) -> Any:
        return policies.current(policy, district=world.district, on=NOW.date())

    monitoring, quality, equity = current("monitoring"), Put(), Put()
    request = NightRequest(
        report_id="r-1",
        district=world.district,
        night=NOW.date(),
        at=world.at,
        policy_version=monitoring.version,
        thresholds=monitoring.thresholds,
        equity=current("equity"),
        calendar=current("deadlines").calendar,
    )
    report = make_report(
        request,
        seasons=SeasonStore(world.district),
        buckets=buckets,
        quality=quality,
        equity=equity,
        clock=lambda: 0.0,
    )
    return report, quality.rows, equity.rows


def test_a_night_says_what_one_that_begins_from_nothing_says_whatever_happened_before(world: World) -> None:
    buckets = BucketStore(world.district)
    first = _reported(world, buckets)
    assert first == _reported(world, Nothing())
    assert first[0].reads == 2 * STUDENTS + 1

    for _ in range(6):
        world.at += 3 * HOUR
        for _ in range(world.random.randrange(1, 8)):
            world.change()
        assert _reported(world, buckets) == _reported(world, Nothing())

    assert {raw["district"] for raw in world.store["night_buckets"].find()} == {world.district}


def test_a_night_reads_what_changed_and_what_has_its_turn(world: World) -> None:
    season = Counting(world.district)
    _tasks_of_night(world, season)
    world.at += HOUR
    world.read_again(3)
    season.times_read = 0
    turn = sum(
        bucket_of(f"{world.district}-s-{number}") == world.at.toordinal() % BUCKETS
        for number in range(STUDENTS)
    )
    turn += bucket_of("ann") == world.at.toordinal() % BUCKETS

    found = _tasks_of_night(world, season)

    assert len(found) == STUDENTS + 1
    assert season.times_read == 1 + turn


def test_a_bucket_that_is_damaged_of_another_form_or_gone_is_made_anew(world: World) -> None:
    expected = _tasks_of_night(world)
    stored = world.store["night_buckets"]
    for number, damage in enumerate(
        ({"packed": b"nonsense"}, {"packed": zlib.compress(b"[1, 2]")}, {"format": FORMAT + 1}, None)
    ):
        name = f"{bucket_of(f'{world.district}-s-{number}')}:{world.district}"
        if damage is None:
            stored.delete_one({"_id": name})
        else:
            stored.update_one({"_id": name}, {"$set": damage})
    world.at += HOUR

    assert _tasks_of_night(world) == expected
    assert {raw["format"] for raw in stored.find()} == {FORMAT}
    assert stored.count_documents({}) == BUCKETS


def test_two_nights_at_once_leave_what_the_next_one_needs(world: World) -> None:
    _tasks_of_night(world)
    season, at = SeasonStore(world.district), world.at + HOUR
    slow = current_tasks(_people(season), at=at, tasks=season, buckets=BucketStore(world.district))
    next(slow)
    world.at = at + HOUR
    world.read_again(3)
    world.enrol(0)
    _tasks_of_night(world)
    list(slow)
    world.at += 24 * HOUR

    assert _tasks_of_night(world) == list(
        current_tasks(_people(season), at=world.at, tasks=season, buckets=Nothing())
    )


def _tasks_of_night(world: World, season: SeasonStore | None = None) -> list[TaskFacts]:
    season = season or SeasonStore(world.district)
    return list(
        current_tasks(_people(season), at=world.at, tasks=season, buckets=BucketStore(world.district))
    )


def _people(season: SeasonStore) -> People:
    return People(frozenset(each.student_id for each in season.students()), frozenset(season.scorers()))
