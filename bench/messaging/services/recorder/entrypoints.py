"""The recorder's one handler, written as every handler of the platform is."""

import os
from dataclasses import dataclass
from typing import Any

from chassis.messaging import consumes
from chassis.mongo import AggregateRepository
from chassis.outbox import UnitOfWork
from chassis.service import Service
from messaging import job
from recorder.documents import ThingDocument
from recorder.events import THING_HAPPENED, THING_RECORDED, ThingHappened, ThingRecorded

#: As the peers know which job it is: what is told for the first time is not looked for.
_IS_NEW = os.environ["JOB"] == job.INSERT


@dataclass(frozen=True)
class Thing:
    """A recorded thing."""

    student_id: str
    title: str


class Things(AggregateRepository[Thing]):
    """The things."""

    document = ThingDocument

    def to_value(self, document: Any) -> Thing:
        return Thing(document.student_id, document.title)

    def to_fields(self, value: Thing) -> dict[str, Any]:
        return {"student_id": value.student_id, "title": value.title}


def record(things: Things, event: ThingHappened) -> None:
    """Keep what an event says, and say that it is kept."""

    def decide(_current: Thing | None) -> Any:
        recorded = ThingRecorded(thing_id=event.thing_id, student_id=event.student_id, title=event.title)
        return Thing(event.student_id, event.title), [THING_RECORDED.says(recorded)]

    write = things.create if _IS_NEW else things.change
    write(event.thing_id, decide)


class RecorderService(Service):
    """Records things."""

    name = "recorder"
    title = "Recorder"

    @consumes(THING_HAPPENED)
    def on_thing_happened(self, event: ThingHappened, work: UnitOfWork) -> None:
        """Record it."""
        record(Things(work), event)
