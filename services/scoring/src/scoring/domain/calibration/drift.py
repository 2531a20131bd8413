"""How soon the stop rule catches a scorer who has drifted: the rules themselves, run read by read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scoring.domain.calibration.papers import Paper
from scoring.domain.calibration.record import (
    RecordState,
    ScorerRecord,
    is_stopped,
    take_artifact,
    take_paper,
)
from scoring.domain.calibration.rules import CalibrationRules
from scoring.domain.calibration.seeding import seeds_due, wants_seed
from scoring.domain.rubrics import CriterionLevel
from scoring.domain.tasks import Purpose, Submission

_BEGIN = datetime(2026, 9, 1, 8, tzinfo=UTC)
_READ_TAKES = timedelta(minutes=6)

Levels = Sequence[int]


def reads_until_stopped(
    scorer_id: str,
    known: Iterator[Levels],
    read: Callable[[Levels], Levels],
    *,
    rules: CalibrationRules,
    reads_before: int = 0,
    most: int = 1_000,
) -> int | None:
    """Return after how many reads from some read on a scorer is stopped; None if not within `most`.

    Args:
        scorer_id: decides where their seeds are.
        known: the levels of one paper after another, a level for each criterion.
        read: the levels that the scorer gives to a paper, of those that are known.
        rules: the district's.
        reads_before: how many they have given this season, with every seed in its turn and none of it missed.
        most: how long to go on.
    """
    record = ScorerRecord(
        scorer_id=scorer_id,
        skill_id="skill",
        band="band",
        season=rules.season_of(_BEGIN.date()),
        state=RecordState.QUALIFIED,
        reads=reads_before,
        qualified_at=_BEGIN,
        trusted_since=_BEGIN,
    )
    if reads_before:
        record = replace(record, seeds=seeds_due(record.key, reads_before - 1, rules.seeding))
    for number in range(1, most + 1):
        at = _BEGIN + number * _READ_TAKES
        if wants_seed(record, tasks_open=0, seeds_open=0, at=at, rules=rules):
            levels = next(known)
            given = _levels(read(levels))
            record = take_paper(record, _paper(number, levels), given, at=at, rules=rules)
            if is_stopped(record, at, rules):
                return number
        else:
            record = take_artifact(record, at=at, rules=rules)
    return None


def _paper(number: int, levels: Levels) -> Paper:
    submission = Submission(
        artifact_id=f"paper-{number}",
        student_id=None,
        school_id=None,
        grade="5",
        skill_id="skill",
        title="",
        reflection="",
        media_type="text/plain",
    )
    return Paper(
        paper_id=submission.artifact_id,
        purpose=Purpose.SEED,
        submission=submission,
        band="band",
        rubric_id="rubric",
        rubric_version="1",
        known=_levels(levels),
        rationale="",
        active=True,
        set_by="",
        set_at=_BEGIN,
    )


def _levels(levels: Levels) -> tuple[CriterionLevel, ...]:
    return tuple(
        CriterionLevel(criterion_id=str(place), level=level, feedback="")
        for place, level in enumerate(levels)
    )
