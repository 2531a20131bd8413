"""Rules, papers and reads: literals that the tests of calibration share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from scoring.domain.calibration.papers import Paper
from scoring.domain.calibration.record import ScorerRecord
from scoring.domain.calibration.rules import CalibrationRules, Qualifying, Seeding, Stopping
from scoring.domain.rubrics import Criterion, CriterionLevel, Descriptor, Rubric
from scoring.domain.tasks import Purpose, Submission

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 8, 9, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SKILL, BAND = "communicator", "K-5"
CRITERIA = ("message", "audience", "organisation", "craft")

RULES = CalibrationRules(
    required_from=date(2026, 7, 1),
    season_starts=(7, 1),
    qualifying=Qualifying(
        practice_papers=2,
        papers=3,
        exact_share_least=0.7,
        two_apart_most=1,
        wrong_side_most=1,
        cut=2.5,
        attempts_most=2,
        idle_days_most=60,
    ),
    seeding=Seeding(first_reads=50, first_every=10, later_every=20, idle_days=14, after_miss=True),
    stopping=Stopping(
        criterion_tolerance=1,
        total_tolerance=2,
        window=5,
        misses_most=1,
        rolling=20,
        exact_share_least=0.6,
        adjacent_share_least=0.95,
        stops_most=2,
    ),
)

RUBRIC = Rubric(
    rubric_id="communicator-k-5",
    version="2026.1",
    title="Communicator",
    skill_id=SKILL,
    band=BAND,
    grades=("K", "1", "2", "3", "4", "5"),
    criteria=tuple(
        Criterion(
            criterion_id=each,
            name=each,
            descriptors=tuple(Descriptor(level=level, text=f"{each} {level}") for level in (1, 2, 3, 4)),
        )
        for each in CRITERIA
    ),
)


def levels(*given: int) -> tuple[CriterionLevel, ...]:
    return tuple(
        CriterionLevel(criterion_id=each, level=level, feedback="")
        for each, level in zip(CRITERIA, given, strict=True)
    )


def submission(artifact_id: str) -> Submission:
    return Submission(
        artifact_id=artifact_id,
        student_id=f"student-of-{artifact_id}",
        school_id="east",
        grade="5",
        skill_id=SKILL,
        title="Letter to the city",
        reflection="I rewrote the opening.",
        media_type="text/plain",
    )


def paper(
    paper_id: str,
    known: Sequence[int] = (3, 3, 2, 2),
    purpose: Purpose = Purpose.SEED,
    *,
    active: bool = True,
    version: str = "2026.1",
) -> Paper:
    return Paper(
        paper_id=paper_id,
        purpose=purpose,
        submission=submission(paper_id),
        band=BAND,
        rubric_id=RUBRIC.rubric_id,
        rubric_version=version,
        known=levels(*known),
        rationale=f"why of {paper_id}",
        active=active,
        set_by="office",
        set_at=MONDAY,
    )


def record(scorer_id: str = "t-1") -> ScorerRecord:
    return ScorerRecord(scorer_id=scorer_id, skill_id=SKILL, band=BAND, season=date(2026, 7, 1))
