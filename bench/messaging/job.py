"""The job: its events, queues and documents, the same for all contenders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

SERVICE = "recorder"
DISTRICT = "jcps"
EVENT = "bench.thing.happened.v1"
FOLLOW_UP = "recorder.thing.recorded.v1"
EVENTS_EXCHANGE = "bench.events"
FOLLOW_UPS_EXCHANGE = "recorder.events"
QUEUE = f"evt-bench-{EVENT}--{SERVICE}.on_thing_happened"
FOLLOW_UPS = "followups"
PARKING = f"{SERVICE}.parking"
THINGS = "things"
INSERT, UPDATE = "insert", "update"

#: Arguments of both queues: the chassis's own, which every contender gets too.
ARGUMENTS = {
    "x-queue-type": "quorum",
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
    "x-dead-letter-exchange": "",
    "x-delivery-limit": 20,
    "x-dead-letter-routing-key": PARKING,
}

_NAMESPACE = UUID("6f6b1e2e-8d3c-5b0e-9d0a-4b61636b7061")
_THING = re.compile(rb'"thing_id": ?"([0-9a-f-]{36})"')


def derived_id(*parts: object) -> str:
    """Return an id as `contracts` derives it, without its libraries, which would count as a peer's memory."""
    return str(uuid5(_NAMESPACE, "\x1f".join(map(str, parts))))


def thing_ids(count: int, *, first: int = 0) -> Iterator[str]:
    """Return the ids of the things of one run."""
    return (derived_id("thing", number) for number in range(first, first + count))


def event(thing_id: str) -> dict[str, Any]:
    """Return the event about one thing, as it travels: a CloudEvent of about 560 bytes."""
    return envelope(
        EVENT,
        {"thing_id": thing_id, "student_id": thing_id, "title": "A bridge of paper that carries a book"},
        thing_id,
        1,
    )


def envelope(kind: str, data: dict[str, Any], subject: str, version: int) -> dict[str, Any]:
    """Return an event; its id is derived, so that saying it twice is saying it once."""
    producer = kind.partition(".")[0]
    return {
        "specversion": "1.0",
        "id": derived_id(producer, subject, version, kind),
        "source": f"/backpack/{producer}",
        "type": kind,
        "subject": subject,
        "subjectversion": version,
        "time": datetime.now(UTC).isoformat(),
        "dataschema": f"urn:backpack:schema:{kind}",
        "datacontenttype": "application/json",
        "district": DISTRICT,
        "data": data,
    }


def follow_up(told: dict[str, Any], version: int) -> dict[str, Any]:
    """Return what is to be said about an event."""
    return envelope(FOLLOW_UP, told["data"], told["data"]["thing_id"], version)


def document(told: dict[str, Any]) -> dict[str, Any]:
    """Return the document that an event leads to, with what any team would keep."""
    data = told["data"]
    return {
        "_id": data["thing_id"],
        "district": told["district"],
        "version": 1,
        "changed_at": datetime.now(UTC),
        "student_id": data["student_id"],
        "title": data["title"],
    }


def existing(thing_id: str) -> dict[str, Any]:
    """Return a thing that is there before the second job begins, in the chassis's form."""
    return {
        **document(event(thing_id)),
        "title": "Not yet known",
        "pending": False,
        "handled": [],
        "leased_until": datetime(1970, 1, 1, tzinfo=UTC),
    }


def thing_of(body: bytes) -> str:
    """Return the thing that a message is about, in whatever form a contender has written it."""
    found = _THING.search(body)
    if found is None:
        raise ValueError("a message about no thing")
    return found[1].decode()


def encoded(wire: dict[str, Any]) -> bytes:
    """Return the bytes of an event."""
    return json.dumps(wire).encode()
