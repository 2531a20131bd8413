"""A school whose runs are carried out, by solvers that answer at once."""

from __future__ import annotations

from collections.abc import Callable

from tests.unit.defenses.defenses_examples import (
    NOW,
    Desk,
    availability,
    ready_candidate,
)

from defenses.domain.availability import PublishedAvailability
from defenses.domain.candidates import Candidate
from defenses.domain.runs import (
    ScheduleRun,
    open_run,
)
from defenses.domain.scheduling.instance import Instance, Solution, Unscheduled
from defenses.domain.scheduling.season import SeasonPolicy
from defenses.solver import greedy
from defenses.use_cases import planning
from defenses.use_cases.searching import Beat, SearchFailedError


class GreedySolver:
    """Finds a valid schedule at once; a list of what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Instance] = []

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
        self.asked.append(instance)
        found = greedy.schedule(instance)
        left = {student.id for student in instance.students} - {one.student for one in found}
        unscheduled = tuple(Unscheduled(student, ()) for student in sorted(left))
        return Solution(assignments=found, unscheduled=unscheduled, cost=-1, lower_bound=0.5, seconds=0.25)


class BrokenSolver(GreedySolver):
    """Gives no answer."""

    def solve(self, instance: Instance, policy: SeasonPolicy, beat: Beat) -> Solution:
        raise SearchFailedError("the solver ended with -9")


def desk(*students: str, **availability_changes: object) -> Desk:
    found = Desk()
    found.candidates.values.update({each: ready_candidate(each) for each in students})
    found.candidates.values["s-young"] = Candidate(student_id="s-young")
    offered = PublishedAvailability(
        school_id="east", availability=availability(**availability_changes), published_at=NOW
    )
    found.availabilities.values["east"] = offered
    found.runs.values["run-1"] = open_run("run-1", "east", now=NOW)
    return found


def carry_out(
    found: Desk, solver: GreedySolver, still_ours: Callable[[], None] = lambda: None
) -> ScheduleRun:
    return planning.carry_out("run-1", desks=lambda _: found, solver=solver, still_ours=still_ours)
