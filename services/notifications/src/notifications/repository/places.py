"""Places as parts of documents."""

from typing import Any

from notifications.domain.facts import Place


def place_part(place: Place) -> dict[str, Any]:
    """Return the part's fields; an empty room is not stored."""
    return {
        "starts_at": place.starts_at,
        "ends_at": place.ends_at,
        "time_zone": place.time_zone,
        "room": place.room or None,
    }


def place_of(part: Any) -> Place:
    """Return the place."""
    return Place(
        starts_at=part.starts_at, ends_at=part.ends_at, time_zone=part.time_zone, room=part.room or ""
    )
