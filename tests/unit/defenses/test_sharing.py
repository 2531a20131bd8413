"""Threads that anneal one schedule: what they may change never overlaps, and nobody is left out for long."""

from __future__ import annotations

import numpy as np
import pytest
from bench.scheduling import generate

from defenses.domain.scheduling.exchange import instance_from_wire
from defenses.solver import greedy
from defenses.solver.problem import Problem, problem_of
from defenses.solver.sharing import Part, Sharing
from defenses.solver.state import State, empty_state

pytestmark = pytest.mark.timeout(400)


def greedily(sizes: tuple[int, ...]) -> tuple[Problem, State]:
    problem = problem_of(instance_from_wire(generate.cluster(2, sizes)))
    state = empty_state(problem)
    greedy.fill(problem, state)
    return problem, state


def touched(problem: Problem, part: Part) -> set[int]:
    """Return the schools whose students or people a part may change."""
    people = np.flatnonzero(part.share.people)
    schools = np.flatnonzero(problem.serves[people].any(axis=0))
    return {*schools.tolist(), *problem.school[np.flatnonzero(part.share.students)].tolist()}


def test_parts_have_nothing_in_common() -> None:
    problem, state = greedily((12, 9, 15, 20, 7, 11, 13, 8))
    numbers = np.random.default_rng(1)
    sharing = Sharing(problem, 3)

    for _ in range(20):
        parts = sharing.draw(state, numbers)

        schools = [set(part.schools.tolist()) for part in parts]
        assert sorted(school for each in schools for school in each) == list(range(8))
        for part, mine in zip(parts, schools, strict=True):
            assert touched(problem, part) <= mine
            for student in np.flatnonzero(part.share.students):
                if state.slot[student] >= 0:
                    assert part.share.people[state.panel[student]].all()


def test_everybody_may_be_moved_sooner_or_later() -> None:
    problem, state = greedily((12, 9, 15, 20, 7, 11, 13, 8))
    numbers = np.random.default_rng(1)
    sharing = Sharing(problem, 2)

    free = np.zeros(len(problem.school), np.uint8)
    for _ in range(60):
        for part in sharing.draw(state, numbers):
            free |= part.share.students

    # Those who need an interpreter of the whole cluster are frozen wherever it is cut.
    assert free[problem.need < 0].all()


def test_one_part_has_everything() -> None:
    problem, state = greedily((12, 9))

    [whole] = Sharing(problem, 1).draw(state, np.random.default_rng(1))

    assert whole.schools.tolist() == [0, 1]
    assert whole.share.people.all()
    assert whole.share.students.all()
