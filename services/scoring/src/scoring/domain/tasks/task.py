"""A task: one artifact on its way to a score, with everything that has happened to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from scoring.domain.rubrics import CriterionLevel
from scoring.domain.tasks.states import (
    TRANSITIONS,
    WAITING,
    IllegalTransitionError,
    Pool,
    Purpose,
    Stage,
    State,
    Step,
)

#: Who acts when a rule does.
RULE = "rule"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a student handed in, frozen when the task was opened.

    Attributes:
        student_id, school_id: None for a paper of no student.
        assignment_id: what the artifact was made for; None if nobody has said. No scorer sees it.
    """

    artifact_id: str
    student_id: str | None
    school_id: str | None
    grade: str
    skill_id: str
    title: str
    reflection: str
    media_type: str
    sha256: str = ""
    assignment_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Lease:
    """One scorer has the task open, and nobody else may read it.

    Attributes:
        slot: which of the scorer's places it takes, from 0; two leases never share one.
    """

    lease_id: str
    scorer_id: str
    stage: Stage
    slot: int
    leased_at: datetime
    warn_at: datetime
    expires_at: datetime
    warned: bool = False


@dataclass(frozen=True, kw_only=True)
class Read:
    """One scorer's levels, in the rubric's order; a void one is kept and does not count."""

    scorer_id: str
    stage: Stage
    levels: tuple[CriterionLevel, ...]
    lease_id: str
    leased_at: datetime
    given_at: datetime
    void: str | None = None

    @property
    def counts(self) -> bool:
        """Whether nobody has voided it."""
        return self.void is None

    @property
    def mean_level(self) -> float:
        """The mean of its levels, on the rubric's scale."""
        return sum(each.level for each in self.levels) / len(self.levels)


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that happened: who did what, when, why, and the state it led to."""

    at: datetime
    by: str
    what: str
    why: str
    state: State


@dataclass(frozen=True, kw_only=True)
class CriterionMean:
    """The outcome on one criterion, and what the scorers wrote."""

    criterion_id: str
    level: float
    feedback: str


@dataclass(frozen=True, kw_only=True)
class Score:
    """An outcome.

    Attributes:
        mean_level: weighs every criterion alike.
        scored_at: when the last read that counts was given.
        readers: how many people's reads count.
        released_at: None while it is held.
    """

    criteria: tuple[CriterionMean, ...]
    mean_level: float
    scored_at: datetime
    readers: int
    released_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Review:
    """Somebody asked that the score be looked at again; one of a task.

    Attributes:
        decision: in words, for the family; None until it is decided.
    """

    requested_at: datetime
    by: str
    reason: str
    decided_at: datetime | None = None
    replaced: bool = False
    before: float | None = None
    decision: str | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """One artifact, or one paper of no student, to be read with one rubric version.

    Attributes:
        reads: every one that was ever given, oldest first.
        second_because: why one read is not enough; empty while one is.
        declined: scorers who opened it and may not open it again.
        stage_since, due_at: of the read that is waited for now.
        next_step_at: when something must be done about its being late; None if there is nothing left to do.
        steps: what has been done about that.
        release_at: when the held score goes out.
        held: the outcome that is to go out.
        score: the outcome that is out.
    """

    task_id: str
    submission: Submission
    rubric_id: str
    rubric_version: str
    band: str
    state: State
    opened_at: datetime
    purpose: Purpose = Purpose.ARTIFACT
    lease: Lease | None = None
    reads: tuple[Read, ...] = ()
    history: tuple[Entry, ...] = ()
    nominated: bool = False
    second_because: tuple[str, ...] = ()
    #: A second reader found it unscorable although the first had scored it.
    disputed: bool = False
    declined: tuple[str, ...] = ()
    stage_since: datetime | None = None
    due_at: datetime | None = None
    next_step_at: datetime | None = None
    steps: tuple[Step, ...] = ()
    release_at: datetime | None = None
    held: Score | None = None
    score: Score | None = None
    review: Review | None = None

    @property
    def counting(self) -> tuple[Read, ...]:
        """The reads that led or will lead to the score, but for those of a review."""
        return tuple(each for each in self.reads if each.counts and each.stage is not Stage.REVIEW)

    @property
    def rereads(self) -> tuple[Read, ...]:
        """The reads of the review that count."""
        return tuple(each for each in self.reads if each.counts and each.stage is Stage.REVIEW)

    @property
    def pool(self) -> Pool | None:
        """Who may open it now; None if nobody may."""
        if self.state not in WAITING:
            return None
        return Pool.LEADS if self.state is State.ADJUDICATION else Pool.SCORERS

    @property
    def wake_at(self) -> datetime | None:
        """When a rule has something to do here; None if never."""
        moments = [self.next_step_at, self.release_at]
        if self.lease is not None:
            moments += [self.lease.expires_at, None if self.lease.warned else self.lease.warn_at]
        return min((each for each in moments if each is not None), default=None)

    @property
    def involved(self) -> frozenset[str]:
        """Who has read it, whether that counts or not, or may not open it again."""
        return frozenset((*(each.scorer_id for each in self.reads), *self.declined))


def moved(task: Task, state: State, *, at: datetime, by: str = RULE, what: str, why: str = "") -> Task:
    """Return the task in another state, with an entry in its history.

    Raises:
        IllegalTransitionError: if that state may not follow.
    """
    if state not in TRANSITIONS[task.state]:
        raise IllegalTransitionError(f"a task that is {task.state} cannot become {state}")
    entry = Entry(at=at, by=by, what=what, why=why, state=state)
    return replace(task, state=state, history=(*task.history, entry))


def noted(task: Task, *, at: datetime, by: str = RULE, what: str, why: str = "") -> Task:
    """Return the task in the same state, with an entry in its history."""
    entry = Entry(at=at, by=by, what=what, why=why, state=task.state)
    return replace(task, history=(*task.history, entry))
