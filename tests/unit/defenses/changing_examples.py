"""A desk for changes, with one school and its defenses."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from tests.unit.defenses.defenses_examples import NOW, Desk, Memory, availability

from defenses.domain.availability import Availability, PublishedAvailability
from defenses.domain.defenses import Defense, Note
from defenses.domain.repairing.placing import Disruption
from defenses.domain.repairing.policy import ChangePolicy
from defenses.domain.repairing.repairs import Repair

CHANGES = ChangePolicy(
    version="1",
    frozen=timedelta(hours=24),
    disruption=Disruption(time=100, room=20, day=5, seat=10),
    offers=3,
    choose_before=timedelta(hours=72),
    evening=time(9, 30),
)


@dataclass
class ChangeDesk(Desk):
    """Everything that changes need, in memory."""

    repairs: Memory[Repair] = field(default_factory=Memory)
    changes: ChangePolicy = CHANGES

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
