"""Where the scoring service keeps its tasks and copies, and where it reads the district's policy."""

from scoring.repository.copies import ScorerPool, StaffCopies, StudentCopies
from scoring.repository.policies import POLICIES, DistrictRouting, DistrictRubrics
from scoring.repository.tasks import Tasks, districts_with_queued_tasks

__all__ = [
    "POLICIES",
    "DistrictRouting",
    "DistrictRubrics",
    "ScorerPool",
    "StaffCopies",
    "StudentCopies",
    "Tasks",
    "districts_with_queued_tasks",
]
