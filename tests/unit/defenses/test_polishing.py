"""Small schedules made better as a whole: valid, never worse, and proven as far as it goes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from bench.scheduling import generate
from hypothesis import HealthCheck, given, settings
from tests.unit.defenses.season_instances import (
    WHOLE,
    as_json,
    costing,
    instances,
    judged,
    person,
    small,
    wish,
)

from defenses.domain.scheduling.exchange import instance_from_wire
from defenses.domain.scheduling.instance import Assignment, Instance
from defenses.solver.bounds import Evidence
from defenses.solver.polishing import Polished, polished, split

PLENTY_S = 30.0


def polish(
    instance: Instance, start: tuple[Assignment, ...] = (), *, least: int = 0, seconds: float = PLENTY_S
) -> Polished:
    schools = Evidence(instance).schools
    return polished(instance, schools, start, least_unscheduled=least, seconds=seconds)


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

    found = polish(instance, least=least)

    total, faults = judged(as_json(instance), found.assignments)
    left_out = len(instance.students) - len(found.assignments)
    assert faults == []
    assert left_out >= least
    if left_out == least:
        assert 0 < found.soft_at_least <= total - 1000 * left_out or found.assignments == ()


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

    found = polish(instance_from_wire(wire), least=18, seconds=3.0)

    assert judged(wire, found.assignments)[1] == []
