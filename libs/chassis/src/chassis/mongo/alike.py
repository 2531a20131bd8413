"""One change to many documents as one statement, which costs a store a third of as many statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bson import decode, encode
from pymongo import UpdateOne

from chassis.errors import TransientError
from chassis.mongo.connection import translated


def alike(operations: Sequence[Any]) -> Iterator[list[int]]:
    """Yield the places of operations that make one change to one version, where there are several."""
    groups: dict[bytes, list[int]] = {}
    for place, each in enumerate(operations):
        change = _change_of(each)
        if change is not None:
            groups.setdefault(change, []).append(place)
    yield from (places for places in groups.values() if len(places) > 1)


def _change_of(operation: Any) -> bytes | None:
    """Return version and change in a form that can be compared; None of what must go by itself."""
    if not isinstance(operation, UpdateOne) or operation._filter.keys() != {"_id", "version"}:  # noqa: SLF001 - it tells nobody else
        return None
    try:
        return encode({"version": operation._filter["version"], "change": operation._doc})  # noqa: SLF001 - as above
    except Exception:  # noqa: BLE001 - written by itself, it fails by itself
        return None


def write_alike(collection: Any, operations: Sequence[Any]) -> list[bool | Exception]:
    """Make one change to documents that are at the version that was read.

    How many were matched is all that a store says. If some were not, it is asked how they are now: the next
    version is either ours, or the rival's that was faster. Where others have gone further, the count tells:
    if all that were matched are found, the others are not ours.

    Returns:
        For each whether it was written; a TransientError where nobody can say.

    Raises:
        StoreUnavailableError: if the store does not answer.
    """
    ids = [each._filter["_id"] for each in operations]  # noqa: SLF001 - as above
    version, change = operations[0]._filter["version"], operations[0]._doc  # noqa: SLF001 - as above
    with translated():
        done = collection.update_many({"_id": {"$in": ids}, "version": version}, change)
        if done.matched_count == len(ids):
            return [True] * len(ids)
        wanted = decode(encode(change["$set"]), collection.codec_options)
        found = {raw["_id"]: raw for raw in collection.find({"_id": {"$in": ids}})}
    ours = {name for name, raw in found.items() if all(raw.get(each) == wanted[each] for each in wanted)}
    if len(ours) == done.matched_count:
        return [each in ours for each in ids]
    further = {name for name, raw in found.items() if raw["version"] > wanted["version"]}
    unknown = TransientError("others changed at the same moment what was changed here")
    return [unknown if each in further else each in ours for each in ids]
