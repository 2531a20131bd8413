"""What is due, in all districts together: the only queries that no district filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.mongo import translated
from notifications.documents import GATHERED, MessageDocument, TellingDocument
from notifications.domain.messages import State
from notifications.domain.roster import Channel


@dataclass(frozen=True)
class DueMessage:
    """A message that somebody must do something about."""

    message_id: str
    district: str
    school_id: str
    state: State


def due_messages(channel: Channel, *, now: datetime, limit: int) -> list[DueMessage]:
    """Return due messages of one channel, the longest due first."""
    fields = ("district", "school_id", "state")
    return [
        DueMessage(row["_id"], row["district"], row["school_id"], State(row["state"]))
        for row in _due(MessageDocument, fields, now=now, limit=limit, due=channel.value)
    ]


def due_digest_items(*, now: datetime, limit: int) -> Mapping[str, list[str]]:
    """Return the ids of messages whose digest is due, or is to be followed, by district."""
    return due_by_district(MessageDocument, now=now, limit=limit, due=GATHERED)


def due_tellings(*, now: datetime, limit: int) -> Mapping[str, list[str]]:
    """Return the ids of due facts by district."""
    return due_by_district(TellingDocument, now=now, limit=limit)


def due_by_district(
    document: Any, *, now: datetime, limit: int, due: str | bool = True
) -> Mapping[str, list[str]]:
    """Return the ids of due documents by district, the longest due first.

    Args:
        document: the class.
        now: what is due until then.
        limit: how many at most.
        due: what its field `due`, the first of an index, holds while `due_at` counts.
    """
    found: dict[str, list[str]] = {}
    for row in _due(document, ("district",), now=now, limit=limit, due=due):
        found.setdefault(row["district"], []).append(row["_id"])
    return found


def _due(
    document: Any,
    fields: tuple[str, ...],
    *,
    now: datetime,
    limit: int,
    due: str | bool,
) -> list[dict[str, Any]]:
    """Return what is due until now.

    The range is what keeps this cheap on the embedded store, which reads all that matches before it counts:
    after fields that are equal it follows the index, and what waits for a later hour is not looked at.
    """
    with translated():
        return list(
            document._get_collection()  # noqa: SLF001 - the driver's collection behind the document
            .find({"due": due, "due_at": {"$lte": now}}, dict.fromkeys(fields, 1))
            .sort("due_at", 1)
            .limit(limit)
        )
