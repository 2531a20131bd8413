"""Where the service's values are kept."""

from notifications.repository.messages import MongoMessages, due_digest_items, due_messages
from notifications.repository.policies import DistrictPolicies
from notifications.repository.replies import MongoReplies, MongoSuppressions
from notifications.repository.roster import MongoGuardians, MongoSchools, MongoStudents, roster_of
from notifications.repository.tellings import MongoTellings, due_tellings
from notifications.repository.wishes import MongoWishes

__all__ = [
    "DistrictPolicies",
    "MongoGuardians",
    "MongoMessages",
    "MongoReplies",
    "MongoSchools",
    "MongoStudents",
    "MongoSuppressions",
    "MongoTellings",
    "MongoWishes",
    "due_digest_items",
    "due_messages",
    "due_tellings",
    "roster_of",
]
