"""Domain values as documents and back; state and events in one write."""

from artifacts.repository.artifacts import ArtifactRepository, used_contents
from artifacts.repository.copies import ReadinessCopies, ScoreCopies
from artifacts.repository.images import ConcurrentImportError, RosterImages
from artifacts.repository.roster import (
    GuardianRepository,
    SchoolRepository,
    StaffRepository,
    StudentRepository,
)

__all__ = [
    "ArtifactRepository",
    "ConcurrentImportError",
    "GuardianRepository",
    "ReadinessCopies",
    "RosterImages",
    "SchoolRepository",
    "ScoreCopies",
    "StaffRepository",
    "StudentRepository",
    "used_contents",
]
