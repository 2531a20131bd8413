"""Reviews: once a task, two people who have not read it read it again, and the score never falls."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from scoring.domain.tasks.counting import score_from
from scoring.domain.tasks.rules import AgreementRule, ReviewRule, Workflow
from scoring.domain.tasks.settling import stop_clock, waits
from scoring.domain.tasks.states import Stage, State
from scoring.domain.tasks.task import Review, Score, Task, moved, noted


class ReviewRefusedError(ValueError):
    """A review cannot be asked for now; the text says why, for the family."""


def request_review(task: Task, *, by: str, reason: str, at: datetime, rule: Workflow) -> Task:
    """Ask that a released score be looked at again.

    Raises:
        ReviewRefusedError: if there was a review, no score is out, or it has been out for too long.
    """
    if task.review is not None:
        raise ReviewRefusedError("a score is reviewed once")
    if task.state is not State.RELEASED or task.score is None or task.score.released_at is None:
        raise ReviewRefusedError("there is no released score to review")
    last = rule.deadlines.calendar.after(task.score.released_at, rule.review.within_days)
    if at > last:
        days = f"{rule.review.within_days:g}"
        raise ReviewRefusedError(f"a review can be asked for within {days} school days of the release")
    asked = moved(task, State.REVIEW_REQUESTED, at=at, by=by, what="review_requested", why=reason)
    review = Review(requested_at=at, by=by, reason=reason, before=task.score.mean_level)
    return waits(replace(asked, review=review), Stage.REVIEW, at=at, rule=rule)


def count_rereads(task: Task, *, at: datetime, by: str, rule: Workflow) -> Task:
    """Take a reread; the last one decides the review."""
    task = moved(task, State.CLEAN_REREAD, at=at, by=by, what="read", why=str(Stage.REVIEW))
    if len(task.rereads) < rule.review.readers:
        return task
    assert task.score is not None  # what is reviewed has one
    assert task.review is not None  # rereads are a review's
    fresh = score_from(task.rereads, readers=len(task.rereads))
    replaces = _is_outside(task.score, fresh, rule.review, rule.agreement)
    replaces = replaces and fresh.mean_level > task.score.mean_level
    words = _reasoned(task.score, fresh, replaces=replaces, rule=rule)
    review = replace(task.review, decided_at=at, replaced=replaces, decision=words)
    if replaces:
        released = replace(fresh, released_at=at)
        task = noted(task, at=at, what="score_replaced", why=words)
        task = replace(task, score=released)
    decided = moved(task, State.REVIEW_DECIDED, at=at, what="review_decided", why=words)
    return stop_clock(replace(decided, review=review))


def _is_outside(old: Score, fresh: Score, rule: ReviewRule, agreement: AgreementRule) -> bool:
    pairs = zip(old.criteria, fresh.criteria, strict=True)
    apart = any(abs(mine.level - theirs.level) >= rule.outside for mine, theirs in pairs)
    return apart or (old.mean_level >= agreement.cut) is not (fresh.mean_level >= agreement.cut)


def _reasoned(old: Score, fresh: Score, *, replaces: bool, rule: Workflow) -> str:
    people = f"{rule.review.readers} scorers who had not read this work before"
    means = f"gave it {fresh.mean_level:.2f} on average; the released score was {old.mean_level:.2f}"
    if replaces:
        return f"{people} {means}. That is outside the tolerance, so the higher score replaces it."
    if fresh.mean_level < old.mean_level:
        return f"{people} {means}. A review never lowers a score, so it stands."
    return f"{people} {means}. That is within the tolerance, so it stands."
