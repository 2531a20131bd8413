"""Watches over families as documents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.mongo import AggregateRepository, translated
from notifications.documents import ObstaclePart, ReachDocument
from notifications.domain.reach import Obstacle, Reach, ReachState, ToldHow
from notifications.domain.reasons import Reason
from notifications.domain.roster import Channel
from notifications.repository.due import due_by_district

#: Fields that document and value name and hold alike.
_ALIKE = (
    "revision",
    "student_id",
    "school_id",
    "deadline",
    "since",
    "due_at",
    "looks",
    "listed_at",
    "announced_at",
    "closed_at",
)


class MongoReaches(AggregateRepository[Reach]):
    """Keeps watches."""

    document = ReachDocument
    student_field = "student_id"

    def to_fields(self, value: Reach) -> dict[str, Any]:
        """Return the document's fields; empty texts are not stored."""
        return {
            **{name: getattr(value, name) for name in _ALIKE},
            "state": value.state.value,
            "due": True if value.due_at else None,
            "obstacles": [_part(each) for each in value.obstacles],
            "closed_by": value.closed_by or None,
            "told_how": value.told_how.value if value.told_how else None,
            "note": value.note or None,
            "heard_by_hand": value.heard_by_hand or None,
        }

    def to_value(self, document: Any) -> Reach:
        """Return the watch."""
        return Reach(
            **{name: getattr(document, name) for name in _ALIKE},
            fact_id=document.id,
            state=ReachState(document.state),
            obstacles=tuple(_obstacle(each) for each in document.obstacles),
            closed_by=document.closed_by or "",
            told_how=ToldHow(document.told_how) if document.told_how else None,
            note=document.note or "",
            heard_by_hand=bool(document.heard_by_hand),
        )


def due_reaches(*, now: datetime, limit: int) -> Mapping[str, list[str]]:
    """Return the ids of due watches by district."""
    return due_by_district(ReachDocument, now=now, limit=limit)


def unreached_by_school() -> Mapping[tuple[str, str], int]:
    """Return how many families are on the list, by district and school: of all districts together."""
    stages: list[dict[str, Any]] = [
        {"$match": {"state": ReachState.UNREACHED.value}},
        {"$group": {"_id": {"district": "$district", "school": "$school_id"}, "count": {"$sum": 1}}},
    ]
    with translated():
        rows = list(ReachDocument._get_collection().aggregate(stages))  # noqa: SLF001 - the driver's collection
    return {(row["_id"]["district"], row["_id"]["school"]): int(row["count"]) for row in rows}


def _part(obstacle: Obstacle) -> ObstaclePart:
    return ObstaclePart(
        guardian_id=obstacle.guardian_id,
        channel=obstacle.channel.value if obstacle.channel else None,
        reason=obstacle.reason.value,
    )


def _obstacle(part: Any) -> Obstacle:
    return Obstacle(
        guardian_id=part.guardian_id,
        channel=Channel(part.channel) if part.channel else None,
        reason=Reason(part.reason),
    )
