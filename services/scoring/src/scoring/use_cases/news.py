"""What others are told of a task's changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contracts.base import Fact
from contracts.scoring import (
    ARTIFACT_RETURNED,
    ARTIFACT_SCORED,
    ARTIFACT_UNSCORABLE,
    DEADLINE_PASSED,
    LEASE_WARNED,
    READ_GIVEN,
    REVIEW_DECIDED,
    SAFEGUARDING_RAISED,
    SCORE_QUARANTINED,
    ArtifactReturned,
    ArtifactScored,
    ArtifactUnscorable,
    CriterionScore,
    DeadlinePassed,
    LeaseWarned,
    ReadGiven,
    ReadLevel,
    ReviewDecided,
    SafeguardingRaised,
    ScoreQuarantined,
)
from scoring.domain.tasks import Lease, Purpose, Stage, State, Step, Task
from scoring.domain.tasks.settling import STAGE_OF
from scoring.domain.tasks.task import RULE, Entry

#: The reason of what the office returned: its own words stay in the history.
_BY_OFFICE = "office"


def news(before: Task | None, after: Task) -> list[Fact]:
    """Return what happened between two versions of a task, oldest first."""
    entries = after.history[len(before.history) if before else 0 :]
    facts = [fact for entry in entries for fact in _of(entry, before, after)]
    if after.score is not None and (before is None or _outward(before) != _outward(after)):
        facts.append(ARTIFACT_SCORED.says(_scored(after)))
    return facts


def _outward(task: Task) -> tuple[object, ...]:
    """Return what a score says to others; a new nomination says it anew."""
    return (task.score, task.nominated) if task.score is not None else ()


def _of(entry: Entry, before: Task | None, after: Task) -> Iterator[Fact]:
    if entry.what == "read":
        yield READ_GIVEN.says(_read_given(after))
    elif entry.what == "unscorable" and after.purpose is not Purpose.ARTIFACT:
        assert before is not None  # whoever finds something had it open
        assert before.lease is not None
        yield READ_GIVEN.says(_paper_refused(entry, before, before.lease))
    elif entry.what in set(Step) and after.due_at is not None:
        yield DEADLINE_PASSED.says(_deadline_passed(entry, after))
    elif entry.what == "warned" and after.lease is not None:
        warned = LeaseWarned(
            task_id=after.task_id, scorer_id=after.lease.scorer_id, expires_at=after.lease.expires_at
        )
        yield LEASE_WARNED.says(warned)
    elif after.submission.student_id is not None:
        yield from _of_student(entry, before, after)


def _of_student(entry: Entry, before: Task | None, after: Task) -> Iterator[Fact]:
    """Return what is said of a student's artifact, and never of a paper."""
    about = after.submission
    whose = {
        "artifact_id": about.artifact_id,
        "student_id": about.student_id or "",
        "school_id": about.school_id or "",
    }
    if entry.what == "returned":
        reason = entry.why if entry.by == RULE else _BY_OFFICE
        returned = ArtifactReturned(**whose, skill_id=about.skill_id, reason=reason, returned_at=entry.at)
        yield ARTIFACT_RETURNED.says(returned)
    elif entry.state is State.UNSCORABLE and entry.what == "unscorable":
        found = ArtifactUnscorable(**whose, skill_id=about.skill_id, code=entry.why, found_at=entry.at)
        yield ARTIFACT_UNSCORABLE.says(found)
    elif entry.what == "safeguarding":
        yield SAFEGUARDING_RAISED.says(SafeguardingRaised(task_id=after.task_id, **whose, raised_at=entry.at))
    elif entry.what == "quarantined" and before is not None and before.score is not None:
        doubt = ScoreQuarantined(**whose, skill_id=about.skill_id, quarantined_at=entry.at)
        yield SCORE_QUARANTINED.says(doubt)
    elif entry.what == "review_decided":
        yield REVIEW_DECIDED.says(_review_decided(after, whose))


def _read_given(task: Task) -> ReadGiven:
    read = task.reads[-1]
    return ReadGiven(
        **_what_was_read(task),
        stage=str(read.stage),
        scorer_id=read.scorer_id,
        levels=tuple(ReadLevel(criterion_id=each.criterion_id, level=each.level) for each in read.levels),
        lease_id=read.lease_id,
        leased_at=read.leased_at,
        given_at=read.given_at,
    )


def _paper_refused(entry: Entry, task: Task, lease: Lease) -> ReadGiven:
    """Return that a scorer found a paper unscorable, which tells as much of them as levels would."""
    return ReadGiven(
        **_what_was_read(task),
        stage=str(lease.stage),
        scorer_id=lease.scorer_id,
        levels=(),
        lease_id=lease.lease_id,
        leased_at=lease.leased_at,
        given_at=entry.at,
        unscorable=entry.why,
    )


def _what_was_read(task: Task) -> dict[str, Any]:
    about = task.submission
    return {
        "task_id": task.task_id,
        "artifact_id": about.artifact_id,
        "purpose": str(task.purpose),
        "school_id": about.school_id,
        "skill_id": about.skill_id,
        "band": task.band,
        "rubric_id": task.rubric_id,
        "rubric_version": task.rubric_version,
    }


def _deadline_passed(entry: Entry, task: Task) -> DeadlinePassed:
    assert task.due_at is not None  # a step is taken of something that is due
    stage = task.lease.stage if task.lease else STAGE_OF.get(task.state, Stage.FIRST)
    return DeadlinePassed(
        task_id=task.task_id,
        stage=str(stage),
        step=entry.what,
        skill_id=task.submission.skill_id,
        band=task.band,
        scorer_id=task.lease.scorer_id if task.lease else None,
        due_at=task.due_at,
        passed_at=entry.at,
    )


def _review_decided(task: Task, whose: dict[str, str]) -> ReviewDecided:
    review, score = task.review, task.score
    assert review is not None  # this is said when a review is decided
    assert review.before is not None
    assert review.decision is not None
    assert review.decided_at is not None
    assert score is not None
    return ReviewDecided(
        **whose,
        skill_id=task.submission.skill_id,
        replaced=review.replaced,
        mean_before=review.before,
        mean_after=score.mean_level,
        reason=review.decision,
        decided_at=review.decided_at,
    )


def _scored(task: Task) -> ArtifactScored:
    score, about = task.score, task.submission
    assert score is not None  # said of what is released
    return ArtifactScored(
        artifact_id=about.artifact_id,
        student_id=about.student_id or "",
        school_id=about.school_id or "",
        grade=about.grade,
        skill_id=about.skill_id,
        rubric_id=task.rubric_id,
        rubric_version=task.rubric_version,
        criteria=tuple(
            CriterionScore(criterion_id=each.criterion_id, level=each.level, feedback=each.feedback)
            for each in score.criteria
        ),
        mean_level=score.mean_level,
        scored_at=score.scored_at,
        assignment_id=about.assignment_id,
        nominated=task.nominated,
        readers=score.readers,
    )
