"""One night's report, and the process that makes it: bounded, never trusted."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from typing import Generic, TypeVar

import pytest
from tests.unit.scoring.monitoring.kept_season import KeptBuckets, KeptSeason
from tests.unit.scoring.monitoring.monitoring_examples import (
    CALENDAR,
    DAY,
    EQUITY,
    MONDAY,
    THRESHOLDS,
    artifact,
    read,
    report,
    students,
)

from scoring.clients import NightlyProcess
from scoring.domain.fairness.rows import EquityRow
from scoring.domain.monitoring.asking import (
    NightRequest,
    report_from_wire,
    report_to_wire,
    request_from_wire,
    request_to_wire,
)
from scoring.domain.monitoring.rows import Kind, QualityRow
from scoring.use_cases.monitoring import NightFailedError
from scoring.use_cases.nightly import make_report

Row = TypeVar("Row")

REQUEST = NightRequest(
    report_id="r-1",
    district="jcps",
    night=MONDAY.date(),
    at=MONDAY + 10 * DAY,
    policy_version="2026.1",
    thresholds=THRESHOLDS,
    equity=EQUITY,
    calendar=CALENDAR,
)


class Put(Generic[Row]):
    def __init__(self) -> None:
        self.rows: list[Row] = []

    def put(self, report_id: str, rows: Iterable[Row]) -> None:
        assert report_id == REQUEST.report_id
        self.rows += rows


def test_a_report_has_rows_of_quality_and_equity_and_is_told_in_short() -> None:
    tasks = [
        artifact(f"a-{n}", read("ann", 2, 4), read("bob", 4, 1, after=2 * DAY), student_id=f"east-5-en-{n}")
        for n in range(6)
    ]
    quality, equity, ticks = Put[QualityRow](), Put[EquityRow](), count()

    made = make_report(
        REQUEST,
        seasons=KeptSeason(tasks, students(12, "east", "5")),
        buckets=KeptBuckets(),
        quality=quality,
        equity=equity,
        clock=lambda: float(next(ticks)),
    )

    assert (made.reads, made.left_out, made.seconds) == (12, 0, 1.0)
    assert made.flags["scorer.exact"] == made.flags["scorer.adjacent"] == 2
    assert made.exact.value == 0.0
    assert {row.kind for row in quality.rows} == set(Kind)
    assert {row.school_id for row in equity.rows} == {"east", "all"}
    assert {each["grouping_id"] for each in made.disparities} == {"grade_band", "home_language"}


def test_whoever_is_not_enrolled_any_more_counts_among_no_students() -> None:
    roster = [each._replace(enrolled=place < 10) for place, each in enumerate(students(12, "east", "5"))]
    equity = Put[EquityRow]()

    make_report(
        REQUEST,
        seasons=KeptSeason([artifact("a-1", student_id=roster[11].student_id)], roster),
        buckets=KeptBuckets(),
        quality=Put[QualityRow](),
        equity=equity,
        clock=lambda: 0.0,
    )

    assert {row.internal.students for row in equity.rows if row.group_id == "all"} == {10}


def test_an_empty_district_has_a_report_that_says_so() -> None:
    quality, equity = Put[QualityRow](), Put[EquityRow]()

    made = make_report(
        REQUEST,
        seasons=KeptSeason(),
        buckets=KeptBuckets(),
        quality=quality,
        equity=equity,
        clock=lambda: 0.0,
    )

    assert (made.reads, made.exact.shortage, made.flags) == (0, "too_few", {})
    assert not quality.rows
    assert not equity.rows


def test_what_is_asked_and_answered_survives_json() -> None:
    assert request_from_wire(json.loads(json.dumps(request_to_wire(REQUEST)))) == REQUEST
    said = replace(report(), separation={"strata": 2.0}, disparities=({"grouping_id": "grade_band"},))
    assert report_from_wire(json.loads(json.dumps(report_to_wire(said)))) == said


def python(code: str) -> NightlyProcess:
    return NightlyProcess((sys.executable, "-c", code))


def test_a_process_that_answers_is_believed() -> None:
    said = json.dumps(report_to_wire(report()))

    assert python(f"print({said!r})").make(REQUEST, limit_s=60.0) == report()


def test_a_process_reads_what_is_asked_and_whose_it_is() -> None:
    said = json.dumps(report_to_wire(report()))
    check = "assert int(sys.argv[1]) == os.getppid(); assert json.load(sys.stdin)['district'] == 'jcps'"
    code = f"import json, os, sys; {check}; print({said!r})"

    assert python(code).make(REQUEST, limit_s=60.0) == report()


def test_a_process_that_fails_says_how_and_not_about_whom() -> None:
    with pytest.raises(NightFailedError, match=r"ended with 1: ValueError$"):
        python("raise ValueError('student 4711')").make(REQUEST, limit_s=60.0)
    with pytest.raises(NightFailedError, match="ended with 3: it said nothing"):
        python("import sys; sys.exit(3)").make(REQUEST, limit_s=60.0)


def test_a_process_that_takes_too_long_is_killed() -> None:
    with pytest.raises(NightFailedError, match=r"has not ended within 0\.2 s"):
        python("import signal; signal.pause()").make(REQUEST, limit_s=0.2)


@pytest.mark.parametrize("said", ["", "nonsense", "{}", "[]", '{"report_id": 1}'])
def test_a_process_that_says_something_else_is_not_believed(said: str) -> None:
    with pytest.raises(NightFailedError, match="something else than a report"):
        python(f"print({said!r})").make(REQUEST, limit_s=60.0)
