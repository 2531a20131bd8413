"""Events of the defenses service, which alone may change this package; a module an area."""

from contracts.defenses import readiness, schedule
from contracts.defenses.readiness import READINESS, READINESS_CHANGED, ReadinessChanged
from contracts.defenses.schedule import DEFENSE_SCHEDULED, DefenseScheduled, Seat

CONTRACTS = (*readiness.CONTRACTS, *schedule.CONTRACTS)

__all__ = [
    "CONTRACTS",
    "DEFENSE_SCHEDULED",
    "READINESS",
    "READINESS_CHANGED",
    "DefenseScheduled",
    "ReadinessChanged",
    "Seat",
]
