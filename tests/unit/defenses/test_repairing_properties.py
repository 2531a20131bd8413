"""Whatever happens, in whatever order: the schedule stays valid, and who is not hit stays."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.defenses.repairing_examples import DISRUPTION, SchoolLife, disturbances, school_lives

from defenses.domain.defenses import SCHEDULED, Defense, PanelSeat, Place
from defenses.domain.repairing.disturbances import Disturbance
from defenses.domain.repairing.placing import Search
from defenses.domain.repairing.timetable import Timetable


@given(life=school_lives(), blows=st.lists(disturbances(), min_size=1, max_size=5))
@settings(max_examples=50, deadline=None)
def test_the_schedule_stays_valid_through_any_sequence_of_disturbances(
    life: SchoolLife, blows: list[Disturbance]
) -> None:
    assert life.faults() == ()
    for blow in blows:
        life.disturb(blow)
        assert life.faults() == ()
        timetable = life.timetable()
        assert [timetable.obstacles(each) for each in timetable.defenses] == [()] * len(timetable.defenses)


@given(life=school_lives(), blows=st.lists(disturbances(), min_size=1, max_size=5))
@settings(max_examples=50, deadline=None)
def test_published_defenses_that_are_not_hit_never_change(life: SchoolLife, blows: list[Disturbance]) -> None:
    for blow in blows:
        before = dict(life.defenses)
        hit, _ = life.disturb(blow)
        pinned = {each for each, defense in before.items() if defense.state == SCHEDULED} - hit
        assert {each: life.defenses[each] for each in pinned} == {each: before[each] for each in pinned}


@given(life=school_lives(), blow=disturbances())
@settings(max_examples=50, deadline=None)
def test_a_single_defense_that_is_hit_is_mended_with_the_least_disruption(
    life: SchoolLife, blow: Disturbance
) -> None:
    before = dict(life.defenses)
    hit, _ = life.disturb(blow)
    if len(hit) != 1:
        return
    [one] = hit
    was, after = before[one], life.defenses[one]

    least = _least_disruption(life, was)

    if least is None:
        # Only others that may make way can have helped.
        assert not after.stands or was.state != SCHEDULED
    else:
        search = Search(life.timetable(), DISRUPTION)
        assert search.cost(was, after.place, search.timetable.offers["east"]) == least


@given(life=school_lives(), blow=disturbances())
@settings(max_examples=50, deadline=None)
def test_nobody_is_left_without_a_place_while_one_is_free(life: SchoolLife, blow: Disturbance) -> None:
    _, found = life.disturb(blow)

    search = Search(life.timetable(), DISRUPTION)
    assert [search.best(life.defenses[each]) for each in found.unplaced] == [None] * len(found.unplaced)
    assert all(each.detail for each in found.unplaced.values())


def _least_disruption(life: SchoolLife, was: Defense) -> int | None:
    """Try every slot, room and panel, with all others where they are now."""
    timetable = life.timetable()
    timetable.take(was.defense_id)
    search, offer = Search(timetable, DISRUPTION), timetable.offers["east"]
    costs = [
        search.cost(was, place, offer)
        for place in _every_place(timetable)
        if not timetable.obstacles(was.at(place))
    ]
    return min(costs, default=None)


def _every_place(timetable: Timetable) -> list[Place]:
    offer = timetable.offers["east"]
    people = [PanelSeat(each.panelist_id, each.role) for each in offer.panelists.values()]
    return [
        Place(starts_at=slot.starts_at, ends_at=slot.ends_at, room_id=room_id, room=room.name, panel=panel)
        for slot in offer.slots
        for room_id, room in offer.rooms.items()
        for panel in combinations(people, timetable.panels.rule.panel_size)
    ]
