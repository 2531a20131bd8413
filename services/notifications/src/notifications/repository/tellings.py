"""Facts on their way, as documents."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.mongo import AggregateRepository
from notifications.documents import TellingDocument
from notifications.domain.facts import Defense
from notifications.domain.tellings import Missing, Telling, TellingState
from notifications.repository.due import due_by_district

_OF_DEFENSE = ("revision", "student_id", "school_id", "starts_at", "ends_at", "time_zone")


class MongoTellings(AggregateRepository[Telling]):
    """Keeps facts on their way."""

    document = TellingDocument
    student_field = "student_id"

    def counts(self) -> Mapping[TellingState, int]:
        """Return how many facts are in each state."""
        return {state: self.count(state=state.value) for state in TellingState}

    def to_fields(self, value: Telling) -> dict[str, Any]:
        """Return the document's fields."""
        return {
            **{name: getattr(value.defense, name) for name in _OF_DEFENSE},
            "room": value.defense.room or None,
            "cancelled": value.defense.cancelled or None,
            "to_be_rescheduled": value.defense.to_be_rescheduled or None,
            "state": value.state.value,
            "since": value.since,
            "due": True if value.due_at else None,
            "due_at": value.due_at,
            "looks": value.looks,
            "missing": [each.value for each in value.missing],
        }

    def to_value(self, document: Any) -> Telling:
        """Return the fact."""
        return Telling(
            defense=Defense(
                defense_id=document.id,
                **{name: getattr(document, name) for name in _OF_DEFENSE},
                room=document.room or "",
                cancelled=bool(document.cancelled),
                to_be_rescheduled=bool(document.to_be_rescheduled),
            ),
            state=TellingState(document.state),
            since=document.since,
            due_at=document.due_at,
            looks=document.looks,
            missing=tuple(Missing(each) for each in document.missing),
        )


def due_tellings(*, now: datetime, limit: int) -> Mapping[str, list[str]]:
    """Return the ids of due facts by district."""
    return due_by_district(TellingDocument, now=now, limit=limit)
