"""A season's tasks, of which a night reads only what changed since the last one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from scoring.domain.monitoring.buckets import (
    BUCKETS,
    OLDEST,
    OVERLAP,
    Bucket,
    Kept,
    People,
    brought_up_to,
    bucket_of,
    shared_out,
)
from scoring.domain.monitoring.facts import TaskFacts


class SeasonTasks(Protocol):
    """Where a district's tasks are."""

    def tasks_of(self, people: People) -> Iterable[Kept]:
        """Return all tasks of some students and scorers."""
        ...

    def changed(self, since: datetime, until: datetime) -> Iterable[Kept]:
        """Return the tasks that changed in a time, of whomever, as they are now."""
        ...


class PackedBucket(Protocol):
    """A stored bucket, which takes some memory to open."""

    @property
    def as_of(self) -> datetime:
        """As of when it is."""
        ...

    def opened(self) -> Bucket | None:
        """Return what is in it; None if it cannot be read any more."""
        ...


class Buckets(Protocol):
    """Where a district's buckets are kept. Another night may write them at the same time."""

    def load(self) -> Mapping[int, PackedBucket]:
        """Return those that are stored in the form of today, by number."""
        ...

    def put(self, number: int, bucket: Bucket) -> None:
        """Write a bucket over whatever is there."""
        ...

    def confirm(self, number: int, bucket: Bucket, at: datetime) -> None:
        """Note that a bucket is as it was, unless another night has written it meanwhile."""
        ...


def current_tasks(
    people: People, *, at: datetime, tasks: SeasonTasks, buckets: Buckets
) -> Iterator[TaskFacts]:
    """Yield the facts of everybody's tasks, and keep them for the next night.

    Each bucket is written when its tasks have been yielded up to there, so a night that is killed leaves its
    work to the next. Two at once do no harm: each bucket they write is right as of the time it says. One
    bucket a night is made anew by turns, so that nothing that went past `changed`, such as a task that
    somebody erased by hand, stays for longer than there are buckets.

    Args:
        people: on the roster; tasks of others are left out, and forgotten.
        at: when the night began, before anything was read.
        tasks: where they are read.
        buckets: what the last night left.
    """
    turn = at.toordinal() % BUCKETS
    stored = {
        number: each for number, each in buckets.load().items() if number != turn and at - each.as_of < OLDEST
    }
    changed: dict[int, list[Kept]] = {}
    if stored:
        since = min(each.as_of for each in stored.values()) - OVERLAP
        for each in tasks.changed(since, at):
            changed.setdefault(bucket_of(each.owner), []).append(each)
    for number, owners in enumerate(shared_out(people)):
        before = stored[number].opened() if number in stored else None
        lacking = owners - before.people if before else owners
        news = [*changed.pop(number, ()), *(tasks.tasks_of(lacking) if lacking else ())]
        after = brought_up_to(at, before, owners, news)
        if after is before:
            buckets.confirm(number, after, at)
        else:
            buckets.put(number, after)
        yield from (each.facts for each in after.tasks.values())
