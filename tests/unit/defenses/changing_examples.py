"""A desk for changes, with one school and its defenses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.unit.defenses.defenses_examples import NOW, Desk, Memory, availability

from defenses.domain.availability import Availability, PublishedAvailability
from defenses.domain.defenses import Defense, Note
from defenses.domain.repairing.repairs import Repair


@dataclass
class ChangeDesk(Desk):
    """Everything that changes need, in memory."""

    repairs: Memory[Repair] = field(default_factory=Memory)

    @property
    def school(self) -> Availability:
        """What the school east offers."""
        return self.availabilities.values["east"].availability


def change_desk(*defenses: Defense, now: datetime = NOW, **availability_changes: Any) -> ChangeDesk:
    desk = ChangeDesk(now=now)
    desk.defenses.values.update({each.defense_id: each for each in defenses})
    desk.availabilities.values["east"] = PublishedAvailability(
        school_id="east", availability=availability(**availability_changes), published_at=NOW
    )
    return desk


def note(cause: str = "coordinator") -> Note:
    return Note(cause=cause, reason="It is better so.", by="c-1", at=NOW)
