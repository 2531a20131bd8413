"""Rules, and small seasons made of literals, that the tests of reports share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from scoring.domain.fairness.rules import EquityRule, Group, Grouping
from scoring.domain.monitoring.columns import Season, lay_out
from scoring.domain.monitoring.facts import ReadFacts, Settled, StudentFacts, TaskFacts, UnscorableFacts
from scoring.domain.monitoring.nights import Report
from scoring.domain.monitoring.rows import Figure
from scoring.domain.monitoring.rules import NightRule, Thresholds
from scoring.domain.monitoring.school_days import SchoolDays
from scoring.domain.tasks.rules import Calendar

#: A Monday, nine o'clock UTC: four in the morning in Louisville.
MONDAY = datetime(2026, 11, 16, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

NIGHT = NightRule(
    time_zone="America/Kentucky/Louisville",
    run_at=time(2),
    limit=timedelta(minutes=20),
    attempts=3,
    pause=timedelta(minutes=10),
)
THRESHOLDS = Thresholds(
    lowest=1,
    highest=4,
    window_days=365,
    pairs_least=4,
    reads_least=4,
    exact_least=0.5,
    adjacent_least=0.95,
    kappa_least=0.7,
    smd_most=0.15,
    dsm_most=0.1,
    infit_least=0.5,
    infit_most=1.5,
    severity_most=0.5,
    z_most=2.0,
    drift_most=0.1,
    drift_chance_most=0.01,
    artifact_sd=1.0,
    learn_from=500,
)
GRADES = Grouping(
    grouping_id="grade_band",
    by="grade",
    groups=(Group(group_id="K-5", grades=("4", "5")), Group(group_id="6-8", grades=("6", "7", "8"))),
)
LANGUAGES = Grouping(
    grouping_id="home_language",
    by="home_language",
    groups=(Group(group_id="english", languages=("en",)), Group(group_id="other")),
)
EQUITY = EquityRule(
    version="2026.1",
    students_least=10,
    edge=0.05,
    risk_students_least=30,
    risk_cases_least=10,
    artifacts_due=2,
    cut=2.5,
    missing_level=0,
    groupings=(GRADES, LANGUAGES),
)
CALENDAR = Calendar(
    time_zone="America/Kentucky/Louisville",
    weekdays=frozenset(range(5)),
    closed=frozenset({date(2026, 11, 26)}),
)
SCHOOL_DAYS = SchoolDays(
    CALENDAR, first_s=(MONDAY - 30 * DAY).timestamp(), last_s=(MONDAY + 60 * DAY).timestamp()
)


def read(
    scorer_id: str, *levels: int, after: timedelta = DAY, hours: float = 1.0, criteria: Sequence[str] = ()
) -> ReadFacts:
    """Return a read that was given so long after Monday, with levels of the criteria c-0, c-1 and so on."""
    names = criteria or [f"c-{place}" for place in range(len(levels))]
    given_s = (MONDAY + after).timestamp()
    return ReadFacts(scorer_id, dict(zip(names, levels, strict=True)), given_s - 3600 * hours, given_s)


def artifact(
    artifact_id: str,
    *reads: ReadFacts,
    student_id: str = "s-1",
    school_id: str = "east",
    grade: str = "5",
    skill_id: str = "communicator",
    rubric_id: str = "communicator-k-5",
    level: float | None = None,
    unscorable: Iterable[UnscorableFacts] = (),
) -> TaskFacts:
    """Return an artifact that was queued on Monday, released three days later if it has a level."""
    return TaskFacts(
        artifact_id=artifact_id,
        is_seed=False,
        student_id=student_id,
        school_id=school_id,
        grade=grade,
        skill_id=skill_id,
        rubric_id=rubric_id,
        opened_s=MONDAY.timestamp(),
        mean_level=level,
        released_s=None if level is None else (MONDAY + 3 * DAY).timestamp(),
        reads=reads,
        unscorable=list(unscorable),
    )


def unscorable(scorer_id: str, after: timedelta = timedelta()) -> UnscorableFacts:
    """Return that somebody found something unscorable so long after Monday."""
    return UnscorableFacts(scorer_id, (MONDAY + after).timestamp())


def seed(artifact_id: str, *reads: ReadFacts) -> TaskFacts:
    """Return a task of a paper."""
    task = artifact(artifact_id, *reads)
    return task._replace(is_seed=True, student_id=None, school_id=None)


def season(*tasks: TaskFacts, settled: Settled | None = None) -> Season:
    """Lay tasks out, with all reads of a year."""
    return lay_out(tasks, settled or {}, since=MONDAY - 365 * DAY, lowest=1, highest=4)


def students(
    count: int, school_id: str, grade: str | None, language: str | None = "en"
) -> list[StudentFacts]:
    """Return so many students of one school and group."""
    return [
        StudentFacts(f"{school_id}-{grade}-{language}-{place}", school_id, grade, language)
        for place in range(count)
    ]


def report(report_id: str = "r-1", night: date = date(2026, 11, 16)) -> Report:
    """Return a report in short."""
    return Report(
        report_id=report_id,
        night=night,
        made_at=MONDAY,
        seconds=1.5,
        policy_version="2026.1",
        equity_version="2026.1",
        reads=100,
        left_out=0,
        flags={"scorer.exact": 2},
        exact=Figure(count=40, value=0.7, low=0.5, high=0.8),
        adjacent=Figure(count=3, shortage="too_few", need=30),
    )
