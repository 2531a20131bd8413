"""Where the service's values are kept."""

from notifications.repository.due import DueMessage, due_messages, due_tellings
from notifications.repository.messages import MongoMessages
from notifications.repository.policies import DistrictPolicies
from notifications.repository.replies import MongoReplies, MongoSuppressions
from notifications.repository.roster import MongoGuardians, MongoSchools, MongoStudents, roster_of
from notifications.repository.tellings import MongoTellings

__all__ = [
    "DistrictPolicies",
    "DueMessage",
    "MongoGuardians",
    "MongoMessages",
    "MongoReplies",
    "MongoSchools",
    "MongoStudents",
    "MongoSuppressions",
    "MongoTellings",
    "due_messages",
    "due_tellings",
    "roster_of",
]
