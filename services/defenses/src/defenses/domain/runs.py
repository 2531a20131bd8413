"""A run: one attempt to schedule the ready students of a school, or of schools that share panelists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from defenses.domain.defenses import Note, PanelSeat

QUEUED = "queued"
SOLVING = "solving"
APPLYING = "applying"
APPLIED = "applied"
PUBLISHING = "publishing"
FAILED = "failed"
CANCELLED = "cancelled"
#: States in which there is something left to do.
OPEN = (QUEUED, SOLVING, APPLYING, PUBLISHING)

#: A run whose process died so often is given up; its instance may be what kills them.
MOST_ATTEMPTS = 3
#: Searches of one run: the second is for those whose place was lost while the first went on.
MOST_ROUNDS = 2

#: What becomes of a search that somebody ends: its best schedule is applied, or only kept.
KEEP, DISCARD = "keep", "discard"


class NoRunError(LookupError):
    """There is no such run."""


class RunNotAppliedError(Exception):
    """The run has not come to its end, or was given up."""


class RunNotFailedError(Exception):
    """The run was neither given up nor cancelled."""


class RunOverError(Exception):
    """There is nothing left of the run that could be cancelled."""


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where one student goes; `defense_id` is derived from student, transition, school year and attempt."""

    defense_id: str
    student_id: str
    school_id: str
    transition: str
    starts_at: datetime
    ends_at: datetime
    room_id: str
    room: str
    panel: tuple[PanelSeat, ...]
    attempt: int = 1
    interpreter: str | None = None


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
        cost, lower_bound: of the schedule in the policy's weights, as the first search found it; the bound is
            None if none is proven.
        seconds: wall time of the search.
    """

    time_zone: str
    school_year: str
    placements: Sequence[Placement]
    unplaced: tuple[Unplaced, ...]
    cost: int
    lower_bound: float | None
    seconds: float

    def with_unplaced(self, more: Iterable[Unplaced]) -> Plan:
        """Return the plan with more students whom it cannot place."""
        return replace(self, unplaced=(*self.unplaced, *more))


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a search is.

    Attributes:
        students: whom the run is to place.
        unscheduled, cost: of the best schedule so far.
        seconds: for which it has searched.
    """

    students: int
    unscheduled: int
    cost: int
    seconds: float


