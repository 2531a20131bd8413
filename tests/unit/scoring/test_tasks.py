"""The life of a task, from its opening to its score."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.scoring.scoring_examples import NINE, NOON, RUBRIC, SUBMISSION, TEN, levels

from scoring.domain import (
    AlreadyScoredError,
    CriterionMean,
    IllegalTransitionError,
    NotYourTaskError,
    Read,
    Score,
    State,
    Task,
    assign,
    give_read,
    open_task,
    score,
)

QUEUED = open_task("task-1", SUBMISSION, RUBRIC, at=NINE)
ASSIGNED = assign(QUEUED, "t-west", at=TEN)
SCORED = give_read(ASSIGNED, RUBRIC, levels(4, 3, "Clear."), scorer_id="t-west", at=NOON)


def test_a_new_task_waits_and_is_bound_to_the_rubric_version() -> None:
    assert (
        Task(
            task_id="task-1",
            submission=SUBMISSION,
            rubric_id="effective-communicator-k-5",
            rubric_version="2026.1",
            state=State.QUEUED,
            scorer_id=None,
            reads=(),
            opened_at=NINE,
            assigned_at=None,
        )
        == QUEUED
    )


def test_is_assigned_once() -> None:
    assert replace(QUEUED, state=State.ASSIGNED, scorer_id="t-west", assigned_at=TEN) == ASSIGNED
    with pytest.raises(IllegalTransitionError, match="cannot go from assigned to assigned"):
        assign(ASSIGNED, "t-north", at=NOON)


def test_a_read_is_kept_in_the_rubrics_order() -> None:
    given = give_read(ASSIGNED, RUBRIC, levels(4, 3)[::-1], scorer_id="t-west", at=NOON)

    read = Read(scorer_id="t-west", levels=tuple(levels(4, 3)), given_at=NOON)
    assert given == replace(ASSIGNED, state=State.SCORED, reads=(read,))


def test_the_same_read_again_changes_nothing_and_another_one_is_refused() -> None:
    again = give_read(SCORED, RUBRIC, levels(4, 3, "Clear.")[::-1], scorer_id="t-west", at=NOON)

    assert again is SCORED
    with pytest.raises(AlreadyScoredError, match="task-1"):
        give_read(SCORED, RUBRIC, levels(4, 4, "Clear."), scorer_id="t-west", at=NOON)


def test_takes_a_read_from_its_scorer_alone() -> None:
    with pytest.raises(NotYourTaskError, match="not assigned to t-north"):
        give_read(ASSIGNED, RUBRIC, levels(4, 3), scorer_id="t-north", at=NOON)
    with pytest.raises(NotYourTaskError, match="not assigned to t-west"):
        give_read(QUEUED, RUBRIC, levels(4, 3), scorer_id="t-west", at=NOON)


def test_the_score_is_the_mean_over_reads_and_criteria() -> None:
    second = Read(scorer_id="t-north", levels=tuple(levels(2, 4)), given_at=TEN)
    twice = replace(SCORED, reads=(*SCORED.reads, second))

    assert score(twice) == Score(
        criteria=(
            CriterionMean(criterion_id="message", level=3.0, feedback="Clear."),
            CriterionMean(criterion_id="craft", level=3.5, feedback="Clear."),
        ),
        mean_level=3.25,
        scored_at=NOON,
    )


def test_there_is_no_score_before_a_read() -> None:
    with pytest.raises(IllegalTransitionError, match="has no score while it is assigned"):
        score(ASSIGNED)
