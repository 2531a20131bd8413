"""Buckets of a season's tasks in the document store: JSON, compressed, one document each."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from chassis.mongo import translated
from chassis.mongo.documents import stored
from scoring.documents import BucketDocument
from scoring.domain.monitoring.buckets import BUCKETS, Bucket, Kept, People
from scoring.domain.monitoring.facts import ReadFacts, TaskFacts, UnscorableFacts

#: Of what `_packed` writes and of the facts in it. Another one makes all buckets be made anew.
FORMAT = 1
#: The quickest: it makes a tenth of them.
_COMPRESSION = 1
_READS, _UNSCORABLE = map(TaskFacts._fields.index, ("reads", "unscorable"))


@dataclass(frozen=True, kw_only=True)
class StoredBucket:
    """A bucket as it is stored."""

    as_of: datetime
    packed: bytes

    def opened(self) -> Bucket | None:
        """Return what is in it; None if it cannot be read any more."""
        try:
            students, scorers, tasks = json.loads(zlib.decompress(self.packed))
            return Bucket(
                people=People(frozenset(students), frozenset(scorers)),
                as_of=self.as_of,
                tasks={task_id: Kept(task_id, owner, _facts(facts)) for task_id, owner, facts in tasks},
            )
        except (zlib.error, ValueError, TypeError, IndexError):
            return None


class BucketStore:
    """Keeps the buckets of one district."""

    def __init__(self, district: str) -> None:
        self._district = district

    def load(self) -> Mapping[int, StoredBucket]:
        """Return those that are stored in the form of today, by number."""
        numbers = {self._id(number): number for number in range(BUCKETS)}
        with translated():
            found = list(self._collection().find({"_id": {"$in": list(numbers)}}))
        return {
            numbers[raw["_id"]]: StoredBucket(as_of=raw["as_of"], packed=raw["packed"])
            for raw in found
            if raw["format"] == FORMAT
        }

    def put(self, number: int, bucket: Bucket) -> None:
        """Write a bucket over whatever is there."""
        document = {
            "id": self._id(number),
            "district": self._district,
            "format": FORMAT,
            "as_of": bucket.as_of,
            "packed": _packed(bucket),
        }
        try:
            with translated():
                self._collection().replace_one(
                    {"_id": document["id"]}, stored(BucketDocument, document), upsert=True
                )
        except DuplicateKeyError:
            # Another night was the first to write it, and what it wrote is as good.
            return

    def confirm(self, number: int, bucket: Bucket, at: datetime) -> None:
        """Note that a bucket is as it was, unless another night has written it meanwhile."""
        with translated():
            self._collection().update_one(
                {"_id": self._id(number), "as_of": bucket.as_of}, {"$set": {"as_of": at}}
            )

    def _id(self, number: int) -> str:
        return f"{number}:{self._district}"

    def _collection(self) -> Any:
        return BucketDocument._get_collection()  # noqa: SLF001 - as the chassis does it


def _packed(bucket: Bucket) -> bytes:
    """Return a bucket as bytes: facts are tuples, which JSON has as lists in the same order."""
    people = bucket.people
    text = json.dumps(
        [sorted(people.students), sorted(people.scorers), list(bucket.tasks.values())],
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return zlib.compress(text.encode(), _COMPRESSION)


def _facts(fields: list[Any]) -> TaskFacts:
    fields[_READS] = [ReadFacts._make(each) for each in fields[_READS]]
    fields[_UNSCORABLE] = [UnscorableFacts._make(each) for each in fields[_UNSCORABLE]]
    return TaskFacts._make(fields)
