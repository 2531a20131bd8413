"""The changes of a schedule: each counts its cost exactly, and leaves the books as if nothing had moved."""

from __future__ import annotations

import numpy as np
import pytest
from bench.scheduling import generate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.unit.defenses.season_instances import instances

from defenses.domain.scheduling.exchange import instance_from_wire
from defenses.domain.scheduling.instance import Instance
from defenses.solver import greedy
from defenses.solver.annealing import anneal
from defenses.solver.panels import draft_of, whole_share
from defenses.solver.problem import Problem, problem_of
from defenses.solver.state import State, cost_of, empty_state, enter

pytestmark = pytest.mark.timeout(400)

#: Hot enough that everything happens, and cold enough that hardly anything does.
TEMPERATURES = st.sampled_from([0.05, 1.0, 50.0, 5000.0])


def annealed(problem: Problem, seed: int, temperature: float) -> tuple[State, int]:
    """Return the greedy schedule after some changes, and what these say they have cost."""
    state = empty_state(problem)
    greedy.fill(problem, state)
    before = cost_of(problem, state)
    schools = np.arange(len(problem.member_first) - 1, dtype=np.int32)
    delta = anneal(problem, state, whole_share(problem), draft_of(problem, seed), schools, 50, temperature)
    return state, before + delta


def rebuilt(problem: Problem, state: State) -> State:
    """Return the same schedule, entered from nothing."""
    fresh = empty_state(problem)
    for student in np.flatnonzero(state.slot >= 0).tolist():
        enter(problem, fresh, student, state.slot[student].item(), state.panel[student])
    return fresh


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(instances(), st.integers(0, 5), TEMPERATURES)
def test_the_cost_of_many_changes_is_the_sum_of_theirs(
    instance: Instance, seed: int, temperature: float
) -> None:
    problem = problem_of(instance)

    state, cost = annealed(problem, seed, temperature)

    assert cost == cost_of(problem, state)


@pytest.mark.parametrize("temperature", [0.05, 1.0, 50.0])
def test_the_books_are_as_if_the_schedule_had_been_entered_anew(temperature: float) -> None:
    problem = problem_of(instance_from_wire(generate.cluster(4, (15, 20, 12))))

    state, cost = annealed(problem, 1, temperature)
    fresh = rebuilt(problem, state)

    assert cost == cost_of(problem, state) == cost_of(problem, fresh)
    for name in ("slot", "at", "used", "load", "rooms"):
        assert (getattr(state, name) == getattr(fresh, name)).all(), name
    assert (state.units >= 0).all()
    assert state.units.sum() == fresh.units.sum()


def test_nothing_that_is_frozen_is_touched() -> None:
    problem = problem_of(instance_from_wire(generate.cluster(4, (15, 20))))
    state = empty_state(problem)
    greedy.fill(problem, state)
    share = whole_share(problem)
    share.students[problem.school == 1] = 0
    share.people[problem.serves[:, 1] > 0] = 0
    share.students[(share.people[state.panel] == 0).any(axis=1)] = 0
    before = State(*(array.copy() for array in state))

    schools = np.array([0], np.int32)
    anneal(problem, state, share, draft_of(problem, 1), schools, 200, 2.0)

    frozen = share.students == 0
    assert (state.slot[frozen] == before.slot[frozen]).all()
    assert (state.panel[frozen] == before.panel[frozen]).all()
    assert (state.at[share.people == 0] == before.at[share.people == 0]).all()
    assert (state.slot != before.slot).any()
