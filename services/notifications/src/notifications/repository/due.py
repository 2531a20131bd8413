"""What is due, in all districts together: the only queries that no district filters."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.mongo import translated


def due_by_district(
    document: Any, *, now: datetime, limit: int, flag: str = "due", **equals: str
) -> Mapping[str, list[str]]:
    """Return the ids of due documents by district, the longest due first.

    A range condition would scan on the embedded store; the first ones in the index's order need none.

    Args:
        document: the class; its flag is True while `due_at` is set.
        now: what is due until then.
        limit: how many at most.
        flag: the field that says so, the first of an index.
        equals: further fields of the index, before `due_at`.
    """
    found: dict[str, list[str]] = {}
    with translated():
        rows = (
            document._get_collection()  # noqa: SLF001 - the driver's collection behind the document
            .find({flag: True, **equals}, {"district": 1, "due_at": 1})
            .sort("due_at", 1)
            .limit(limit)
        )
        for row in rows:
            if row["due_at"] > now:
                break
            found.setdefault(row["district"], []).append(row["_id"])
    return found
