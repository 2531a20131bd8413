"""Small schedules made better as a whole: valid, never worse, and proven as far as it goes."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from bench.scheduling import generate
from hypothesis import HealthCheck, given, settings
from tests.unit.defenses.season_instances import (
    ROLES,
    SLOTS,
    WHOLE,
    as_json,
    costing,
    instances,
    judged,
    person,
    small,
    wish,
)

from defenses.domain.scheduling.exchange import instance_from_wire, solution_from_wire
from defenses.domain.scheduling.instance import Assignment, Instance, RoomSlots, SchoolRooms
from defenses.solver.bounds import Evidence
from defenses.solver.polishing import Effort, Polished, nobody_asks, polished
from defenses.solver.splitting import split
from defenses.solver.whole import Schedule

PLENTY_S = 30.0


def polish(
    instance: Instance,
    start: Schedule = (),
    *,
    seconds: float = PLENTY_S,
    work: float | None = None,
    report: Callable[[Schedule], None] = nobody_asks,
) -> Polished:
    effort = Effort(until=time.monotonic() + seconds, work=work)
    return polished(instance, Evidence(instance).schools, start, effort, report)


def test_an_easy_problem_is_solved_and_proven_from_nothing() -> None:
    # Two days of one teacher and one outsider, and each second defense is over the target.
    instance = small(*(wish(n) for n in range(4)))

    found = polish(instance)

    assert judged(as_json(instance), found.assignments) == (24, [])
    assert found.soft_at_least == 24


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(instances())
def test_whatever_it_makes_of_a_schedule_keeps_the_rules_and_its_bound(instance: Instance) -> None:
    least = Evidence(instance).bounds(seconds=PLENTY_S).least_unscheduled

    found = polish(instance)

    total, faults = judged(as_json(instance), found.assignments)
    left_out = len(instance.students) - len(found.assignments)
    assert faults == []
    assert left_out >= max(least, found.unscheduled_at_least)
    assert 0 < found.soft_at_least <= total - 1000 * left_out or found.assignments == ()


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_plain_model_finds_nothing_better_or_below_its_bounds(seed: int, tmp_path: Path) -> None:
    """The plain model shares nothing with ours, so that a wrong inequality of ours would be seen."""
    wire = generate.small(seed)
    (tmp_path / "instance.json").write_text(json.dumps(wire))
    command = [sys.executable, "-m", "scheduling.cpsat", "monolithic", "instance.json", "plain.json", "60"]
    environment = {**os.environ, "PYTHONPATH": str(Path(generate.__file__).parents[1])}
    instance = instance_from_wire(wire)

    found = polish(instance)
    subprocess.run(command, cwd=tmp_path, env=environment, check=True)

    plain = solution_from_wire(json.loads((tmp_path / "plain.json").read_text())).assignments
    left_out, soft_cost = ranked(instance, found.assignments)
    assert (left_out, soft_cost) <= ranked(instance, plain)
    assert (found.unscheduled_at_least, found.soft_at_least) == (left_out, soft_cost)


def ranked(instance: Instance, assignments: Schedule) -> tuple[int, int]:
    left_out = len(instance.students) - len(assignments)
    return left_out, costing(instance, assignments) - instance.weights.unscheduled * left_out


def test_limited_by_work_the_same_schedule_becomes_the_same_one() -> None:
    instance = instance_from_wire(generate.small(4))

    one, other = (polish(instance, seconds=math.inf, work=50.0) for _ in range(2))

    assert one == other
    assert one.assignments


def test_each_better_schedule_is_told_on_the_way() -> None:
    instance, told = instance_from_wire(generate.cluster(2, (6,))), list[Schedule]()

    found = polish(instance, report=told.append)

    ranks = [ranked(instance, each) for each in told]
    assert ranks == sorted(set(ranks), reverse=True)
    assert told[-1] == found.assignments


def test_a_panelist_who_changes_schools_on_a_day_costs_what_the_judge_says() -> None:
    # One panel for both schools, which are open on one day only.
    day = frozenset(range(SLOTS // 2))
    schools = tuple(SchoolRooms(id=each, rooms=(RoomSlots(id=f"{each}0", slots=day),)) for each in ("A", "B"))
    both = frozenset({"A", "B"})
    people = tuple(person(n, ROLES[2 * n], serves=both, slots=day, max_per_day=3, target=3) for n in range(2))
    instance = small(
        wish(0), wish(1, school="B"), wish(2), schools=schools, panelists=people, travel_slots={}
    )

    found = polish(instance)

    # A day, a run and a move of each, because the defenses of A are put together.
    assert judged(as_json(instance), found.assignments) == (2 * (2 + 1 + 2), [])
    assert found.soft_at_least == 10


def test_a_schedule_becomes_better_and_never_worse() -> None:
    instance = small(*(wish(n) for n in range(3)))
    dear = tuple(Assignment(f"s{n}", 2 * n, "A0", ("p0", "p1")) for n in range(3))
    steps = [dear]

    for seconds in (0.0, PLENTY_S, PLENTY_S):
        steps.append(polish(instance, steps[-1], seconds=seconds).assignments)

    costs = [costing(instance, each) for each in steps]
    assert costs[0] == costs[1] > costs[2] == costs[3]
    assert all(after <= before for before, after in pairwise(costs))


def test_people_who_make_no_panels_are_not_put_together() -> None:
    # Each of the two could have p0 and p1 only, whom there are once.
    picky = frozenset({"p2", "p3"})
    instance = small(*(wish(n, tiers={0: 0}, conflicts=picky) for n in range(2)))

    found = polish(instance)

    assert len(found.assignments) == 1
    assert judged(as_json(instance), found.assignments)[1] == []


def test_students_of_a_slot_get_panels_that_suit_them_all() -> None:
    people = [person(n, ("teacher", "outside")[n % 2]) for n in range(4)]
    one, other = wish(0), wish(1, conflicts=frozenset({"p0", "p1"}))
    rule = small().rule

    panels = split([one, other], people, rule)

    assert panels is not None
    assert {who: set(panel) for who, panel in panels.items()} == {"s0": {"p0", "p1"}, "s1": {"p2", "p3"}}
    assert split([replace(one, conflicts=other.conflicts), other], people, rule) is None
    assert split([], people, rule) == {}


@pytest.mark.parametrize("slots", [frozenset({0, 1, 2}), WHOLE])
def test_runs_days_and_fair_shares_cost_what_the_judge_says(slots: frozenset[int]) -> None:
    people = tuple(person(n, ("teacher", "outside")[n % 2], slots=slots, target=1) for n in range(2))
    instance = small(*(wish(n) for n in range(2)), panelists=people)

    found = polish(instance)

    assert found.soft_at_least == costing(instance, found.assignments)


def test_a_cluster_keeps_its_rules() -> None:
    wire = generate.cluster(2, (6, 5, 7))

    found = polish(instance_from_wire(wire), seconds=3.0)

    assert judged(wire, found.assignments)[1] == []
