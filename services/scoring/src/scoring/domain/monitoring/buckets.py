"""What one night leaves to the next: the season's tasks in buckets, by whose they are.

A bucket knows whose tasks it has all of, and as of when. So it is up to date once it has what changed since
then, and the tasks of those whom it lacks; where there is none everybody is lacking, and it is made in the
same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple

from scoring.domain.monitoring.facts import TaskFacts

#: How many there are: each has some 4,000 tasks of a large district's year. Whoever changes it drops what is
#: stored.
BUCKETS = 128
#: How late a change may be written, or how wrong a clock may be, without being missed.
OVERLAP = timedelta(hours=1)
#: A bucket that is older is made anew: what changed since then need not fit into memory.
OLDEST = timedelta(days=7)


class Kept(NamedTuple):
    """One task, and whose it is: the student's who made it, or, of a seed, the scorer's who read it."""

    task_id: str
    owner: str
    facts: TaskFacts


@dataclass(frozen=True)
class People:
    """Whose tasks there are."""

    students: frozenset[str] = frozenset()
    scorers: frozenset[str] = frozenset()

    def own(self, kept: Kept) -> bool:
        """Whether a task is one of theirs."""
        return kept.owner in (self.scorers if kept.facts.is_seed else self.students)

    def __sub__(self, others: People) -> People:
        return People(self.students - others.students, self.scorers - others.scorers)

    def __bool__(self) -> bool:
        return bool(self.students or self.scorers)


@dataclass(frozen=True, kw_only=True, eq=False)
class Bucket:
    """A part of the season.

    Attributes:
        people: whose tasks are in it; all tasks of each, and of nobody else.
        as_of: no task in it is older than it was then.
        tasks: by id, in the order of the ids.
    """

    people: People
    as_of: datetime
    tasks: Mapping[str, Kept]


def bucket_of(owner: str) -> int:
    """Return in which bucket somebody's tasks are."""
    return int.from_bytes(blake2b(owner.encode(), digest_size=4).digest()) % BUCKETS


def shared_out(people: People) -> Sequence[People]:
    """Return who is in each bucket."""
    students: list[list[str]] = [[] for _ in range(BUCKETS)]
    scorers: list[list[str]] = [[] for _ in range(BUCKETS)]
    for each in people.students:
        students[bucket_of(each)].append(each)
    for each in people.scorers:
        scorers[bucket_of(each)].append(each)
    return [
        People(frozenset(some), frozenset(others)) for some, others in zip(students, scorers, strict=True)
    ]


def brought_up_to(at: datetime, before: Bucket | None, people: People, news: Iterable[Kept]) -> Bucket:
    """Return a bucket with what is new, and without those who are gone; the same one if nothing is different.

    Args:
        at: no task in `news` is older, and none is missing that changed between the bucket's time and this.
        before: the bucket as it was, None for none.
        people: whose tasks are to be in it.
        news: tasks, not only of theirs; of one that is there twice the last counts.
    """
    new = {each.task_id: each for each in news if people.own(each)}
    old: Mapping[str, Kept] = {}
    if before is not None:
        old = before.tasks
        if people == before.people and all(old.get(name) == each for name, each in new.items()):
            return before
    kept = {name: each for name, each in old.items() if people.own(each)}
    return Bucket(people=people, as_of=at, tasks=dict(sorted({**kept, **new}.items())))
