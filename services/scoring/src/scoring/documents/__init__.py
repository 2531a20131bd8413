"""The documents of the scoring service and their indexes, a module an area."""

from chassis.disclosures import DisclosureDocument
from scoring.documents.calibration import PaperDocument, ScorerRecordDocument
from scoring.documents.monitoring import (
    BucketDocument,
    EquityRowDocument,
    NightsDocument,
    QualityRowDocument,
)
from scoring.documents.roster import PostAt, StaffCopy, StudentCopy
from scoring.documents.rubrics import RubricVersionDocument
from scoring.documents.tasks import DeskDocument, TaskDocument

__all__ = [
    "BucketDocument",
    "DeskDocument",
    "DisclosureDocument",
    "EquityRowDocument",
    "NightsDocument",
    "PaperDocument",
    "PostAt",
    "QualityRowDocument",
    "RubricVersionDocument",
    "ScorerRecordDocument",
    "StaffCopy",
    "StudentCopy",
    "TaskDocument",
]
