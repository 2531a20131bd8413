"""One night's report, made in a process of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import timedelta
from typing import Protocol

import numpy as np

from scoring.domain.fairness.cells import enrol, works_of
from scoring.domain.fairness.equity import equity_rows, student_groups
from scoring.domain.fairness.rows import EquityRow
from scoring.domain.monitoring.asking import NightRequest
from scoring.domain.monitoring.buckets import People
from scoring.domain.monitoring.columns import Season, lay_out
from scoring.domain.monitoring.facts import Settled, StudentFacts
from scoring.domain.monitoring.nights import Report
from scoring.domain.monitoring.quality import quality_rows
from scoring.domain.monitoring.rows import Kind, Measure, QualityRow, too_few
from scoring.domain.monitoring.school_days import SchoolDays
from scoring.domain.monitoring.severity import severities
from scoring.use_cases.extract import Buckets, SeasonTasks, current_tasks


class Seasons(SeasonTasks, Protocol):
    """Where a district's season is."""

    def students(self) -> Iterable[StudentFacts]:
        """Return everybody who is or was enrolled."""
        ...

    def scorers(self) -> Iterable[str]:
        """Return the ids of all staff."""
        ...

    def settled(self) -> Settled:
        """Return the settled levels of all papers."""
        ...


class QualityRows(Protocol):
    """Where rows of quality go."""

    def put(self, report_id: str, rows: Iterable[QualityRow]) -> None:
        """Write the rows of a report that nobody reads yet."""
        ...


class EquityRows(Protocol):
    """Where rows of equity go."""

    def put(self, report_id: str, rows: Iterable[EquityRow]) -> None:
        """Write the rows of a report that nobody reads yet."""
        ...


def make_report(
    request: NightRequest,
    *,
    seasons: Seasons,
    buckets: Buckets,
    quality: QualityRows,
    equity: EquityRows,
    clock: Callable[[], float],
) -> Report:
    """Find and write all rows of a night, and return the report in short.

    Nobody sees the rows before the service has taken the report, so it may end at any point.

    Args:
        request: which night of whom.
        seasons: where the district's tasks, papers and people are.
        buckets: what the last night left of the tasks, and this one leaves to the next.
        quality: where rows go.
        equity: where rows go.
        clock: in seconds, from any point on.
    """
    started, rule = clock(), request.thresholds
    students = list(seasons.students())
    people = People(frozenset(each.student_id for each in students), frozenset(seasons.scorers()))
    season = lay_out(
        current_tasks(people, at=request.at, tasks=seasons, buckets=buckets),
        seasons.settled(),
        since=request.at - timedelta(days=rule.window_days),
        lowest=rule.lowest,
        highest=rule.highest,
    )
    pupils = enrol([each for each in students if each.enrolled], season.students)
    found, calendar = severities(season, rule), _calendar(season, request)
    groups = student_groups(pupils, season.artifacts.student, request.equity.groupings)
    rows = list(quality_rows(season, found, calendar, groups, rule))
    quality.put(request.report_id, rows)
    works = works_of(season, pupils, found.in_levels, calendar, minimum=request.equity.students_least)
    disparities = []
    for cells, disparity in equity_rows(
        pupils, works, season.skills, request.equity, scale=(rule.lowest, rule.highest)
    ):
        equity.put(request.report_id, cells)
        disparities.append(asdict(disparity))
    none = too_few(0, rule.pairs_least)
    district = next((each.figures for each in rows if each.kind is Kind.DISTRICT), {})
    return Report(
        report_id=request.report_id,
        night=request.night,
        made_at=request.at,
        seconds=round(clock() - started, 1),
        policy_version=request.policy_version,
        equity_version=request.equity.version,
        reads=len(season.reads),
        left_out=season.left_out,
        flags=dict(Counter(f"{each.kind}.{flag}" for each in rows for flag in each.flags)),
        exact=district.get(Measure.EXACT, none),
        adjacent=district.get(Measure.ADJACENT, none),
        separation=found.separation,
        subsets=found.subsets,
        disparities=tuple(disparities),
    )


def _calendar(season: Season, request: NightRequest) -> SchoolDays:
    now = request.at.timestamp()
    moments = np.concatenate([season.artifacts.opened_s, season.artifacts.released_s, season.reads.given_s])
    known = moments[~np.isnan(moments)]
    first, last = (float(known.min()), float(known.max())) if len(known) else (now, now)
    return SchoolDays(request.calendar, first_s=min(first, now), last_s=max(last, now))
