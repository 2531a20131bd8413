"""Plans as they are stored: packed, counted without being unpacked, and read by older and newer processes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.unit.defenses.defenses_examples import defense

from defenses.domain.runs import Placement, Plan, plan_of_nothing
from defenses.repository.plans import PackedPlacements, plan_from_stored, plan_to_fields


def planned(*student_ids: str) -> Plan:
    place = defense()
    placements = tuple(
        Placement(
            defense_id=f"d-{each}",
            student_id=each,
            school_id="east",
            transition="5",
            starts_at=place.starts_at,
            ends_at=place.ends_at,
            room_id="r-1",
            room="Room 1",
            panel=place.panel,
            interpreter="es",
        )
        for each in student_ids
    )
    return replace(plan_of_nothing(()), placements=placements)


def read(fields: dict[str, Any]) -> Plan:
    found = plan_from_stored(fields["plan"], fields["placements"], "east")
    assert found is not None
    return found


def test_placements_are_counted_and_written_again_without_being_unpacked() -> None:
    fields = plan_to_fields(planned("s-1", "s-2"))
    # What nobody can unpack.
    fields["placements"] = b"-"

    found = read(fields)

    assert len(found.placements) == 2
    assert plan_to_fields(found) == fields


def test_who_looks_at_a_placement_finds_it_as_it_was() -> None:
    plan = planned("s-1", "s-2")

    found = read(plan_to_fields(plan))

    assert found == plan
    assert isinstance(found.placements, PackedPlacements)
    assert hash(found.placements) == hash(plan.placements)
    assert (found.placements[0], found.placements[1:]) == (plan.placements[0], plan.placements[1:])
    assert found != planned("s-2", "s-1")


def test_placements_that_nobody_has_counted_are_read() -> None:
    plan = planned("s-1", "s-2")
    fields = plan_to_fields(plan)
    del fields["plan"]["placed"]

    assert read(fields) == plan
    assert plan_from_stored({}, None, "east") is None
