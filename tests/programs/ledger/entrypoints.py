"""The ledger's entrypoints; each behaviour is one that a chassis must survive."""

import os
import signal
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

import eventlet
from marshmallow import Schema, fields

from chassis.auth import Permission, Role
from chassis.errors import TransientError
from chassis.http import Call, PageQuerySchema, page_schema, route
from chassis.messaging import consumes
from chassis.mongo import AggregateRepository, ReplicaRepository
from chassis.outbox import UnitOfWork
from chassis.service import Service
from ledger.documents import EchoDocument, EffectDocument, HearingDocument
from ledger.events import EFFECT_RECORDED, IS_NEXT, THING_HAPPENED, EffectRecorded, ThingHappened, recorded

RECORD = Permission("ledger.record", [Role.PORTAL])
SLOW_S = 2.0
#: Longer than the broker waits for an acknowledgement, and for a heartbeat, while a fault has it wait less.
HANG_S = 12.0
HOG_S = 8.0


class ThingRefusedError(ValueError):
    """The ledger does not take this thing."""

    field = "thing_id"


@dataclass(frozen=True)
class Effect:
    """How often a thing was recorded."""

    thing_id: str
    times: int


class Effects(AggregateRepository[Effect]):
    """The effects."""

    document = EffectDocument

    def to_value(self, document: Any) -> Effect:
        return Effect(document.id, document.times)

    def to_fields(self, value: Effect) -> dict[str, Any]:
        return {"times": value.times, **({"note": f"the {value.times}th"} if IS_NEXT else {})}


class Hearings(Effects):
    """How often the ledger heard itself: an effect of every event, where an echo is one of the newest."""

    document = HearingDocument

    def to_fields(self, value: Effect) -> dict[str, Any]:
        return {"times": value.times}


class Echoes(ReplicaRepository[Effect]):
    """The echoes."""

    document = EchoDocument

    def to_value(self, document: Any) -> Effect:
        return Effect(document.id, document.times)


class EffectSchema(Schema):
    """A recorded effect."""

    thing_id = fields.String(required=True)
    times = fields.Integer(required=True)


class RecordSchema(Schema):
    """What a caller asks to record."""

    thing_id = fields.String(required=True)


def record(effects: Effects, thing_id: str) -> Effect | None:
    """Count one more."""

    def decide(current: Effect | None) -> Any:
        times = 1 if current is None else current.times + 1
        return Effect(thing_id, times), [EFFECT_RECORDED.says(recorded(thing_id, times))]

    return effects.change(thing_id, decide)


def count(hearings: Hearings, thing_id: str) -> None:
    """Count one more, and tell nobody."""

    def decide(current: Effect | None) -> Any:
        return Effect(thing_id, 1 if current is None else current.times + 1), []

    hearings.change(thing_id, decide)


_seen: Counter[str] = Counter()


class LedgerService(Service):
    """Records things."""

    name = "ledger"
    title = "Ledger"
    problems = {ThingRefusedError: 422}

    @consumes(THING_HAPPENED)
    def on_thing_happened(self, event: ThingHappened, work: UnitOfWork) -> None:
        """Behave as told, then record."""
        _seen[work.cause] += 1
        behave(event, _seen[work.cause])
        record(Effects(work), event.thing_id)

    @consumes(EFFECT_RECORDED)
    def on_effect_recorded(self, event: EffectRecorded, work: UnitOfWork) -> None:
        """Keep a copy of what was said, and count that it was."""
        note = {"note": getattr(event, "note", None)} if IS_NEXT else {}
        Echoes(work).apply(event.thing_id, work.subject_version, {"times": event.times, **note})
        count(Hearings(work), event.thing_id)

    @route("POST", "/v1/effects", permission=RECORD, body=RecordSchema, returns=EffectSchema, status=201)
    def record_thing(self, call: Call) -> Effect | None:
        """Record a thing."""
        if call.body["thing_id"] == "refused":
            raise ThingRefusedError("this thing is refused")
        if call.body["thing_id"] == "broken":
            raise RuntimeError("Jane Doe's secret")
        return record(Effects(call.work), call.body["thing_id"])

    @route("GET", "/v1/effects", permission=RECORD, query=PageQuerySchema, returns=page_schema(EffectSchema))
    def list_effects(self, call: Call) -> Any:
        """List effects."""
        return Effects(call.work).page(cursor=call.query["cursor"], limit=call.query["limit"])

    @route("GET", "/v1/effects/<thing_id>", permission=RECORD, returns=EffectSchema)
    def show_effect(self, call: Call) -> Effect:
        """Show an effect."""
        return Effects(call.work).get(call.path["thing_id"])


def behave(event: ThingHappened, seen: int) -> None:
    """Fail in the way that the event asks for."""
    if event.behaviour == "kills":
        os.kill(os.getpid(), signal.SIGKILL)
    if event.behaviour == "broken":
        raise RuntimeError("Jane Doe's secret")
    if event.behaviour == "never":
        raise TransientError("it does not pass")
    if event.behaviour == "later" and seen == 1:
        raise TransientError("it passes")
    if event.behaviour == "leaks" and seen == 1:
        timeout = eventlet.Timeout(1)
        # Else it would go off once more, in whatever this greenthread does next.
        timeout.cancel()
        raise timeout
    dawdle(event, seen)


def dawdle(event: ThingHappened, seen: int) -> None:
    """Take the time that the event asks for."""
    if event.behaviour == "slow":
        eventlet.sleep(SLOW_S)
    if event.behaviour == "hangs" and seen == 1:
        eventlet.sleep(HANG_S)
    if event.behaviour == "hogs" and seen == 1:
        # Nothing else runs in this process meanwhile, not even the heartbeats of its connections.
        until = time.monotonic() + HOG_S
        while time.monotonic() < until:
            pass
