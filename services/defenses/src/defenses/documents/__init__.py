"""The documents of the defenses service and their indexes, a module an area."""

from defenses.documents.calendars import AvailabilityDocument, FamilyWindowsDocument
from defenses.documents.candidates import CandidateDocument, EvidenceEntry
from defenses.documents.roster import PostAt, SchoolCopy, StaffCopy
from defenses.documents.scheduling import (
    DefenseDocument,
    DistrictLeaseDocument,
    PanelSeatEntry,
    ScheduleRunDocument,
)

__all__ = [
    "AvailabilityDocument",
    "CandidateDocument",
    "DefenseDocument",
    "DistrictLeaseDocument",
    "EvidenceEntry",
    "FamilyWindowsDocument",
    "PanelSeatEntry",
    "PostAt",
    "ScheduleRunDocument",
    "SchoolCopy",
    "StaffCopy",
]
