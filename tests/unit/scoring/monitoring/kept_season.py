"""A season and its buckets in memory, for tests of what one night leaves to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tests.unit.scoring.monitoring.monitoring_examples import MONDAY

from scoring.domain.monitoring.buckets import Bucket, Kept, People
from scoring.domain.monitoring.facts import Settled, StudentFacts, TaskFacts


class KeptSeason:
    """Keeps tasks with the time of their last change, and counts those that are read."""

    def __init__(self, tasks: Iterable[TaskFacts] = (), roster: Iterable[StudentFacts] = ()) -> None:
        self.roster = {each.student_id: each for each in roster}
        self.staff: set[str] = set()
        self.stored: dict[str, tuple[datetime, Kept]] = {}
        self.times_read = 0
        for each in tasks:
            self.write(each)

    def write(self, facts: TaskFacts, at: datetime = MONDAY) -> None:
        """Write a task, whose id is its artifact's."""
        owner = facts.reads[0].scorer_id if facts.is_seed else str(facts.student_id)
        self.stored[facts.artifact_id] = at, Kept(facts.artifact_id, owner, facts)

    def people(self) -> People:
        return People(frozenset(self.roster), frozenset(self.staff))

    def students(self) -> Iterable[StudentFacts]:
        return self.roster.values()

    def scorers(self) -> Iterable[str]:
        return self.staff

    def settled(self) -> Settled:
        return {}

    def tasks_of(self, people: People) -> Iterator[Kept]:
        for _, each in self.stored.values():
            if people.own(each):
                self.times_read += 1
                yield each

    def changed(self, since: datetime, until: datetime) -> Iterator[Kept]:
        assert since < until
        for at, each in self.stored.values():
            if at >= since:
                self.times_read += 1
                yield each


@dataclass(frozen=True)
class OpenBucket:
    """A bucket that needs no opening, or that nobody can read any more."""

    as_of: datetime
    bucket: Bucket | None

    def opened(self) -> Bucket | None:
        return self.bucket


class KeptBuckets:
    """Keeps buckets, and counts what is written."""

    def __init__(self) -> None:
        self.stored: dict[int, OpenBucket] = {}
        self.written = 0

    def load(self) -> Mapping[int, OpenBucket]:
        return dict(self.stored)

    def put(self, number: int, bucket: Bucket) -> None:
        self.written += 1
        self.stored[number] = OpenBucket(bucket.as_of, bucket)

    def confirm(self, number: int, bucket: Bucket, at: datetime) -> None:
        if self.stored[number].as_of == bucket.as_of:
            self.stored[number] = OpenBucket(at, replace(bucket, as_of=at))
