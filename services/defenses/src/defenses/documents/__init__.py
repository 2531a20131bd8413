"""The documents of the defenses service and their indexes, a module an area."""

from chassis.disclosures import DisclosureDocument
from defenses.documents.calendars import AvailabilityDocument, FamilyWindowsDocument
from defenses.documents.candidates import CandidateDocument, ReadinessSweepDocument
from defenses.documents.feeds import FeedDocument
from defenses.documents.hearings import CalibrationDocument, HearingDocument
from defenses.documents.milestones import (
    MilestoneDocument,
    MilestoneSweepDocument,
    SchoolEventDocument,
)
from defenses.documents.roster import PostAt, SchoolCopy, StaffCopy
from defenses.documents.scheduling import (
    DefenseDocument,
    DistrictLeaseDocument,
    PanelSeatEntry,
    RepairDocument,
    ScheduleRunDocument,
)

__all__ = [
    "AvailabilityDocument",
    "CalibrationDocument",
    "CandidateDocument",
    "DefenseDocument",
    "DisclosureDocument",
    "DistrictLeaseDocument",
    "FamilyWindowsDocument",
    "FeedDocument",
    "HearingDocument",
    "MilestoneDocument",
    "MilestoneSweepDocument",
    "PanelSeatEntry",
    "PostAt",
    "ReadinessSweepDocument",
    "RepairDocument",
    "ScheduleRunDocument",
    "SchoolCopy",
    "SchoolEventDocument",
    "StaffCopy",
]
