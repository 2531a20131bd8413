"""What the ledger hears and says; its producers exist in tests only."""

from dataclasses import dataclass

from marshmallow import fields

from contracts.base import Contract, EventSchema


@dataclass(frozen=True, kw_only=True)
class ThingHappened:
    """Something to record; `behaviour` tells the handler how to fail."""

    thing_id: str
    behaviour: str


class ThingHappenedSchema(EventSchema[ThingHappened]):
    """Wire form."""

    event = ThingHappened
    thing_id = fields.String(required=True)
    behaviour = fields.String(required=True)


@dataclass(frozen=True, kw_only=True)
class EffectRecorded:
    """A thing was recorded, for the `times`th time."""

    thing_id: str
    times: int


class EffectRecordedSchema(EventSchema[EffectRecorded]):
    """Wire form."""

    event = EffectRecorded
    thing_id = fields.String(required=True)
    times = fields.Integer(required=True, strict=True)


THING_HAPPENED = Contract("probe", "thing.happened", 1, ThingHappenedSchema)
EFFECT_RECORDED = Contract("ledger", "effect.recorded", 1, EffectRecordedSchema)
