"""Repairs in the document store."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar

from chassis.mongo import AggregateRepository, translated
from defenses.documents import RepairDocument
from defenses.domain.defenses import Note
from defenses.domain.repairing.disturbances import Disturbance
from defenses.domain.repairing.repairs import APPLYING, Repair, Step
from defenses.domain.runs import Unplaced
from defenses.repository.defenses import stored_place


class Repairs(AggregateRepository[Repair]):
    """Keeps repairs by id."""

    document: ClassVar[Any] = RepairDocument

    def to_value(self, document: Any) -> Repair:
        """Return the repair of a document."""
        return Repair(
            repair_id=document.id,
            state=document.state,
            school_year=document.school_year,
            note=Note(**document.note),
            disturbance=_disturbance(document.disturbance) if document.disturbance else None,
            school_ids=tuple(document.school_ids),
            steps=tuple(_step(each) for each in document.steps),
            unplaced=tuple(Unplaced(**each) for each in document.unplaced),
            applied_at=document.applied_at,
        )

    def to_fields(self, value: Repair) -> dict[str, Any]:
        """Return the document fields of a repair."""
        return {
            "state": value.state,
            "school_year": value.school_year,
            "note": asdict(value.note),
            "disturbance": _stored(value.disturbance) if value.disturbance else {},
            "school_ids": list(value.school_ids),
            "steps": [asdict(each) for each in value.steps],
            "unplaced": [asdict(each) for each in value.unplaced],
            "applied_at": value.applied_at,
        }


def districts_with_repairs_under_way() -> list[str]:
    """Return the districts in which a repair is begun and not made: a timer belongs to no district."""
    collection = RepairDocument._get_collection()  # noqa: SLF001 - as the chassis does it
    with translated():
        return sorted({raw["district"] for raw in collection.find({"state": APPLYING}, {"district": 1})})


def _disturbance(stored: dict[str, Any]) -> Disturbance:
    day = stored["day"]
    return Disturbance(**{**stored, "day": date.fromisoformat(day) if day else None})


def _stored(disturbance: Disturbance) -> dict[str, Any]:
    return {**asdict(disturbance), "day": disturbance.day.isoformat() if disturbance.day else ""}


def _step(stored: dict[str, Any]) -> Step:
    places = {name: stored_place(stored[name]) if stored.get(name) else None for name in ("before", "after")}
    return Step(**{**stored, **places})
