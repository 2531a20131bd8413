"""Changes to many documents as one statement, which costs a store less than half of as many statements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from bson import decode, encode
from pymongo import UpdateOne

from chassis.errors import TransientError
from chassis.mongo.connection import translated

#: Changes of one statement: a store looks through them for each of its documents.
_MOST = 66


def together(operations: Sequence[Any]) -> Iterator[list[int]]:
    """Yield the places of operations that can go as one statement, where there are several.

    They change documents that were read at one version, and take the same fields away. Of two changes to one
    document the first goes along; the other is late in any case.
    """
    groups: dict[Any, dict[Any, int]] = {}
    for place, each in enumerate(operations):
        if isinstance(each, UpdateOne) and each._filter.keys() == {"_id", "version"}:  # noqa: SLF001 - it tells nobody else
            known = groups.setdefault((each._filter["version"], *_gone(each)), {})  # noqa: SLF001 - as above
            known.setdefault(each._filter["_id"], place)  # noqa: SLF001 - as above
    for known in groups.values():
        places = list(known.values())
        for start in range(0, len(places), _MOST):
            some = places[start : start + _MOST]
            if len(some) > 1:
                yield some


def write_together(collection: Any, operations: Sequence[Any]) -> list[bool | Exception]:
    """Change documents that are at the version that was read, each in its own way.

    How many were changed is all that a store says. If some were not, it is asked how they are now: the next
    version is either ours, or the rival's that was faster. Where others have gone further, the count tells:
    if all that were changed are found, the others are not ours.

    Returns:
        For each whether it was written; a TransientError where nobody can say.

    Raises:
        StoreUnavailableError: if the store does not answer.
    """
    changes = {each._filter["_id"]: each._doc["$set"] for each in operations}  # noqa: SLF001 - as above
    ids = list(changes)
    # The version is asked for here and not by the query: the embedded store goes through all indexes to plan
    # a query of two fields, which takes it as long as a change.
    is_as_read = {"$eq": ["$version", operations[0]._filter["version"]]}  # noqa: SLF001 - as above
    ours = {
        "$arrayElemAt": [{"$literal": list(changes.values())}, {"$indexOfArray": [{"$literal": ids}, "$_id"]}]
    }
    changed = {"$cond": [is_as_read, {"$mergeObjects": ["$$ROOT", ours]}, "$$ROOT"]}
    stages: list[dict[str, Any]] = [{"$replaceWith": changed}]
    gone = _gone(operations[0])
    if gone:
        kept = {name: {"$cond": [is_as_read, "$$REMOVE", f"${name}"]} for name in gone}
        stages.insert(0, {"$set": kept})
    with translated():
        done = collection.update_many({"_id": {"$in": ids}}, stages)
        if done.modified_count == len(ids):
            return [True] * len(ids)
        found = {raw["_id"]: raw for raw in collection.find({"_id": {"$in": ids}})}
    return _outcomes(changes, found, done.modified_count, collection.codec_options)


def _outcomes(
    changes: dict[Any, dict[str, Any]], found: dict[Any, dict[str, Any]], written: int, options: Any
) -> list[bool | Exception]:
    wanted = {name: decode(encode(change), options) for name, change in changes.items()}
    ours = {
        name
        for name, raw in found.items()
        if all(raw.get(each) == value for each, value in wanted[name].items())
    }
    if len(ours) == written:
        return [each in ours for each in changes]
    further = {name for name, raw in found.items() if raw["version"] > wanted[name]["version"]}
    unknown = TransientError("others changed at the same moment what was changed here")
    return [unknown if each in further else each in ours for each in changes]


def _gone(operation: UpdateOne) -> tuple[str, ...]:
    return tuple(operation._doc.get("$unset", ()))  # type: ignore[union-attr]  # noqa: SLF001 - as above
