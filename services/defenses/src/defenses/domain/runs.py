"""A run: one attempt to schedule the ready students of one school."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from defenses.domain.defenses import PanelSeat

QUEUED = "queued"
SOLVING = "solving"
APPLYING = "applying"
APPLIED = "applied"
FAILED = "failed"
#: States in which there is something left to do.
OPEN = (QUEUED, SOLVING, APPLYING)

#: A run whose process died so often is given up; its instance may be what kills them.
MOST_ATTEMPTS = 3


class NoRunError(LookupError):
    """There is no such run."""


class RunNotAppliedError(Exception):
    """The run has not come to its end, or was given up."""


class RunNotFailedError(Exception):
    """The run was not given up."""


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where one student goes; `defense_id` is derived from student, transition, school year and attempt."""

    defense_id: str
    student_id: str
    transition: str
    starts_at: datetime
    ends_at: datetime
    room_id: str
    room: str
    panel: tuple[PanelSeat, ...]
    attempt: int = 1


@dataclass(frozen=True)
class Unplaced:
    """A ready student without a place: why, as a stable word and as a sentence for a coordinator."""

    student_id: str
    reason: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a run decided, complete before any of it is applied, so that applying can be repeated.

    Attributes:
        time_zone, school_year: of the placements; empty when there is none.
        cost, lower_bound: of the schedule in the policy's weights; the bound is None if none is proven.
        seconds: wall time of the search.
    """

    time_zone: str
    school_year: str
    placements: tuple[Placement, ...]
    unplaced: tuple[Unplaced, ...]
    cost: int
    lower_bound: float | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class ScheduleRun:
    """One run.

    Attributes:
        attempts: how often a process has begun to solve it.
        plan: from APPLYING on.
        failure: why it was given up; empty unless FAILED.
        publish: whether families hear of the defenses at once, or when somebody publishes the run.
        published_at: when its drafts were published.
    """

    run_id: str
    school_id: str
    state: str
    requested_at: datetime
    attempts: int = 0
    plan: Plan | None = None
    failure: str = ""
    finished_at: datetime | None = None
    publish: bool = True
    published_at: datetime | None = None

    @property
    def may_solve(self) -> bool:
        """Whether there is still something to search for."""
        return self.state in {QUEUED, SOLVING}

    def begun(self, *, now: datetime) -> ScheduleRun:
        """Count one more attempt, or give up after too many; a run past solving stays as it is."""
        if not self.may_solve:
            return self
        if self.attempts >= MOST_ATTEMPTS:
            return self.failed(f"given up after {self.attempts} attempts", now=now)
        return replace(self, state=SOLVING, attempts=self.attempts + 1)

    def planned(self, plan: Plan) -> ScheduleRun:
        """Keep the plan; the first one counts, so that whoever comes late applies the same."""
        return replace(self, state=APPLYING, plan=plan) if self.state == SOLVING else self

    def applied(self, *, lost: Mapping[str, Unplaced], now: datetime) -> ScheduleRun:
        """Note that the placements have become defenses.

        Args:
            lost: defense id -> why it has none, for those whose place was taken while the run searched.
            now: the time.
        """
        if self.state != APPLYING or self.plan is None:
            return self
        kept = tuple(each for each in self.plan.placements if each.defense_id not in lost)
        plan = replace(self.plan, placements=kept, unplaced=(*self.plan.unplaced, *lost.values()))
        return replace(self, state=APPLIED, plan=plan, finished_at=now)

    def made_public(self, *, now: datetime) -> ScheduleRun:
        """Note that its drafts are published.

        Raises:
            RunNotAppliedError: if it has not come to its end; nothing is published from a faulty run.
        """
        if self.state != APPLIED:
            raise RunNotAppliedError(f"the run is {self.state}, so there is nothing to publish")
        return self if self.published_at else replace(self, published_at=now)

    def resumed(self) -> ScheduleRun:
        """Let a run that was given up begin again.

        Raises:
            RunNotFailedError: if it was not given up.
        """
        if self.state != FAILED:
            raise RunNotFailedError(f"the run is {self.state}, so there is nothing to resume")
        return replace(self, state=QUEUED, attempts=0, failure="", finished_at=None)

    def failed(self, failure: str, *, now: datetime) -> ScheduleRun:
        """Give the run up, unless it has a plan already."""
        return replace(self, state=FAILED, failure=failure, finished_at=now) if self.may_solve else self


def open_run(run_id: str, school_id: str, *, now: datetime, publish: bool = True) -> ScheduleRun:
    """Return a new run, which waits for its turn."""
    return ScheduleRun(run_id=run_id, school_id=school_id, state=QUEUED, requested_at=now, publish=publish)


def plan_of_nothing(unplaced: tuple[Unplaced, ...]) -> Plan:
    """Return the plan of a school for which there is nothing to search."""
    return Plan(
        time_zone="",
        school_year="",
        placements=(),
        unplaced=unplaced,
        cost=0,
        lower_bound=None,
        seconds=0.0,
    )
