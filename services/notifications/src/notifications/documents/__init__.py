"""The documents of the notifications service and their indexes, a module an area."""

from chassis.disclosures import DisclosureDocument
from notifications.documents.families import (
    ChangePart,
    ChoicePart,
    ConsentPart,
    FamilyFeedDocument,
    GuardianCopy,
    PreferencesDocument,
    QuietChangePart,
    RelationPart,
    ReplyDocument,
    SchoolCopy,
    StudentCopy,
    SuppressionDocument,
)
from notifications.documents.reaching import ObstaclePart, ReachDocument, RouteChangePart, RoutesDocument
from notifications.documents.telling import (
    GATHERED,
    ContentPart,
    FormPart,
    ItemPart,
    MessageDocument,
    PlacePart,
    TellingDocument,
)

__all__ = [
    "GATHERED",
    "ChangePart",
    "ChoicePart",
    "ConsentPart",
    "ContentPart",
    "DisclosureDocument",
    "FamilyFeedDocument",
    "FormPart",
    "GuardianCopy",
    "ItemPart",
    "MessageDocument",
    "ObstaclePart",
    "PlacePart",
    "PreferencesDocument",
    "QuietChangePart",
    "ReachDocument",
    "RelationPart",
    "ReplyDocument",
    "RouteChangePart",
    "RoutesDocument",
    "SchoolCopy",
    "StudentCopy",
    "SuppressionDocument",
    "TellingDocument",
]
