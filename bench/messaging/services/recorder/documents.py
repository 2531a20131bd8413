"""The recorder's documents."""

from mongoengine import StringField

from chassis.mongo import AggregateDocument


class ThingDocument(AggregateDocument):
    """A recorded thing."""

    meta = {"collection": "things", "indexes": []}
    student_id = StringField(required=True)
    title = StringField(required=True)
