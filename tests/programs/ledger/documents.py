"""The ledger's documents."""

from mongoengine import IntField

from chassis.mongo import AggregateDocument, ReplicaDocument


class EffectDocument(AggregateDocument):
    """How often a thing was recorded."""

    meta = {"collection": "effects", "indexes": [{"fields": ["district"]}]}
    times = IntField(required=True)


class EchoDocument(ReplicaDocument):
    """What the ledger heard itself say."""

    meta = {"collection": "echoes", "indexes": [{"fields": ["district"]}]}
    times = IntField(required=True)
