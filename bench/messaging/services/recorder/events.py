"""What the recorder hears and says."""

from dataclasses import dataclass

from marshmallow import fields

from contracts.base import Contract, EventSchema


@dataclass(frozen=True, kw_only=True)
class ThingHappened:
    """Something to record."""

    thing_id: str
    student_id: str
    title: str


class ThingHappenedSchema(EventSchema[ThingHappened]):
    """Wire form."""

    event = ThingHappened
    thing_id = fields.String(required=True)
    student_id = fields.String(required=True)
    title = fields.String(required=True)


@dataclass(frozen=True, kw_only=True)
class ThingRecorded:
    """A thing was recorded."""

    thing_id: str
    student_id: str
    title: str


class ThingRecordedSchema(EventSchema[ThingRecorded]):
    """Wire form."""

    event = ThingRecorded
    thing_id = fields.String(required=True)
    student_id = fields.String(required=True)
    title = fields.String(required=True)


THING_HAPPENED = Contract("bench", "thing.happened", 1, ThingHappenedSchema)
THING_RECORDED = Contract("recorder", "thing.recorded", 1, ThingRecordedSchema)
