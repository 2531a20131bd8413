"""The effect, as the peers' handlers bring it about with plain pymongo."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from pymongo.errors import DuplicateKeyError

from messaging import job

JOB = os.environ["JOB"]
AMQP_URL = os.environ["AMQP_URL"]
MONGO_URL = os.environ["MONGO_URL"]
DATABASE = os.environ["MONGO_DATABASE"]
CONCURRENCY = int(os.environ["CONCURRENCY"])


class VersionConflictError(Exception):
    """Another worker changed the thing meanwhile; the message is to come again."""


def effect(things: Any, told: dict[str, Any]) -> dict[str, Any]:
    """Insert or update one thing; returns the follow-up."""
    if JOB == job.INSERT:
        # Delivered again, the document is there, and only its follow-up may be missing.
        with suppress(DuplicateKeyError):
            things.insert_one(job.document(told))
        return job.follow_up(told, 1)
    thing_id = told["data"]["thing_id"]
    version = things.find_one({"_id": thing_id})["version"]
    done = things.update_one({"_id": thing_id, "version": version}, change(told, version))
    if not done.matched_count:
        raise VersionConflictError
    return job.follow_up(told, version + 1)


def change(told: dict[str, Any], version: int) -> dict[str, Any]:
    """Return the update of one thing."""
    data = told["data"]
    return {"$set": {"title": data["title"], "version": version + 1, "changed_at": datetime.now(UTC)}}
