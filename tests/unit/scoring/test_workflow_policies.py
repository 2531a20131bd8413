"""The workflow, deadlines and routing that a district gets by default, and what a wrong file says."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.unit.scoring.scoring_examples import CALENDAR

from chassis.outbox import UnitOfWork
from chassis.policy import PolicyError
from scoring.domain.tasks import Calendar, Stage, Step
from scoring.entrypoints.policies import PolicyReader, read_policies

#: As packaged.
LEASE = {"hours": 72, "warn_after_hours": 48, "most_open": 5, "expiries": 2, "window_days": 14}
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def reader(directory: str = "") -> PolicyReader:
    found = PolicyReader()
    found.policies = read_policies(SimpleNamespace(policy_dir=directory))
    return found


def test_the_default_rules_are_those_of_the_reference() -> None:
    work = UnitOfWork(district="jcps", cause="test", now=NOW)
    rule, routing = reader().workflow_for(work), reader().routing_for(work)

    assert (rule.lease.length, rule.lease.warn_after) == (timedelta(hours=72), timedelta(hours=48))
    assert (rule.lease.most_open, rule.lease.expiries, rule.lease.window) == (5, 2, timedelta(days=14))
    assert (rule.second.share, rule.second.new_scorer_share, rule.second.near_cut) == (0.1, 0.3, 0.5)
    assert (rule.agreement.adjacent, rule.agreement.cut) == (1, 2.5)
    assert rule.deadlines.days == {
        Stage.FIRST: 10,
        Stage.SECOND: 3,
        Stage.ADJUDICATION: 3,
        Stage.REVIEW: 15,
    }
    assert list(rule.deadlines.steps.values()) == [0.7, 1.0, 1.5]
    assert (rule.review.within_days, rule.review.readers) == (20, 2)
    assert routing.reads_of_student == 2
    before_defenses = datetime(2027, 4, 1, tzinfo=UTC)
    assert rule.deadlines.of(Stage.FIRST, grade="5", since=before_defenses) == 5
    assert rule.deadlines.of(Stage.REVIEW, grade="5", since=before_defenses) == 15
    assert rule.deadlines.of(Stage.FIRST, grade="6", since=before_defenses) == 10


def test_a_district_releases_at_night(tmp_path: Path) -> None:
    packaged = json.loads(
        (Path(read_policies.__code__.co_filename).parents[1] / "policy/workflow.json").read_text()
    )
    write(tmp_path, "workflow", {**packaged[0], "release_time": "02:00"})

    rule = reader(str(tmp_path)).workflow_for(UnitOfWork(district="oldham", cause="test", now=NOW))

    assert rule.release_time == time(2)


@pytest.mark.parametrize(
    ("name", "change", "reason"),
    [
        ("workflow", {"lease": {**LEASE, "warn_after_hours": 72}}, "is not before the end"),
        ("workflow", {"agreement": {"adjacent": 1, "cut": 2.5, "same_side": "both"}}, "same_side"),
        ("deadlines", {"time_zone": "Mars/Olympus"}, "is no IANA time zone"),
        ("deadlines", {"steps": {"nudge": 1, "on_call": 0.5, "incident": 2}}, "do not follow one another"),
        ("deadlines", {"closed": [{"first": "2026-12-02", "last": "2026-12-01"}]}, "is before the first"),
        ("deadlines", {"days": {"first": 10}}, "days"),
        ("routing", {"roles": []}, "roles"),
    ],
)  # fmt: skip
def test_a_wrong_file_stops_the_start(tmp_path: Path, name: str, change: dict[str, Any], reason: str) -> None:
    folder = Path(read_policies.__code__.co_filename).parents[1] / "policy"
    packaged = json.loads((folder / f"{name}.json").read_text())
    write(tmp_path, name, {**packaged[0], **change})

    with pytest.raises(PolicyError, match=reason):
        reader(str(tmp_path))


def test_school_days_leave_out_weekends_and_holidays_and_keep_the_hour() -> None:
    friday = datetime(2026, 11, 20, 15, tzinfo=UTC)

    assert CALENDAR.after(friday, 1) == datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert CALENDAR.after(friday, 4) == datetime(2026, 11, 30, 15, tzinfo=UTC)
    assert CALENDAR.after(friday, 0.5) == datetime(2026, 11, 21, 3, tzinfo=UTC)
    # Saturday and Sunday are no time at all.
    saturday = datetime(2026, 11, 21, 15, tzinfo=UTC)
    assert CALENDAR.after(saturday, 1) == datetime(2026, 11, 24, 5, tzinfo=UTC)
    # The clocks go back on November 1st.
    october = datetime(2026, 10, 30, 14, tzinfo=UTC)
    assert CALENDAR.after(october, 1) == datetime(2026, 11, 2, 15, tzinfo=UTC)
    never = Calendar(time_zone="UTC", weekdays=frozenset(), closed=frozenset({date(2026, 1, 1)}))
    with pytest.raises(ValueError, match="no school days"):
        never.after(friday, 1)
    assert list(Step) == [Step.NUDGE, Step.ON_CALL, Step.INCIDENT]


def write(folder: Path, name: str, version: dict[str, Any]) -> None:
    path = folder / "oldham" / f"{name}.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps([version]))
