"""Calibration: setting papers, qualifying scorers, giving seeds, and stopping who strays from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from contracts.base import Fact
from contracts.scoring import SCORER_PAUSED, ReadGiven, ScorerPaused
from scoring.domain.calibration import record as domain
from scoring.domain.calibration.marks import StopReason
from scoring.domain.calibration.papers import NoPaperError, Paper, retire, set_paper
from scoring.domain.calibration.record import NoRecordError, ScorerRecord, Stop
from scoring.domain.calibration.rules import CalibrationRules
from scoring.domain.rubrics import CriterionLevel, rubric_of_id
from scoring.domain.tasks import Purpose, Task
from scoring.use_cases.queueing import task_id_of
from scoring.use_cases.rubrics import Rubrics
from scoring.use_cases.standings import Papers, Records, present, record_id_of


class Artifacts(Protocol):
    """What students handed in, as their tasks have frozen it."""

    def find(self, task_id: str) -> Task | None:
        """Return a task, or None."""
        ...


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What experts have settled about an artifact, and what it is to be used for."""

    levels: tuple[CriterionLevel, ...]
    purpose: Purpose
    rationale: str


def make_paper(
    artifact_id: str,
    settled: Settled,
    *,
    by: str,
    at: datetime,
    artifacts: Artifacts,
    rubrics: Rubrics,
    papers: Papers,
) -> Paper:
    """Make an artifact a paper; setting it again replaces what was settled.

    Raises:
        NoPaperError: if there is no such artifact.
        WrongPurposeError: if a paper cannot be for that.
        LevelsDoNotFitError: if the levels are not what the artifact's rubric asks for.
    """
    task = artifacts.find(task_id_of(artifact_id))
    if task is None:
        raise NoPaperError(f"there is no artifact {artifact_id} here")
    rubric = rubric_of_id(rubrics.of_version(task.rubric_version), task.rubric_id)
    paper = set_paper(
        task.submission,
        rubric,
        settled.levels,
        purpose=settled.purpose,
        rationale=settled.rationale,
        by=by,
        at=at,
    )
    return papers.change(artifact_id, lambda _: (paper, ())) or paper


def retire_paper(paper_id: str, *, papers: Papers) -> Paper:
    """Give a paper to nobody any more.

    Raises:
        NoPaperError: if there is none.
    """
    retired = papers.change(paper_id, lambda current: None if current is None else (retire(current), ()))
    if retired is None:
        raise NoPaperError(f"there is no paper {paper_id}")
    return retired


def open_set(
    scorer_id: str,
    skill_id: str,
    band: str,
    purpose: Purpose,
    *,
    at: datetime,
    records: Records,
    papers: Papers,
    rules: CalibrationRules,
) -> ScorerRecord:
    """Begin a practice or qualifying set, whose papers then come like any artifact.

    Raises:
        AttemptError: if a set cannot be opened now.
        NotEnoughPapersError: if the district has too few papers that the scorer has not seen.
    """
    there = papers.active(purpose, skill_id, band)

    def decide(current: ScorerRecord | None) -> tuple[ScorerRecord, Sequence[Fact]]:
        record = present(current, scorer_id, skill_id, band, at=at, rules=rules)
        return domain.open_attempt(record, purpose, there, at=at, rules=rules), ()

    opened = records.change(record_id_of(scorer_id, skill_id, band), decide)
    assert opened is not None
    return opened


def take_read(event: ReadGiven, *, records: Records, papers: Papers, rules: CalibrationRules) -> None:
    """Count a read, mark it if it is of a paper, and say so if it stops the scorer.

    What a stopped scorer reads all the same, because they had it open, is said to be in doubt as well.
    """
    purpose = Purpose(event.purpose)
    paper = None if purpose is Purpose.ARTIFACT else papers.find(event.artifact_id)
    if paper is None and purpose is not Purpose.ARTIFACT:
        return
    given = [
        CriterionLevel(criterion_id=each.criterion_id, level=each.level, feedback="") for each in event.levels
    ]

    def decide(current: ScorerRecord | None) -> tuple[ScorerRecord, Sequence[Fact]] | None:
        at = event.given_at
        before = present(current, event.scorer_id, event.skill_id, event.band, at=at, rules=rules)
        if paper is None:
            after = domain.take_artifact(before, at=at, rules=rules)
        else:
            after = domain.take_paper(before, paper, given, at=at, rules=rules)
        if after is before:
            return None
        stopped = len(after.stops) > len(before.stops) or (
            paper is None and domain.is_stopped(after, at, rules)
        )
        return after, [_paused(after)] if stopped else ()

    records.change(record_id_of(event.scorer_id, event.skill_id, event.band), decide)


def stop_scorer(
    record_id: str, *, by: str, at: datetime, records: Records, rules: CalibrationRules
) -> ScorerRecord:
    """Stop a scorer by a person's word, such as after back-reading.

    Raises:
        NoRecordError: if they have read nothing in that skill and band.
    """

    def decide(current: ScorerRecord | None) -> tuple[ScorerRecord, Sequence[Fact]] | None:
        if current is None or domain.is_stopped(current, at, rules):
            return None
        stopped = domain.stop(current, StopReason.PERSON, by=by, at=at, rules=rules)
        return stopped, [_paused(stopped)]

    return _known(records.change(record_id, decide), record_id)


def confirm_training(
    record_id: str, *, by: str, at: datetime, records: Records, rules: CalibrationRules
) -> ScorerRecord:
    """Let a scorer who failed too often try again.

    Raises:
        NoRecordError: if there is no such record.
    """
    changed = records.change(
        record_id,
        lambda current: (
            None if current is None else (domain.confirm_training(current, by=by, at=at, rules=rules), ())
        ),
    )
    return _known(changed, record_id)


def _known(record: ScorerRecord | None, record_id: str) -> ScorerRecord:
    if record is None:
        raise NoRecordError(f"there is no calibration {record_id}")
    return record


def _paused(record: ScorerRecord) -> Fact:
    last: Stop = record.stops[-1]
    return SCORER_PAUSED.says(
        ScorerPaused(
            scorer_id=record.scorer_id,
            skill_id=record.skill_id,
            band=record.band,
            reads_since=last.since,
            reason=str(last.reason),
            paused_at=last.at,
        )
    )
