"""The search: whatever it answers keeps the rules, and easy problems are solved to the end."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from bench.scheduling import generate
from hypothesis import HealthCheck, given, settings
from tests.unit.defenses.season_instances import (
    CLUSTER,
    SCHOOL,
    as_json,
    costing,
    instances,
    judged,
    person,
    small,
    wish,
)

from defenses.domain.scheduling.exchange import instance_from_wire, solution_from_wire
from defenses.domain.scheduling.instance import Instance, InterpreterPool, PanelRule
from defenses.solver import greedy
from defenses.solver.search import Limits, Progress, search

# The first one who needs compiled code waits for the compiler.
pytestmark = pytest.mark.timeout(400)

QUICK = Limits(seconds=None, moves=300)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(instances())
def test_every_answer_keeps_the_rules(instance: Instance) -> None:
    found = search(instance, QUICK)

    total, faults = judged(as_json(instance), found)
    assert faults == []
    assert total == costing(instance, found)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(instances())
def test_the_greedy_schedule_keeps_the_rules(instance: Instance) -> None:
    assert judged(as_json(instance), greedy.schedule(instance))[1] == []


@pytest.mark.parametrize("seed", range(30))
def test_the_judge_finds_no_fault_on_a_random_instance(seed: int) -> None:
    wire = generate.small(seed)

    found = search(instance_from_wire(wire), replace(QUICK, seed=seed))

    assert judged(wire, found)[1] == []


@pytest.mark.parametrize(
    ("path", "at_most", "left_out"), [(SCHOOL, 380, 0), (CLUSTER, 3600, 2)], ids=["school", "cluster"]
)
def test_the_shared_instances_are_scheduled_well(path: Path, at_most: int, left_out: int) -> None:
    wire = json.loads(path.read_text())

    found = search(instance_from_wire(wire), Limits(seconds=None, moves=4000))

    total, faults = judged(wire, found)
    assert faults == []
    assert len(wire["students"]) - len(found) == left_out
    assert total < at_most


def test_schools_that_share_people_are_annealed_by_two_threads_without_a_fault() -> None:
    wire = generate.cluster(3, (12, 15, 9, 20, 11, 13, 10, 14, 16, 12))

    found = search(instance_from_wire(wire), Limits(seconds=None, moves=2000))

    total, faults = judged(wire, found)
    assert faults == []
    assert total < judged(wire, greedy.schedule(instance_from_wire(wire)))[0]


def test_a_thread_that_is_done_goes_on_with_its_part_without_a_fault() -> None:
    wire = generate.cluster(3, (60, 5, 6, 5, 7, 5, 6, 5, 6))

    found = search(instance_from_wire(wire), Limits(seconds=1.0))

    total, faults = judged(wire, found)
    assert faults == []
    assert total < judged(wire, greedy.schedule(instance_from_wire(wire)))[0]


@pytest.mark.parametrize("sizes", [(30,), (9, 8, 7, 10, 9, 8, 7, 9, 10)], ids=["replicas", "parts"])
def test_the_same_seed_and_work_give_the_same_schedule(sizes: tuple[int, ...]) -> None:
    instance = instance_from_wire(generate.cluster(5, sizes))
    limits = Limits(seconds=None, moves=500, seed=7)

    assert search(instance, limits) == search(instance, limits)
    assert search(instance, limits) != search(instance, replace(limits, seed=8))


def test_an_easy_problem_is_solved_to_the_end() -> None:
    # Two days of one teacher and one outsider: each day costs 3, and each second defense is over the target.
    found = search(small(*(wish(n) for n in range(4))), QUICK)

    assert costing(small(*(wish(n) for n in range(4))), found) == 12 + 4 * 3


def test_students_who_must_not_meet_are_apart() -> None:
    apart = small(
        wish(0, tiers={0: 0, 1: 5}, not_with=frozenset({"s1"})),
        wish(1, tiers={0: 0, 1: 5}),
    )

    assert {one.slot for one in search(apart, QUICK)} == {0, 1}


def test_a_student_without_a_time_is_left_out() -> None:
    assert [one.student for one in search(small(wish(0, tiers={}), wish(1)), QUICK)] == ["s1"]


def test_nobody_is_scheduled_where_there_is_nobody_to_schedule() -> None:
    assert search(small(), QUICK) == ()
    assert search(small(wish(0), panelists=()), QUICK) == ()


def test_a_rule_that_no_panel_can_keep_leaves_everybody_out() -> None:
    rule = PanelRule(panel_size=2, at_least={"teacher": 2, "outside": 1})

    assert search(small(wish(0), rule=rule), QUICK) == ()


def test_without_time_the_greedy_schedule_is_the_answer() -> None:
    instance = small(wish(0), wish(1))

    assert search(instance, Limits(seconds=0.0)) == greedy.schedule(instance)


def test_a_student_makes_room_for_one_who_has_no_other_slot() -> None:
    # The greedy schedule takes those with the fewest slots first, so all have two; only one order fits.
    tight = small(
        wish(0, tiers={0: 0, 1: 1}),
        wish(1, tiers={0: 0, 1: 1}),
        wish(2, tiers={0: 0, 2: 9}, conflicts=frozenset({"p2"})),
        panelists=(person(0), person(1, "outside"), person(2, slots=frozenset({1, 2})), person(3, "outside")),
    )

    assert len(search(tight, QUICK)) == 3


def test_an_interpreter_of_any_pool_will_do() -> None:
    pools = (
        InterpreterPool(language="L", serves=frozenset("A"), capacity={0: 1}),
        InterpreterPool(language="L", serves=frozenset("A"), capacity={0: 1, 1: 0}),
        InterpreterPool(language="M", serves=frozenset("A"), capacity={2: 5}),
    )
    instance = small(*(wish(n, interpreter="L") for n in range(3)), interpreters=pools)

    assert [one.slot for one in search(instance, QUICK)] == [0, 0]


def test_a_search_says_how_far_it_is_and_never_goes_back() -> None:
    said: list[Progress] = []

    search(instance_from_wire(generate.cluster(1, (40,))), QUICK, said.append)

    assert [each.cost for each in said] == sorted((each.cost for each in said), reverse=True)
    assert said[0].cost > said[-1].cost
    assert said[0].seconds <= said[-1].seconds


def test_a_cancelled_search_answers_with_the_best_so_far() -> None:
    instance = instance_from_wire(generate.cluster(1, (40,)))
    rounds = count()
    said: list[Progress] = []

    found = search(instance, Limits(seconds=3600.0), said.append, lambda: next(rounds) > 2)

    assert costing(instance, found) == said[-1].cost
    assert len(said) < 10


def test_the_process_reads_a_request_and_says_a_solution() -> None:
    instance = small(wish(0))
    request = {"instance": as_json(instance), "seconds": 1.0, "workers": 8, "gap": 0.0, "memory_bytes": 2**31}

    ended = subprocess.run(
        [sys.executable, "-m", "defenses.solver"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )

    *said, last = ended.stdout.splitlines()
    found = solution_from_wire(json.loads(last))
    assert all("progress" in json.loads(line) for line in said)
    assert len(found.assignments) == 1
    assert found.cost == costing(instance, found.assignments)
