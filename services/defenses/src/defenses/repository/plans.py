"""Plans of runs as they are stored: a whole district's placements must fit into one document."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cached_property
from typing import Any, overload

from defenses.domain.defenses import PanelSeat
from defenses.domain.runs import Placement, Plan, Unplaced


class PackedPlacements(Sequence[Placement]):
    """Placements that are unpacked when somebody looks at one: most who read a run only count them."""

    def __init__(self, packed: bytes, count: int) -> None:
        self.packed = packed
        self._count = count

    @cached_property
    def _all(self) -> tuple[Placement, ...]:
        return _unpacked(self.packed)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Placement]:
        return iter(self._all)

    @overload
    def __getitem__(self, index: int) -> Placement: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Placement]: ...
    def __getitem__(self, index: int | slice) -> Placement | Sequence[Placement]:
        return self._all[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._all == tuple(other)

    def __hash__(self) -> int:
        return hash(self._all)


def plan_to_fields(plan: Plan | None) -> dict[str, Any]:
    """Return the document fields of a plan; its placements are JSON, compressed to a tenth."""
    if plan is None:
        return {"plan": {}, "placements": None}
    return {
        "plan": {
            "time_zone": plan.time_zone,
            "school_year": plan.school_year,
            "placed": len(plan.placements),
            "unplaced": [asdict(each) for each in plan.unplaced],
            "cost": plan.cost,
            "lower_bound": plan.lower_bound,
            "seconds": plan.seconds,
        },
        "placements": _packed(plan.placements),
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
    placements: Sequence[Placement]
    if packed is None:
        placements = tuple(_placement_of_one_school(each, school_id) for each in stored["placements"])
    elif "placed" in stored:
        placements = PackedPlacements(packed, stored["placed"])
    else:
        # Of a while in which nobody counted them.
        placements = _unpacked(packed)
    return Plan(
        time_zone=stored["time_zone"],
        school_year=stored["school_year"],
        placements=placements,
        unplaced=tuple(Unplaced(**each) for each in stored["unplaced"]),
        cost=stored["cost"],
        lower_bound=stored["lower_bound"],
        seconds=stored["seconds"],
    )


def _packed(placements: Sequence[Placement]) -> bytes:
    if isinstance(placements, PackedPlacements):
        return placements.packed
    return zlib.compress(json.dumps([_placement_to_wire(each) for each in placements]).encode())


def _unpacked(packed: bytes) -> tuple[Placement, ...]:
    return tuple(map(_placement_from_wire, json.loads(zlib.decompress(packed))))


def _placement_to_wire(placement: Placement) -> dict[str, Any]:
    # Not `asdict`, which copies everything: a whole district would be seconds.
    return {
        **vars(placement),
        "starts_at": placement.starts_at.isoformat(),
        "ends_at": placement.ends_at.isoformat(),
        "panel": [vars(seat) for seat in placement.panel],
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
