"""Documents: aggregates that remember what they were told and said, and copies of others' aggregates."""

from chassis.mongo.aggregates import AggregateRepository, Decide
from chassis.mongo.connection import answers, connect, disconnect, ping, translated
from chassis.mongo.documents import (
    AggregateDocument,
    ReplicaDocument,
    aggregates_of,
    create_indexes,
    documents_of,
    oldest_pending,
)
from chassis.mongo.queries import Page, Reader
from chassis.mongo.replicas import ReplicaRepository

__all__ = [
    "AggregateDocument",
    "AggregateRepository",
    "Decide",
    "Page",
    "Reader",
    "ReplicaDocument",
    "ReplicaRepository",
    "aggregates_of",
    "answers",
    "connect",
    "create_indexes",
    "disconnect",
    "documents_of",
    "oldest_pending",
    "ping",
    "translated",
]
