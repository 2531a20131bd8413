"""Where the service's values are kept."""

from notifications.repository.feeds import MongoFamilyFeeds
from notifications.repository.messages import MongoMessages, due_messages
from notifications.repository.policies import DistrictPolicies
from notifications.repository.replies import MongoReplies, MongoSuppressions
from notifications.repository.roster import MongoGuardians, MongoSchools, MongoStudents, roster_of
from notifications.repository.tellings import MongoTellings, due_tellings

__all__ = [
    "DistrictPolicies",
    "MongoFamilyFeeds",
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
