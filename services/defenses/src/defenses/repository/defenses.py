"""Defenses in the document store."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository
from defenses.documents import DefenseDocument, PanelSeatEntry
from defenses.domain.defenses import Change, Defense, Note, PanelSeat, Place


class Defenses(AggregateRepository[Defense]):
    """Keeps defenses by their derived ids."""

    document: ClassVar[Any] = DefenseDocument
    student_field = "student_id"

    def to_value(self, document: Any) -> Defense:
        """Return the defense of a document."""
        return Defense(
            defense_id=document.id,
            student_id=document.student_id,
            school_id=document.school_id,
            transition=document.transition,
            school_year=document.school_year,
            revision=document.revision,
            state=document.state,
            starts_at=document.starts_at,
            ends_at=document.ends_at,
            time_zone=document.time_zone,
            room_id=document.room_id,
            room=document.room,
            panel=tuple(PanelSeat(seat.panelist_id, seat.role) for seat in document.panel),
            run_id=document.run_id,
            locked=bool(document.locked),
            accepted_at=document.accepted_at,
            history=tuple(_change(each) for each in document.history),
        )

    def to_fields(self, value: Defense) -> dict[str, Any]:
        """Return the document fields of a defense."""
        return {
            "student_id": value.student_id,
            "school_id": value.school_id,
            "transition": value.transition,
            "school_year": value.school_year,
            "revision": value.revision,
            "state": value.state,
            "starts_at": value.starts_at,
            "ends_at": value.ends_at,
            "time_zone": value.time_zone,
            "room_id": value.room_id,
            "room": value.room,
            "panel": [PanelSeatEntry(panelist_id=seat.panelist_id, role=seat.role) for seat in value.panel],
            "panelist_ids": list(value.panelist_ids),
            "run_id": value.run_id,
            "locked": value.locked,
            "accepted_at": value.accepted_at,
            "history": [asdict(each) for each in value.history],
        }


def stored_place(stored: dict[str, Any]) -> Place:
    """Return the place that `asdict` made storable."""
    return Place(**{**stored, "panel": tuple(PanelSeat(**seat) for seat in stored["panel"])})


def _change(stored: dict[str, Any]) -> Change:
    return Change(
        kind=stored["kind"],
        note=Note(**stored["note"]),
        revision=stored["revision"],
        before=stored_place(stored["before"]),
    )
