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


class HearingDocument(AggregateDocument):
    """How often the ledger heard itself; unlike an echo, it counts each event."""

    meta = {"collection": "hearings", "indexes": [{"fields": ["district"]}]}
    times = IntField(required=True)
