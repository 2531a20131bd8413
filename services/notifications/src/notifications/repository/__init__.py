"""Where the service's values are kept."""

from notifications.repository.due import DueMessage, due_digest_items, due_messages, due_tellings
from notifications.repository.feeds import MongoFamilyFeeds
from notifications.repository.messages import MongoMessages
from notifications.repository.policies import DistrictPolicies
from notifications.repository.reaches import MongoReaches, due_reaches, unreached_by_school
from notifications.repository.replies import MongoReplies, MongoSuppressions
from notifications.repository.roster import MongoGuardians, MongoSchools, MongoStudents, roster_of
from notifications.repository.routes import MongoWeights, speeds, unreceipted_texts
from notifications.repository.tellings import MongoTellings
from notifications.repository.wishes import MongoWishes

__all__ = [
    "DistrictPolicies",
    "DueMessage",
    "MongoFamilyFeeds",
    "MongoGuardians",
    "MongoMessages",
    "MongoReaches",
    "MongoReplies",
    "MongoSchools",
    "MongoStudents",
    "MongoSuppressions",
    "MongoTellings",
    "MongoWeights",
    "MongoWishes",
    "due_digest_items",
    "due_messages",
    "due_reaches",
    "due_tellings",
    "roster_of",
    "speeds",
    "unreached_by_school",
    "unreceipted_texts",
]
