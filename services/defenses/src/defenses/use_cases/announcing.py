"""What families, panelists and other services hear when a defense is not what it was."""

from __future__ import annotations

from typing import Any

from contracts.base import Fact
from contracts.defenses import (
    DEFENSE_CANCELLED,
    DEFENSE_MOVED,
    DEFENSE_RESEATED,
    DEFENSE_SCHEDULED,
    DefenseCancelled,
    DefenseMoved,
    DefenseReseated,
    DefenseScheduled,
    Seat,
)
from defenses.domain.defenses import SCHEDULED, UNPLACED, Defense, PanelSeat


def news(before: Defense | None, after: Defense) -> list[Fact]:
    """Return the events that lie between two states of a defense; of a draft nobody hears."""
    known = before is not None and before.state == SCHEDULED
    if after.state == SCHEDULED and not known:
        return [DEFENSE_SCHEDULED.says(DefenseScheduled(**_whereabouts(after)))]
    if before is None or not known:
        return []
    if after.state != SCHEDULED:
        return [DEFENSE_CANCELLED.says(_cancelled(before, after))]
    if before.place == after.place:
        return []
    told = {**_whereabouts(after), **_previous(before), **_why(after)}
    if after.revision == before.revision:
        return [DEFENSE_RESEATED.says(DefenseReseated(**told))]
    return [DEFENSE_MOVED.says(DefenseMoved(**told))]


def _cancelled(before: Defense, after: Defense) -> DefenseCancelled:
    return DefenseCancelled(
        defense_id=after.defense_id,
        revision=after.revision,
        student_id=after.student_id,
        # Of a student who moved, the school at which it would have been.
        school_id=before.school_id,
        transition=after.transition,
        starts_at=before.starts_at,
        time_zone=before.time_zone,
        to_be_rescheduled=after.state == UNPLACED,
        **_why(after),
    )


def _whereabouts(defense: Defense) -> dict[str, Any]:
    return {
        "defense_id": defense.defense_id,
        "revision": defense.revision,
        "student_id": defense.student_id,
        "school_id": defense.school_id,
        "transition": defense.transition,
        "starts_at": defense.starts_at,
        "ends_at": defense.ends_at,
        "time_zone": defense.time_zone,
        "room": defense.room,
        "panel": _seats(defense.panel),
    }


def _previous(before: Defense) -> dict[str, Any]:
    return {
        "previous_starts_at": before.starts_at,
        "previous_ends_at": before.ends_at,
        "previous_room": before.room,
        "previous_panel": _seats(before.panel),
    }


def _why(after: Defense) -> dict[str, Any]:
    note = after.history[-1].note
    return {"cause": note.cause, "reason": note.reason}


def _seats(panel: tuple[PanelSeat, ...]) -> tuple[Seat, ...]:
    return tuple(Seat(panelist_id=seat.panelist_id, role=seat.role) for seat in panel)
