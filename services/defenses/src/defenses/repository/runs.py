"""Schedule runs in the document store."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository, translated
from defenses.documents import ScheduleRunDocument
from defenses.domain.defenses import Note
from defenses.domain.runs import OPEN, Progress, Publication, ScheduleRun
from defenses.repository.plans import plan_from_stored, plan_to_fields


class ScheduleRuns(AggregateRepository[ScheduleRun]):
    """Keeps runs by id."""

    document: ClassVar[Any] = ScheduleRunDocument

    def next_open(self) -> ScheduleRun | None:
        """Return the district's oldest run that is not at its end."""
        waiting = self.select(state=OPEN, order_by="requested_at", limit=1)
        return waiting[0] if waiting else None

    def to_value(self, document: Any) -> ScheduleRun:
        """Return the run of a document."""
        school_ids = tuple(document.school_ids) or (document.school_id,)
        return ScheduleRun(
            run_id=document.id,
            school_ids=school_ids,
            season_run_id=document.season_run_id or "",
            state=document.state,
            requested_at=document.requested_at,
            attempts=document.attempts,
            rounds=document.rounds or 0,
            plan=plan_from_stored(document.plan, document.placements, school_ids[0]),
            progress=Progress(**document.progress) if document.progress else None,
            stop=document.stop or "",
            failure=document.failure or "",
            finished_at=document.finished_at,
            publish=document.publish is not False,
            published_at=document.published_at,
            publication=_publication(document.publication),
        )

    def to_fields(self, value: ScheduleRun) -> dict[str, Any]:
        """Return the document fields of a run."""
        return {
            "school_ids": list(value.school_ids),
            "season_run_id": value.season_run_id or None,
            "state": value.state,
            "requested_at": value.requested_at,
            "attempts": value.attempts,
            "rounds": value.rounds,
            **plan_to_fields(value.plan),
            "progress": asdict(value.progress) if value.progress else {},
            "stop": value.stop or None,
            "failure": value.failure or None,
            "finished_at": value.finished_at,
            "publish": value.publish,
            "published_at": value.published_at,
            "publication": asdict(value.publication) if value.publication else {},
        }


def districts_with_open_runs() -> list[str]:
    """Return the districts in which a run is not at its end: a timer belongs to no district."""
    collection = ScheduleRunDocument._get_collection()  # noqa: SLF001 - as the chassis does it
    with translated():
        found = collection.find({"state": {"$in": list(OPEN)}}, {"district": 1})
        return sorted({raw["district"] for raw in found})


def _publication(stored: dict[str, Any]) -> Publication | None:
    return Publication(Note(**stored["note"]), tuple(stored["school_ids"])) if stored else None
