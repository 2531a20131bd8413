"""Domain values in the document store."""

from defenses.repository.calendars import Availabilities, Families
from defenses.repository.candidates import Candidates
from defenses.repository.defenses import Defenses
from defenses.repository.feeds import Feeds
from defenses.repository.hearings import Calibrations, Hearings
from defenses.repository.leases import DistrictLeases, LeaseLostError
from defenses.repository.milestones import (
    Milestones,
    MilestoneSweeps,
    RosterStudents,
    SchoolEvents,
    districts_with_unapplied_events,
)
from defenses.repository.pupils import Pupils
from defenses.repository.readiness_sweeps import ReadinessSweeps, districts_with_schools
from defenses.repository.repairs import Repairs, districts_with_repairs_under_way
from defenses.repository.roster import Schools, StaffMembers
from defenses.repository.runs import ScheduleRuns, districts_with_open_runs
from defenses.repository.turns import ScheduleTurns

__all__ = [
    "Availabilities",
    "Calibrations",
    "Candidates",
    "Defenses",
    "DistrictLeases",
    "Families",
    "Feeds",
    "Hearings",
    "LeaseLostError",
    "MilestoneSweeps",
    "Milestones",
    "Pupils",
    "ReadinessSweeps",
    "Repairs",
    "RosterStudents",
    "ScheduleRuns",
    "ScheduleTurns",
    "SchoolEvents",
    "Schools",
    "StaffMembers",
    "districts_with_open_runs",
    "districts_with_repairs_under_way",
    "districts_with_schools",
    "districts_with_unapplied_events",
]