@dataclass(frozen=True)
class Publication:
    """The wish to publish a run's drafts: why and by whom, and of which schools; of all if empty."""

    note: Note
    school_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScheduleRun:
    """One run.

    Attributes:
        school_ids: of the schools that it plans for together.
        season_run_id: of the request for many schools that it is a part of; empty if it was asked for alone.
        attempts: how often a process has begun to solve it.
        rounds: searches that have come to a plan.
        plan: from the first search's end on.
        progress: of the search, as last heard.
        stop: KEEP or DISCARD once somebody has ended the search; else empty.
        failure: why it was given up; empty unless FAILED.
        publish: whether families hear of the defenses at once, or when somebody publishes the run.
        published_at: when its drafts were published.
        publication: whose drafts somebody wants to be published, while that goes on.
    """

    run_id: str
    school_ids: tuple[str, ...]
    state: str
    requested_at: datetime
    season_run_id: str = ""
    attempts: int = 0
    rounds: int = 0
    plan: Plan | None = None
    progress: Progress | None = None
    stop: str = ""
    failure: str = ""
    finished_at: datetime | None = None
    publish: bool = True
    published_at: datetime | None = None
    publication: Publication | None = None

    @property
    def placed(self) -> int:
        """How many students have a place by it."""
        return len(self.plan.placements) if self.plan else 0

    @property
    def unplaced(self) -> tuple[Unplaced, ...]:
        """Who has none, as far as is known."""
        return self.plan.unplaced if self.plan else ()

    @property
    def may_solve(self) -> bool:
        """Whether there is still something to search for."""
        return self.state in {QUEUED, SOLVING}

    def begun(self, *, now: datetime) -> ScheduleRun:
        """Count one more attempt, or give up after too many; a run past solving stays as it is.

        One whose search was discarded before its process died is cancelled.
        """
        if not self.may_solve:
            return self
        if self.stop == DISCARD:
            return replace(self, state=CANCELLED, finished_at=now)
        if self.attempts >= MOST_ATTEMPTS:
            return self.failed(f"given up after {self.attempts} attempts", now=now)
        return replace(self, state=SOLVING, attempts=self.attempts + 1)

    def progressed(self, progress: Progress | None) -> ScheduleRun:
        """Note how far the search is."""
        known = progress is None or progress == self.progress or self.state != SOLVING
        return self if known else replace(self, progress=progress)

    def planned(self, plan: Plan, *, now: datetime) -> ScheduleRun:
        """Keep the plan; the first one counts, so that whoever comes late applies the same.

        Of a search that was discarded it is only kept. What an earlier search has placed stays.
        """
        if self.state != SOLVING:
            return self
        if self.stop == DISCARD:
            return replace(self, state=CANCELLED, plan=self.plan or plan, finished_at=now)
        found = plan
        if self.plan is not None:
            found = replace(
                self.plan, placements=(*self.plan.placements, *plan.placements), unplaced=plan.unplaced
            )
        return replace(self, state=APPLYING, plan=found, rounds=self.rounds + 1)

    def applied(self, *, lost: Mapping[str, Unplaced], again: bool, now: datetime) -> ScheduleRun:
        """Note that the placements have become defenses.

        Args:
            lost: defense id -> why it has none, for those whose place was taken while the run searched.
            again: whether another search could find places for them.
            now: the time.
        """
        if self.state != APPLYING or self.plan is None:
            return self
        kept = tuple(each for each in self.plan.placements if each.defense_id not in lost)
        plan = replace(self.plan, placements=kept, unplaced=(*self.plan.unplaced, *lost.values()))
        if again and self.rounds < MOST_ROUNDS and not self.stop:
            return replace(self, state=SOLVING, attempts=1, plan=plan, progress=None)
        return replace(self, state=APPLIED, plan=plan, finished_at=now)

    def stopped(self, stop: str, *, now: datetime) -> ScheduleRun:
        """End the search: KEEP applies the best schedule so far, DISCARD creates nothing more.

        Raises:
            RunOverError: if it is past searching.
        """
        if self.state == QUEUED:
            return replace(self, state=CANCELLED, stop=DISCARD, finished_at=now)
        if self.state != SOLVING:
            raise RunOverError(f"the run is {self.state}, so there is no search to end")
        return replace(self, stop=stop)

    def to_be_public(self, publication: Publication) -> ScheduleRun:
        """Let its drafts be published by whoever carries out runs.

        Raises:
            RunNotAppliedError: if it has not come to its end; nothing is published from a faulty run.
        """
        self._check_applied()
        return replace(self, state=PUBLISHING, publication=publication)

    def made_public(self, *, now: datetime, in_part: bool = False) -> ScheduleRun:
        """Note that its drafts are published, or with `in_part` those of some of its schools.

        Raises:
            RunNotAppliedError: if it has not come to its end; nothing is published from a faulty run.
        """
        if self.state == PUBLISHING:
            return replace(self, state=APPLIED, publication=None).made_public(now=now, in_part=in_part)
        self._check_applied()
        return self if in_part or self.published_at else replace(self, published_at=now)

    def _check_applied(self) -> None:
        if self.state != APPLIED:
            raise RunNotAppliedError(f"the run is {self.state}, so there is nothing to publish")

    def resumed(self) -> ScheduleRun:
        """Let a run that was given up or cancelled begin again.

        Raises:
            RunNotFailedError: if it was neither given up nor cancelled.
        """
        if self.state not in {FAILED, CANCELLED}:
            raise RunNotFailedError(f"the run is {self.state}, so there is nothing to resume")
        # What was only kept was never applied, and is searched for again.
        plan = self.plan if self.rounds else None
        return replace(
            self, state=QUEUED, attempts=0, plan=plan, stop="", failure="", progress=None, finished_at=None
        )

    def failed(self, failure: str, *, now: datetime) -> ScheduleRun:
        """Give the run up, unless it is past searching; one whose search was discarded is only cancelled."""
        if not self.may_solve:
            return self
        if self.stop == DISCARD:
            return replace(self, state=CANCELLED, finished_at=now)
        return replace(self, state=FAILED, failure=failure, finished_at=now)


def open_run(
    run_id: str, *school_ids: str, now: datetime, publish: bool = True, season_run_id: str = ""
) -> ScheduleRun:
    """Return a new run, which waits for its turn."""
    return ScheduleRun(
        run_id=run_id,
        school_ids=school_ids,
        state=QUEUED,
        requested_at=now,
        publish=publish,
        season_run_id=season_run_id,
    )


def plan_of_nothing(unplaced: tuple[Unplaced, ...]) -> Plan:
    """Return the plan of schools for which there is nothing to search."""
    return Plan(
        time_zone="",
        school_year="",
        placements=(),
        unplaced=unplaced,
        cost=0,
        lower_bound=None,
        seconds=0.0,
    )
