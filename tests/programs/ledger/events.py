"""What the ledger hears and says; its producers exist in tests only.

`LEDGER_SCHEMA=next` makes a process of the next release, whose event has one more, optional field: the change
that a contract allows without a new version, so that old and new processes run side by side.
"""

import os
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


@dataclass(frozen=True, kw_only=True)
class NextEffectRecorded(EffectRecorded):
    """The same in the next release; older producers do not say the note."""

    note: str | None = None


class NextEffectRecordedSchema(EffectRecordedSchema):
    """Wire form of the next release."""

    event = NextEffectRecorded
    note = fields.String(load_default=None, allow_none=True)


IS_NEXT = os.environ.get("LEDGER_SCHEMA") == "next"

THING_HAPPENED = Contract("probe", "thing.happened", 1, ThingHappenedSchema)
EFFECT_RECORDED = Contract(
    "ledger", "effect.recorded", 1, NextEffectRecordedSchema if IS_NEXT else EffectRecordedSchema
)


def recorded(thing_id: str, times: int) -> EffectRecorded:
    """Return the event as this release says it."""
    if IS_NEXT:
        return NextEffectRecorded(thing_id=thing_id, times=times, note=f"the {times}th")
    return EffectRecorded(thing_id=thing_id, times=times)
