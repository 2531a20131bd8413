"""Weights of routes as a document, and how texts fare: of all districts, for they share the routes."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from chassis.mongo import AggregateRepository, translated
from notifications.documents import MessageDocument, RouteChangePart, RoutesDocument
from notifications.domain.messages import State
from notifications.domain.roster import Channel
from notifications.domain.routes import RouteReason, RouteRules, Speed, WeightChange, Weights

#: The newest texts tell how fast a route is.
_SAMPLE = 500


class MongoWeights(AggregateRepository[Weights]):
    """Keeps weights."""

    document = RoutesDocument

    def to_fields(self, value: Weights) -> dict[str, Any]:
        """Return the document's fields."""
        return {
            "weights": dict(value.by_route),
            "changes": [
                RouteChangePart(at=each.at, reason=each.reason.value, weights=dict(each.weights))
                for each in value.changes
            ],
        }

    def to_value(self, document: Any) -> Weights:
        """Return the weights."""
        return Weights(
            by_route=dict(document.weights),
            changes=tuple(
                WeightChange(at=each.at, reason=RouteReason(each.reason), weights=dict(each.weights))
                for each in document.changes
            ),
        )


def unreceipted_texts(*, limit: int) -> Mapping[str, list[tuple[str, datetime]]]:
    """Return, by district, ids and times of the texts that have waited longest for a receipt."""
    found: dict[str, list[tuple[str, datetime]]] = {}
    with translated():
        rows = _texts(State.SENT, {"district": 1, "sent_at": 1}).sort("sent_at", 1).limit(limit)
        for row in rows:
            found.setdefault(row["district"], []).append((row["_id"], row["sent_at"]))
    return found


def speeds(names: Collection[str], *, now: datetime, rules: RouteRules) -> Mapping[str, Speed]:
    """Return how fast each route was of late, by the newest texts of which it can be said.

    Args:
        names: of the routes.
        now: the time.
        rules: since when, and what is slow.
    """
    since = now - timedelta(seconds=rules.slow_within_s)
    slow_after = timedelta(seconds=rules.slow_after_s)
    # What went out later may yet be slow: counted with those that were quick, it would hide the slow ones.
    sent_at = {"$gte": since, "$lt": now - slow_after}
    fields = {"route": 1, "state": 1, "sent_at": 1, "changed_at": 1}
    with translated():
        found = [
            row
            for state in (State.SENT, State.DELIVERED)
            for row in _texts(state, fields, sent_at=sent_at).sort("sent_at", -1).limit(_SAMPLE)
        ]
    counts = {name: [0, 0] for name in names}
    for row in sorted(found, key=lambda each: each["sent_at"], reverse=True)[:_SAMPLE]:
        if row.get("route") in counts:
            waits = row["state"] == State.SENT
            counts[row["route"]][0] += 1
            counts[row["route"]][1] += waits or row["changed_at"] - row["sent_at"] > slow_after
    return {name: Speed(texts=texts, slow=slow) for name, (texts, slow) in counts.items()}


def _texts(state: State, fields: Mapping[str, int], **more: Any) -> Any:
    query = {"state": state.value, "channel": Channel.SMS.value, **more}
    return MessageDocument._get_collection().find(query, fields)  # noqa: SLF001 - the driver's collection
