"""Domain values in the document store."""

from scoring.repository.calibration import Papers, ScorerRecords
from scoring.repository.conflicts import Conflicts
from scoring.repository.copies import StaffCopies, StudentCopies
from scoring.repository.desks import Desks
from scoring.repository.monitoring import (
    DistrictBook,
    EquityRows,
    NightlyRuns,
    QualityRows,
    nights_id_of,
)
from scoring.repository.queue import LaneBook, TaskQueue
from scoring.repository.rubrics import RubricShelf, RubricVersions
from scoring.repository.tasks import Tasks, due_tasks

__all__ = [
    "Conflicts",
    "Desks",
    "DistrictBook",
    "EquityRows",
    "LaneBook",
    "NightlyRuns",
    "Papers",
    "QualityRows",
    "RubricShelf",
    "RubricVersions",
    "ScorerRecords",
    "StaffCopies",
    "StudentCopies",
    "TaskQueue",
    "Tasks",
    "due_tasks",
    "nights_id_of",
]
