"""The ledger's documents; in the next release some have a note, which older processes leave alone."""

from mongoengine import IntField, StringField

from chassis.mongo import AggregateDocument, ReplicaDocument
from ledger.events import IS_NEXT


class EffectDocument(AggregateDocument):
    """How often a thing was recorded."""

    meta = {"collection": "effects", "indexes": [{"fields": ["district"]}]}
    times = IntField(required=True)
    if IS_NEXT:
        note = StringField()


class EchoDocument(ReplicaDocument):
    """What the ledger heard itself say."""

    meta = {"collection": "echoes", "indexes": [{"fields": ["district"]}]}
    times = IntField(required=True)
    if IS_NEXT:
        note = StringField()


class HearingDocument(AggregateDocument):
    """How often the ledger heard itself; unlike an echo, it counts each event."""

    meta = {"collection": "hearings", "indexes": [{"fields": ["district"]}]}
    times = IntField(required=True)
