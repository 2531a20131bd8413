"""Domain values in the document store."""

from defenses.repository.calendars import Availabilities, Families
from defenses.repository.candidates import Candidates
from defenses.repository.defenses import Defenses
from defenses.repository.leases import DistrictLeases, LeaseLostError
from defenses.repository.roster import Schools, StaffMembers
from defenses.repository.runs import ScheduleRuns, districts_with_open_runs

__all__ = [
    "Availabilities",
    "Candidates",
    "Defenses",
    "DistrictLeases",
    "Families",
    "LeaseLostError",
    "ScheduleRuns",
    "Schools",
    "StaffMembers",
    "districts_with_open_runs",
]
