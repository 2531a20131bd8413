"""How scorers stand, and the papers that they read in an artifact's place: what claiming asks calibration."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from contracts.base import Fact
from contracts.envelope import derived_id
from scoring.domain.calibration import record as domain
from scoring.domain.calibration.papers import Paper
from scoring.domain.calibration.record import ScorerRecord
from scoring.domain.calibration.rules import CalibrationRules
from scoring.domain.calibration.seeding import draw, wants_seed
from scoring.domain.routing import SeedPaper, Standing
from scoring.domain.tasks import Purpose, Submission, Task
from scoring.use_cases.rubrics import Rubrics

DecidePaper = Callable[[Paper | None], tuple[Paper, Sequence[Fact]] | None]
DecideRecord = Callable[[ScorerRecord | None], tuple[ScorerRecord, Sequence[Fact]] | None]


class Papers(Protocol):
    """Where papers are kept, by their artifact's id."""

    def find(self, paper_id: str) -> Paper | None:
        """Return a paper, or None."""
        ...

    def active(self, purpose: Purpose, skill_id: str, band: str) -> Sequence[Paper]:
        """Return those that may be given for a purpose in a skill and band."""
        ...

    def change(self, paper_id: str, decide: DecidePaper) -> Paper | None:
        """Change one paper."""
        ...


class Records(Protocol):
    """Where scorers' records are kept."""

    def find(self, record_id: str) -> ScorerRecord | None:
        """Return a record, or None."""
        ...

    def change(self, record_id: str, decide: DecideRecord) -> ScorerRecord | None:
        """Change one record and keep what it says."""
        ...


class Conflicts(Protocol):
    """Whom and what scorers know."""

    def concern(self, scorer_id: str, submission: Submission) -> bool:
        """Whether a scorer has to do with the school or the student, or has read the artifact already."""
        ...


def record_id_of(scorer_id: str, skill_id: str, band: str) -> str:
    """Return the id of a scorer's record in a skill and band."""
    return derived_id("scoring", "calibration", scorer_id, skill_id, band)


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """What claiming asks calibration: how scorers stand, and when it is a paper's turn.

    Attributes:
        records, papers, conflicts, rubrics: see the protocols.
        rules: the district's, as in force now.
    """

    records: Records
    papers: Papers
    conflicts: Conflicts
    rubrics: Rubrics
    rules: CalibrationRules

    def may_read(self, scorer_id: str, skill_id: str, band: str, at: datetime) -> Standing:
        """Return how a scorer stands in a skill and band at a time."""
        record = self._record(scorer_id, skill_id, band, at)
        stopped = domain.is_stopped(record, at, self.rules)
        free = not self.rules.required_on(at.date())
        return Standing(
            scorer_id=scorer_id,
            skill_id=skill_id,
            band=band,
            qualified=not stopped and (free or domain.is_qualified(record, at, self.rules)),
            paused=stopped,
            capacity=None,
            reads=record.reads,
        )

    def next_for(self, standing: Standing, held: Sequence[Task], at: datetime) -> SeedPaper | None:
        """Return the paper that a scorer is to read next: of the set that they opened, else a seed.

        Args:
            standing: theirs, in one skill and band.
            held: all that they have open.
            at: now.

        Returns:
            None if it is no paper's turn, or if the district has none left for them.
        """
        record = self._record(standing.scorer_id, standing.skill_id, standing.band, at)
        there = [
            each
            for each in held
            if (each.submission.skill_id, each.band) == (standing.skill_id, standing.band)
        ]
        seeds = sum(each.purpose is Purpose.SEED for each in there)
        if record.attempt is not None:
            purpose = record.attempt.purpose
            under_way = sum(each.purpose is purpose for each in there)
            due = under_way + len(record.attempt.reads) < domain.set_size(purpose, self.rules)
        else:
            purpose = Purpose.SEED
            due = (
                standing.qualified
                and not standing.paused
                and wants_seed(record, tasks_open=len(there), seeds_open=seeds, at=at, rules=self.rules)
            )
        used = {*record.seen, *(each.submission.artifact_id for each in there)}
        return self._drawn(record, purpose, used, at) if due else None

    def _drawn(
        self, record: ScorerRecord, purpose: Purpose, used: set[str], at: datetime
    ) -> SeedPaper | None:
        """Return the first paper in the scorer's own order that is new to them and of nobody they know."""
        versions = {each.rubric_id: each.version for each in self.rubrics.current(at)}
        left = (
            each
            for each in self.papers.active(purpose, record.skill_id, record.band)
            if each.paper_id not in used and versions.get(each.rubric_id) == each.rubric_version
        )
        for paper in sorted(left, key=lambda each: draw(record.key, each.paper_id)):
            if not self.conflicts.concern(record.scorer_id, paper.submission):
                return SeedPaper(
                    paper_id=paper.paper_id,
                    # To the workflow it is nobody's: it is no score of the student whose artifact it was.
                    submission=replace(paper.submission, student_id=None, school_id=None),
                    rubric_id=paper.rubric_id,
                    rubric_version=paper.rubric_version,
                    purpose=purpose,
                )
        return None

    def _record(self, scorer_id: str, skill_id: str, band: str, at: datetime) -> ScorerRecord:
        found = self.records.find(record_id_of(scorer_id, skill_id, band))
        return present(found, scorer_id, skill_id, band, at=at, rules=self.rules)


def present(
    found: ScorerRecord | None,
    scorer_id: str,
    skill_id: str,
    band: str,
    *,
    at: datetime,
    rules: CalibrationRules,
) -> ScorerRecord:
    """Return a record as it is in the school year of a time, or an empty one."""
    if found is not None:
        return domain.in_season(found, at, rules)
    season = rules.season_of(at.date())
    return ScorerRecord(scorer_id=scorer_id, skill_id=skill_id, band=band, season=season)
