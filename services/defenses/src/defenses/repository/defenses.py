"""Defenses in the document store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository, Decide
from chassis.outbox import UnitOfWork
from defenses.documents import DefenseDocument, PanelSeatEntry
from defenses.domain.defenses import Change, Defense, Note, PanelSeat, Place


class Defenses(AggregateRepository[Defense]):
    """Keeps defenses by their derived ids.

    Args:
        work: the unit of work.
        keep_turn: called before each write; raises if the schedule is somebody else's to change by now.
    """

    document: ClassVar[Any] = DefenseDocument
    student_field = "student_id"

    def __init__(self, work: UnitOfWork, keep_turn: Callable[[], None] = lambda: None) -> None:
        super().__init__(work)
        self._keep_turn = keep_turn

    def change(self, aggregate_id: str, decide: Decide[Defense]) -> Defense | None:
        """Change one defense while the turn is ours."""
        self._keep_turn()
        return super().change(aggregate_id, decide)

    def change_many(self, changes: Sequence[tuple[str, Decide[Defense]]]) -> int:
        """Change many defenses while the turn is ours."""
        if not changes:
            return 0
        self._keep_turn()
        return super().change_many(changes)

    def _value(self, raw: dict[str, Any]) -> Defense:
        # Not by way of mongoengine: a change looks at all defenses of a school, and those of its people.
        return Defense(
            defense_id=raw["_id"],
            student_id=raw["student_id"],
            school_id=raw["school_id"],
            transition=raw["transition"],
            school_year=raw["school_year"],
            revision=raw["revision"],
            state=raw["state"],
            starts_at=raw["starts_at"],
            ends_at=raw["ends_at"],
            time_zone=raw["time_zone"],
            room_id=raw["room_id"],
            room=raw["room"],
            panel=tuple(PanelSeat(seat["panelist_id"], seat["role"]) for seat in raw["panel"]),
            run_id=raw["run_id"],
            locked=raw.get("locked", False),
            accepted_at=raw.get("accepted_at"),
            history=tuple(_change(each) for each in raw.get("history", ())),
            attempt=raw.get("attempt", 1),
            interpreter=raw.get("interpreter"),
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
            "attempt": value.attempt,
            "interpreter": value.interpreter,
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
