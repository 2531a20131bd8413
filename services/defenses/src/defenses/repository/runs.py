"""Schedule runs in the document store."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository, translated
from defenses.documents import ScheduleRunDocument
from defenses.domain.defenses import PanelSeat
from defenses.domain.runs import OPEN, Placement, Plan, ScheduleRun, Unplaced


class ScheduleRuns(AggregateRepository[ScheduleRun]):
    """Keeps runs by id."""

    document: ClassVar[Any] = ScheduleRunDocument

    def next_open(self) -> ScheduleRun | None:
        """Return the district's oldest run that is not at its end."""
        waiting = self.select(state=OPEN, order_by="requested_at", limit=1)
        return waiting[0] if waiting else None

    def to_value(self, document: Any) -> ScheduleRun:
        """Return the run of a document."""
        return ScheduleRun(
            run_id=document.id,
            school_id=document.school_id,
            state=document.state,
            requested_at=document.requested_at,
            attempts=document.attempts,
            plan=_plan(document.plan) if document.plan else None,
            failure=document.failure or "",
            finished_at=document.finished_at,
            publish=document.publish is not False,
            published_at=document.published_at,
        )

    def to_fields(self, value: ScheduleRun) -> dict[str, Any]:
        """Return the document fields of a run."""
        return {
            "school_id": value.school_id,
            "state": value.state,
            "requested_at": value.requested_at,
            "attempts": value.attempts,
            "plan": asdict(value.plan) if value.plan else {},
            "failure": value.failure or None,
            "finished_at": value.finished_at,
            "publish": value.publish,
            "published_at": value.published_at,
        }


def districts_with_open_runs() -> list[str]:
    """Return the districts in which a run is not at its end: a timer belongs to no district."""
    collection = ScheduleRunDocument._get_collection()  # noqa: SLF001 - as the chassis does it
    with translated():
        found = collection.find({"state": {"$in": list(OPEN)}}, {"district": 1})
        return sorted({raw["district"] for raw in found})


def _plan(stored: dict[str, Any]) -> Plan:
    return Plan(
        time_zone=stored["time_zone"],
        school_year=stored["school_year"],
        placements=tuple(_placement(each) for each in stored["placements"]),
        unplaced=tuple(Unplaced(**each) for each in stored["unplaced"]),
        cost=stored["cost"],
        lower_bound=stored["lower_bound"],
        seconds=stored["seconds"],
    )


def _placement(stored: dict[str, Any]) -> Placement:
    return Placement(**{**stored, "panel": tuple(PanelSeat(**seat) for seat in stored["panel"])})
