"""Plans of runs as they are stored: a whole district's placements must fit into one document."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from defenses.domain.defenses import PanelSeat
from defenses.domain.runs import Placement, Plan, Unplaced


def plan_to_fields(plan: Plan | None) -> dict[str, Any]:
    """Return the document fields of a plan; its placements are JSON, compressed to a tenth."""
    if plan is None:
        return {"plan": {}, "placements": None}
    wire = [_placement_to_wire(each) for each in plan.placements]
    return {
        "plan": {
            "time_zone": plan.time_zone,
            "school_year": plan.school_year,
            "unplaced": [asdict(each) for each in plan.unplaced],
            "cost": plan.cost,
            "lower_bound": plan.lower_bound,
            "seconds": plan.seconds,
        },
        "placements": zlib.compress(json.dumps(wire).encode()),
    }


def plan_from_stored(stored: Mapping[str, Any], packed: bytes | None, school_id: str) -> Plan | None:
    """Return the plan of a document.

    Args:
        stored: its fields but for the placements; empty if there is none.
        packed: its placements; None in documents of before there were several schools.
        school_id: the school of those.
    """
    if not stored:
        return None
    placements: Iterable[Placement]
    if packed is None:
        placements = (_placement_of_one_school(each, school_id) for each in stored["placements"])
    else:
        placements = map(_placement_from_wire, json.loads(zlib.decompress(packed)))
    return Plan(
        time_zone=stored["time_zone"],
        school_year=stored["school_year"],
        placements=tuple(placements),
        unplaced=tuple(Unplaced(**each) for each in stored["unplaced"]),
        cost=stored["cost"],
        lower_bound=stored["lower_bound"],
        seconds=stored["seconds"],
    )


def _placement_to_wire(placement: Placement) -> dict[str, Any]:
    return {
        **asdict(placement),
        "starts_at": placement.starts_at.isoformat(),
        "ends_at": placement.ends_at.isoformat(),
    }


def _placement_from_wire(wire: Mapping[str, Any]) -> Placement:
    return Placement(
        **{
            **wire,
            "starts_at": datetime.fromisoformat(wire["starts_at"]),
            "ends_at": datetime.fromisoformat(wire["ends_at"]),
            "panel": tuple(PanelSeat(**seat) for seat in wire["panel"]),
        }
    )


def _placement_of_one_school(stored: Mapping[str, Any], school_id: str) -> Placement:
    panel = tuple(PanelSeat(**seat) for seat in stored["panel"])
    return Placement(**{**stored, "school_id": school_id, "panel": panel})
